import type { LiteralLike } from '@millrace/arrow';
import type { SortKey } from '@millrace/core';
import { compareValues } from './compare-values.ts';
import { evaluate, type RowValues } from './evaluate.ts';

/** The values of the keys of one row. */
export function sortValues(keys: readonly SortKey[], row: RowValues): readonly LiteralLike[] {
  return keys.map(({ expr }) => evaluate(expr, row));
}

/** Orders two rows by the values of their keys, as the keys say. */
export function compareSortValues(
  keys: readonly SortKey[],
  left: readonly LiteralLike[],
  right: readonly LiteralLike[],
): number {
  for (const [index, { expr, descending, nullsFirst }] of keys.entries()) {
    const a = left[index] ?? null;
    const b = right[index] ?? null;
    if (a === null || b === null) {
      if (a === b) continue;
      return (a === null) === nullsFirst ? -1 : 1;
    }
    const order = compareValues(a, expr.type, b, expr.type);
    if (order !== 0) return descending ? -order : order;
  }
  return 0;
}
