import { createColumnBuilder, createValueReader } from '@millrace/arrow';
import type { ColumnData } from '@millrace/core';

/** The rows of a column that `rows` names, in that order and as often. */
export function gatherRows(column: ColumnData, rows: Int32Array): ColumnData {
  const builder = createColumnBuilder(column.type, rows.length);
  const read = createValueReader(column);
  for (const row of rows) {
    builder.append(read(row));
  }
  return builder.finish();
}

/** Columns of one type as one; undefined where there are none, or none has rows. */
export function joinColumns(columns: readonly ColumnData[]): ColumnData | undefined {
  const filled = columns.filter((column) => column.length > 0);
  const [first] = filled;
  if (first === undefined || filled.length === 1) {
    return first;
  }
  const builder = createColumnBuilder(first.type);
  for (const column of filled) {
    const read = createValueReader(column);
    for (let row = 0; row < column.length; row++) {
      builder.append(read(row));
    }
  }
  return builder.finish();
}
