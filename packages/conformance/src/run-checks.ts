import type { Check } from './check.ts';
import { CONNECTOR_CHECKS } from './connector-checks.ts';
import { createSharedContext } from './create-context.ts';
import { type CheckOutcome, runCheck } from './run-check.ts';
import type { ConnectorSuite } from './suite.ts';

/** The result of a run, check by check. */
export interface ConformanceReport {
  readonly name: string;
  readonly results: readonly { readonly check: Check; readonly outcome: CheckOutcome }[];
}

/** Runs checks without a test runner; all of them unless some are chosen by id. */
export async function runConnectorChecks(suite: ConnectorSuite, ids?: readonly string[]): Promise<ConformanceReport> {
  const unknown = ids?.find((id) => !CONNECTOR_CHECKS.some((check) => check.id === id));
  if (unknown !== undefined) throw new TypeError(`there is no check ${unknown}`);
  const results: { check: Check; outcome: CheckOutcome }[] = [];
  await using shared = await createSharedContext(suite);
  for (const check of CONNECTOR_CHECKS) {
    if (ids?.includes(check.id) === false) continue;
    results.push({ check, outcome: await runCheck(check, shared, suite.waivers?.[check.id]) });
  }
  return { name: suite.name, results };
}
