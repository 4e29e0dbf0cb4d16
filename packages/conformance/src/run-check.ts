import type { Check } from './check.ts';
import { ConformanceFailure, SkippedCheck } from './failure.ts';

/** How one check ended. */
export type CheckOutcome =
  | { readonly kind: 'passed'; readonly notes: readonly string[] }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'waived'; readonly reason: string; readonly failure: string }
  | { readonly kind: 'failed'; readonly error: ConformanceFailure };

/** One run: what its checks share. */
export interface CheckRun<Context> extends AsyncDisposable {
  /** The context of one check; disposing it closes what the check opened. */
  forCheck(check: Pick<Check<Context, string>, 'id' | 'fix'>): CheckScope<Context>;
}

/** The context of one check, and what it said. */
export interface CheckScope<Context> extends AsyncDisposable {
  readonly context: Context;
  readonly notes: readonly string[];
}

/** Runs one check, and turns whatever it throws into an outcome. */
export async function runCheck<Context>(
  check: Check<Context, string>,
  run: CheckRun<Context>,
  waiver?: string,
): Promise<CheckOutcome> {
  await using scope = run.forCheck(check);
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

function toFailure(check: { readonly title: string; readonly fix: string }, error: unknown): ConformanceFailure {
  if (error instanceof ConformanceFailure) return error;
  const found = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new ConformanceFailure({ expected: check.title, found, fix: check.fix }, { cause: error });
}
