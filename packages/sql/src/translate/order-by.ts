import type { SortKey } from '@millrace/core';
import { toOperand } from './operand.ts';
import type { Translation } from './translation.ts';

/**
 * The ORDER BY clause with a leading space, empty for no keys; undefined unless every key sorts at the source as in the engine, by
 * itself or by its bytes.
 */
export function toOrderBy(keys: readonly SortKey[], translation: Translation): string | undefined {
  const texts: string[] = [];
  for (const { expr, descending, nullsFirst } of keys) {
    // A literal orders nothing, and a bare number would be taken for the place of a column.
    if (expr.kind === 'literal') continue;
    const operand = toOperand(expr, translation);
    if (operand === undefined) return undefined;
    const { order, asBytes } = operand.semantics;
    const sql = order === 'same' ? operand.sql : asBytes?.(operand.sql);
    if (sql === undefined) return undefined;
    texts.push(translation.dialect.sortKey({ sql, descending, nullsFirst }));
  }
  return texts.length === 0 ? '' : ` ORDER BY ${texts.join(', ')}`;
}
