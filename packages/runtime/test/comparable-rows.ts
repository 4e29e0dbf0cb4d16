import type { RowValue } from '@millrace/arrow';

/** Rows in an order of their own: where a query leaves ties open, the engine may answer in any. */
export function comparable(rows: readonly (readonly RowValue[])[]): readonly string[] {
  return rows.map((row) => row.map(approximate).join(' | ')).sort();
}

/** Averages are floating point and depend on the order of addition in the last digits. */
function approximate(value: RowValue): string {
  return typeof value === 'number' && !Number.isInteger(value) ? value.toPrecision(10) : String(value);
}
