import type { AccelerationMode } from '@millrace/core';
import { type ConformanceReport, chooseChecks, collectOutcomes } from '../run-checks.ts';
import type { AcceleratorCheck } from './accelerator-check.ts';
import { ACCELERATOR_CHECKS } from './accelerator-checks.ts';
import type { AcceleratorSuite } from './accelerator-suite.ts';
import { createAcceleratorContext } from './create-accelerator-context.ts';

/** What to run, and where the tables live. */
export interface AcceleratorRun {
  readonly mode: AccelerationMode;
  /** Default: all checks. */
  readonly ids?: readonly string[];
}

/** Runs checks in one mode without a test runner. */
export async function runAcceleratorChecks(
  suite: AcceleratorSuite,
  { mode, ids }: AcceleratorRun,
): Promise<ConformanceReport<AcceleratorCheck>> {
  const checks = chooseChecks(ACCELERATOR_CHECKS, ids);
  await using run = await createAcceleratorContext(suite, mode);
  return { name: `${suite.name} (${mode})`, results: await collectOutcomes(checks, run, suite.waivers?.[mode]) };
}
