import { CHAPTERS, type Chapter, type Check } from './check.ts';
import { CONNECTOR_CHECKS } from './connector-checks.ts';
import { createSharedContext, type SharedContext } from './create-context.ts';
import { runCheck } from './run-check.ts';
import type { ConnectorSuite } from './suite.ts';

/** The part of a test runner that the suite uses: `import * as vitest from 'vitest'`, or `node:test` with its `after` as `afterAll`. */
export interface TestRunner {
  describe(name: string, define: () => void): unknown;
  test(name: string, options: { readonly timeout: number }, run: (test: TestHandle) => Promise<void>): unknown;
  afterAll(close: () => Promise<void>): unknown;
}

/** A running test. */
export interface TestHandle {
  skip(reason?: string): void;
}

/** A suite and the runner that runs it. */
export interface TestConnectorRequest extends ConnectorSuite {
  readonly runner: TestRunner;
}

const DEFAULT_TIMEOUT_MS = 60_000;

/**
 * Defines one test for each check, grouped in chapters. Checks that do not apply are skipped with a reason, which is printed as well.
 */
export function testConnector({ runner, ...suite }: TestConnectorRequest): void {
  const { describe, test, afterAll } = runner;
  const wrong = Object.keys(suite.waivers ?? {}).find((id) => !CONNECTOR_CHECKS.some((check) => check.id === id));
  if (wrong !== undefined) throw new TypeError(`there is no check ${wrong} to waive`);
  describe(`${suite.name} conforms`, () => {
    let opening: Promise<SharedContext> | undefined;
    const skipped: string[] = [];
    afterAll(async () => {
      if (skipped.length > 0) console.info(`${suite.name}: skipped\n${skipped.map((line) => `  ${line}`).join('\n')}`);
      await (await opening)?.[Symbol.asyncDispose]();
    });
    const define = (check: Check): void => {
      test(`${check.title} [${check.id}]`, { timeout: check.timeoutMs ?? DEFAULT_TIMEOUT_MS }, async (handle) => {
        opening ??= createSharedContext(suite);
        const outcome = await runCheck(check, await opening, suite.waivers?.[check.id]);
        if (outcome.kind === 'failed') throw outcome.error;
        if (outcome.kind === 'passed') {
          for (const note of outcome.notes) console.info(`${suite.name} ${check.id}: ${note}`);
          return;
        }
        const reason = outcome.kind === 'waived' ? `waived: ${outcome.reason}` : outcome.reason;
        skipped.push(`${check.id}: ${reason}`);
        handle.skip(reason);
      });
    };
    for (const chapter of Object.keys(CHAPTERS) as Chapter[])
      describe(CHAPTERS[chapter], () => {
        for (const check of CONNECTOR_CHECKS) if (check.chapter === chapter) define(check);
      });
  });
}
