import { createColumnBuilder } from '@millrace/arrow';
import type { ColumnData, DataType } from '@millrace/core';
import type { Value } from './expression/compiled.ts';

/** Builds a column from values in the form of literals. @throws MillraceError `invalid_data` for a value out of the type's range. */
export function columnFromValues(type: DataType, rowCount: number, valueAt: (row: number) => Value): ColumnData {
  const builder = createColumnBuilder(type, rowCount);
  for (let row = 0; row < rowCount; row++) builder.append(valueAt(row));
  return builder.finish();
}
