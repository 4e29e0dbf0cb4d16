import { createColumnBuilder, createLiteralReader, unpackValue } from '@millrace/arrow';
import { type ColumnData, type Field, type RecordBatch, type Schema, TypeId } from '@millrace/core';
import { storedTypeOf } from './stored-type.ts';

/** Turns a column as it was packed into one of its own type. */
type Restore = (column: ColumnData) => ColumnData;

/** Creates what turns batches as they are read into batches of the table's own types. */
export function createBatchRestorer(schema: Schema): (batch: RecordBatch) => RecordBatch {
  const restorers = schema.fields.map(restorerOf);
  return ({ numRows, data }) => ({
    schema,
    numRows,
    data: { children: data.children.map((column, index) => restorers[index]!(column)) },
  });
}

function restorerOf({ type }: Field): Restore {
  if (storedTypeOf(type)?.isPacked === true) {
    return (column) => {
      const read = createLiteralReader(column);
      const builder = createColumnBuilder(type, column.length);
      for (let row = 0; row < column.length; row++) {
        const bytes = read(row) as Uint8Array | null;
        builder.append(bytes === null ? null : unpackValue(bytes));
      }
      return builder.finish();
    };
  }
  switch (type.typeId) {
    case TypeId.Dictionary:
      return (column) => {
        const read = createLiteralReader(column);
        const builder = createColumnBuilder(type, column.length);
        for (let row = 0; row < column.length; row++) builder.append(read(row));
        return builder.finish();
      };
    case TypeId.LargeUtf8:
    case TypeId.LargeBinary:
      return (column) => ({
        ...column,
        type,
        valueOffsets: BigInt64Array.from(column.valueOffsets as Int32Array, BigInt),
      });
    case TypeId.Interval:
      return (column) => {
        const { buffer, byteOffset, byteLength } = column.values as Uint8Array;
        return { ...column, type, values: new Int32Array(buffer, byteOffset, byteLength / 4) };
      };
    default:
      return (column) => ({ ...column, type });
  }
}
