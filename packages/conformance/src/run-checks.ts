import type { Check } from './check.ts';
import { CONNECTOR_CHECKS } from './connector-checks.ts';
import { createSharedContext } from './create-context.ts';
import { type CheckOutcome, type CheckRun, runCheck } from './run-check.ts';
import type { ConnectorSuite } from './suite.ts';

/** The result of a run, check by check. */
export interface ConformanceReport<C = Check> {
  readonly name: string;
  readonly results: readonly { readonly check: C; readonly outcome: CheckOutcome }[];
}

/** Runs checks without a test runner; all of them unless some are chosen by id. */
export async function runConnectorChecks(suite: ConnectorSuite, ids?: readonly string[]): Promise<ConformanceReport> {
  const checks = chooseChecks(CONNECTOR_CHECKS, ids);
  await using shared = await createSharedContext(suite);
  return { name: suite.name, results: await collectOutcomes(checks, shared, suite.waivers) };
}

/** The checks with these ids in their own order; all of them where none are given. */
export function chooseChecks<C extends { readonly id: string }>(
  checks: readonly C[],
  ids: readonly string[] | undefined,
): readonly C[] {
  const unknown = ids?.find((id) => !checks.some((check) => check.id === id));
  if (unknown !== undefined) throw new TypeError(`there is no check ${unknown}`);
  return ids === undefined ? checks : checks.filter(({ id }) => ids.includes(id));
}

/** Runs checks one after the other. */
export async function collectOutcomes<Context, C extends Check<Context, string>>(
  checks: readonly C[],
  run: CheckRun<Context>,
  waivers: Readonly<Record<string, string>> | undefined,
): Promise<ConformanceReport<C>['results']> {
  const results: { check: C; outcome: CheckOutcome }[] = [];
  for (const check of checks) results.push({ check, outcome: await runCheck(check, run, waivers?.[check.id]) });
  return results;
}
