import type { Check } from './check.ts';
import type { SharedContext } from './create-context.ts';
import { ConformanceFailure, SkippedCheck } from './failure.ts';

/** How one check ended. */
export type CheckOutcome =
  | { readonly kind: 'passed'; readonly notes: readonly string[] }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'waived'; readonly reason: string; readonly failure: string }
  | { readonly kind: 'failed'; readonly error: ConformanceFailure };

/** Runs one check, and turns whatever it throws into an outcome. */
export async function runCheck(check: Check, shared: SharedContext, waiver?: string): Promise<CheckOutcome> {
  await using scope = shared.forCheck(check);
  try {
    await check.run(scope.context);
  } catch (error) {
    if (error instanceof SkippedCheck) return { kind: 'skipped', reason: error.message };
    const failure = toFailure(check, error);
    return waiver === undefined
      ? { kind: 'failed', error: failure }
      : { kind: 'waived', reason: waiver, failure: failure.message };
  }
  if (waiver === undefined) return { kind: 'passed', notes: scope.notes };
  const details = {
    expected: `a failure, as it is waived: ${waiver}`,
    found: 'that it passes',
    fix: 'Remove the waiver.',
  };
  return { kind: 'failed', error: new ConformanceFailure(details) };
}

function toFailure(check: Check, error: unknown): ConformanceFailure {
  if (error instanceof ConformanceFailure) return error;
  const found = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new ConformanceFailure({ expected: check.title, found, fix: check.fix }, { cause: error });
}
