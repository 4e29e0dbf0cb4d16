import type { Check } from '../check.ts';
import type { AcceleratorContext } from './accelerator-context.ts';

/** The chapters of an accelerator's checks, in their order. */
export const ACCELERATOR_CHAPTERS = {
  table: 'Tables and types',
  refresh: 'Full refresh',
  append: 'Append refresh',
  changes: 'Refresh by changes',
  conflict: 'Keys, indexes and conflicts',
  files: 'Files',
  queries: 'Queries over accelerated tables',
} as const;

export type AcceleratorChapter = keyof typeof ACCELERATOR_CHAPTERS;

/** One rule that every accelerator keeps, as data. */
export type AcceleratorCheck = Check<AcceleratorContext, AcceleratorChapter>;

/** Several checks of one chapter, written without repeating it. */
export function defineAcceleratorChecks(
  chapter: AcceleratorChapter,
  checks: readonly Omit<AcceleratorCheck, 'chapter'>[],
): readonly AcceleratorCheck[] {
  return checks.map((check) => ({ ...check, id: `${chapter}/${check.id}`, chapter }));
}
