import type { CheckContext } from './check-context.ts';

/** The chapters, in their order. */
export const CHAPTERS = {
  identity: 'Identity, parameters, lifecycle',
  catalog: 'Catalog and schema',
  scan: 'Scans',
  types: 'Types',
  filters: 'Filters',
  stages: 'Limit, order, aggregates, statistics',
  faults: 'Cancellation, faults, retries',
  sql: 'SQL through an engine',
} as const;

export type Chapter = keyof typeof CHAPTERS;

/** One rule that every connector keeps (or, with another context, every accelerator), as data. */
export interface Check<Context = CheckContext, Group extends string = Chapter> {
  /** Stable, `chapter/what-is-true`. */
  readonly id: string;
  /** Number in the contract's list of checks; several checks may share one. */
  readonly number: number;
  readonly chapter: Group;
  /** What is true of a plugin that passes. */
  readonly title: string;
  /** What to change in one that does not. */
  readonly fix: string;
  /** Longest time that the check may take, in milliseconds; default 180 seconds. */
  readonly timeoutMs?: number;
  /** @throws ConformanceFailure where the rule is broken, SkippedCheck where it does not apply; anything else is a failure as well. */
  run(context: Context): Promise<void>;
}

/** Several checks of one chapter, written without repeating it. */
export function defineChecks(chapter: Chapter, checks: readonly Omit<Check, 'chapter'>[]): readonly Check[] {
  return checks.map((check) => ({ ...check, id: `${chapter}/${check.id}`, chapter }));
}
