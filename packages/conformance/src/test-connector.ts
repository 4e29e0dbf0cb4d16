import { CHAPTERS, type Chapter, type Check } from './check.ts';
import { CONNECTOR_CHECKS } from './connector-checks.ts';
import { createSharedContext, type SharedContext } from './create-context.ts';
import { runCheck } from './run-check.ts';
import type { ConnectorSuite } from './suite.ts';
import { TIME_ZONES, withTimeZone } from './with-time-zone.ts';

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

/** Checks whose outcome could depend on the zone of the process. */
const ZONED: ReadonlySet<string> = new Set([
  'types/low-and-high-values',
  'types/date',
  'types/time',
  'types/timestamp',
  'types/timestamp-with-zone',
  'filters/dates-and-timestamps',
  'sql/time',
]);

/**
 * Defines one test for each check, grouped in chapters; those about times run again under each of {@link TIME_ZONES}. Checks that do
 * not apply are skipped with a reason, which is printed as well.
 */
export function testConnector({ runner, ...suite }: TestConnectorRequest): void {
  const wrong = Object.keys(suite.waivers ?? {}).find((id) => !CONNECTOR_CHECKS.some((check) => check.id === id));
  if (wrong !== undefined) throw new TypeError(`there is no check ${wrong} to waive`);
  runner.describe(`${suite.name} conforms`, () => {
    const run = defineRun(runner, suite, (work) => work());
    for (const chapter of Object.keys(CHAPTERS) as Chapter[])
      runner.describe(CHAPTERS[chapter], () => {
        for (const check of CONNECTOR_CHECKS) if (check.chapter === chapter) run(check);
      });
  });
  for (const timeZone of TIME_ZONES)
    runner.describe(`${suite.name} conforms with TZ=${timeZone}`, () => {
      const name = `${suite.name} with TZ=${timeZone}`;
      const run = defineRun(runner, { ...suite, name }, (work) => withTimeZone(timeZone, work));
      for (const check of CONNECTOR_CHECKS) if (ZONED.has(check.id)) run(check);
    });
}

/** Prepares one run with a subject of its own, opened by its first test; gives what defines a test of it. */
function defineRun(
  { test, afterAll }: TestRunner,
  suite: ConnectorSuite,
  within: <T>(work: () => Promise<T>) => Promise<T>,
): (check: Check) => void {
  let opening: Promise<SharedContext> | undefined;
  const skipped: string[] = [];
  afterAll(async () => {
    if (skipped.length > 0) console.info(`${suite.name}: skipped\n${skipped.map((line) => `  ${line}`).join('\n')}`);
    const opened = await opening?.catch(() => undefined);
    await opened?.[Symbol.asyncDispose]();
  });
  return (check) => {
    test(`${check.title} [${check.id}]`, { timeout: check.timeoutMs ?? DEFAULT_TIMEOUT_MS }, async (handle) => {
      const outcome = await within(async () => {
        opening ??= createSharedContext(suite);
        return runCheck(check, await opening, suite.waivers?.[check.id]);
      });
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
}
