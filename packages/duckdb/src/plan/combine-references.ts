import type { Expr } from '@millrace/core';
import { predicate } from './comparison.ts';
import { expressionKey } from './expression-key.ts';

/** Beyond this many different references the OR costs a source more than it saves. */
const MAX_BRANCHES = 32;

/**
 * Combines the filters of all references to one table into the filter of its one scan: the OR over the references of the
 * AND of each one's conjuncts, with the conjuncts that all of them share taken out.
 *
 * A reference without filters needs every row, so the result is empty then.
 */
export function combineFilters(references: readonly (readonly Expr[])[]): readonly Expr[] {
  const branches = references.map((filters) => new Map(filters.map((filter) => [expressionKey(filter), filter])));
  const [first, ...others] = branches;
  if (first === undefined) return [];
  const shared = [...first].filter(([key]) => others.every((branch) => branch.has(key)));
  const sharedFilters = shared.map(([, filter]) => filter);
  const sharedKeys = new Set(shared.map(([key]) => key));
  const rests = new Map<string, readonly Expr[]>();
  for (const branch of branches) {
    const rest = [...branch].filter(([key]) => !sharedKeys.has(key));
    rests.set(
      rest
        .map(([key]) => key)
        .sort()
        .join('\n'),
      rest.map(([, filter]) => filter),
    );
  }
  if (rests.has('') || rests.size > MAX_BRANCHES) return sharedFilters;
  return [...sharedFilters, predicate('or', [...rests.values()].map(conjunctionOf))];
}

function conjunctionOf(filters: readonly Expr[]): Expr {
  const [only] = filters;
  return filters.length === 1 && only !== undefined ? only : predicate('and', filters);
}
