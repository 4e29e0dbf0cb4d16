import type { Check } from './check.ts';
import { type CheckRun, runCheck } from './run-check.ts';

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

/** Tests to define: one for each check of one run. */
export interface TestPlan<Context, Group extends string> {
  readonly runner: TestRunner;
  /** For what is printed. */
  readonly name: string;
  /** Of the group of all tests. */
  readonly title: string;
  /** Titles of the groups within; without them the tests stand side by side. */
  readonly chapters?: Readonly<Record<Group, string>>;
  readonly checks: readonly Check<Context, Group>[];
  readonly waivers?: Readonly<Record<string, string>> | undefined;
  /** Called by the first test. */
  open(): Promise<CheckRun<Context>>;
  /** Surrounds each test. Default: nothing. */
  within?<T>(work: () => Promise<T>): Promise<T>;
}

const DEFAULT_TIMEOUT_MS = 180_000;

/** Defines the tests of a run; checks that do not apply are skipped with a reason, which is printed as well. */
export function defineTests<Context, Group extends string>(plan: TestPlan<Context, Group>): void {
  const { runner, title, chapters, checks } = plan;
  runner.describe(title, () => {
    const define = prepareRun(plan);
    if (chapters === undefined) for (const check of checks) define(check);
    else
      for (const chapter of Object.keys(chapters) as Group[]) {
        const members = checks.filter((check) => check.chapter === chapter);
        if (members.length > 0)
          runner.describe(chapters[chapter], () => {
            for (const check of members) define(check);
          });
      }
  });
}

/** @throws TypeError for a waiver of a check that there is not. */
export function requireKnownWaivers(
  checks: readonly { readonly id: string }[],
  waivers: Readonly<Record<string, string>> = {},
): void {
  const wrong = Object.keys(waivers).find((id) => !checks.some((check) => check.id === id));
  if (wrong !== undefined) throw new TypeError(`there is no check ${wrong} to waive`);
}

/** Prepares one run with a subject of its own, opened by its first test; gives what defines a test of it. */
function prepareRun<Context, Group extends string>(
  plan: TestPlan<Context, Group>,
): (check: Check<Context, Group>) => void {
  const { runner, name, waivers, within = (work) => work() } = plan;
  let opening: Promise<CheckRun<Context>> | undefined;
  const skipped: string[] = [];
  runner.afterAll(async () => {
    if (skipped.length > 0) console.info(`${name}: skipped\n${skipped.map((line) => `  ${line}`).join('\n')}`);
    const opened = await opening?.catch(() => undefined);
    await opened?.[Symbol.asyncDispose]();
  });
  return (check) => {
    const timeout = check.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    runner.test(`${check.title} [${check.id}]`, { timeout }, async (handle) => {
      const outcome = await within(async () => {
        opening ??= plan.open();
        return runCheck(check, await opening, waivers?.[check.id]);
      });
      if (outcome.kind === 'failed') throw outcome.error;
      if (outcome.kind === 'passed') {
        for (const note of outcome.notes) console.info(`${name} ${check.id}: ${note}`);
        return;
      }
      const reason = outcome.kind === 'waived' ? `waived: ${outcome.reason}` : outcome.reason;
      skipped.push(`${check.id}: ${reason}`);
      handle.skip(reason);
    });
  };
}
