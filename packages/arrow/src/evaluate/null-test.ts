import { type ColumnData, TypeId } from '@millrace/core';
import { createLiteralReader } from '../read/literal-reader.ts';

/** Prepares the test whether a row of a column is null, without decoding the value. */
export function createNullTest(column: ColumnData): (row: number) => boolean {
  switch (column.type.typeId) {
    case TypeId.Null:
      return () => true;
    case TypeId.Union:
    case TypeId.Dictionary: {
      const read = createLiteralReader(column);
      return (row) => read(row) === null;
    }
    default: {
      const { nullBitmap, offset } = column;
      if (nullBitmap === undefined || nullBitmap === null || nullBitmap.byteLength === 0 || column.nullCount === 0)
        return () => false;
      return (row) => ((nullBitmap[(offset + row) >> 3]! >> ((offset + row) & 7)) & 1) === 0;
    }
  }
}
