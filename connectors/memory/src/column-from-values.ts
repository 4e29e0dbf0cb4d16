import { createColumnBuilder, type LiteralLike } from '@millrace/arrow';
import type { ColumnData, DataType } from '@millrace/core';

/** Builds a column from values in the form of literals. @throws MillraceError `invalid_data` for a value out of the type's range. */
export function columnFromValues(type: DataType, rowCount: number, valueAt: (row: number) => LiteralLike): ColumnData {
  const builder = createColumnBuilder(type, rowCount);
  for (let row = 0; row < rowCount; row++) builder.append(valueAt(row));
  return builder.finish();
}
