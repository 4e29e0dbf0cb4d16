import { createBatchRestorer, type Restore, rebuildColumn, unpackColumn } from '@millrace/acceleration';
import { type Field, type RecordBatch, type Schema, TypeId } from '@millrace/core';
import { storedTypeOf } from './stored-type.ts';

/** Creates what turns batches as they are read into batches of the table's own types. */
export function restoreBatches(schema: Schema): (batch: RecordBatch) => RecordBatch {
  return createBatchRestorer(schema, restorerOf);
}

function restorerOf({ type }: Field): Restore {
  if (storedTypeOf(type)?.isPacked === true) return (column) => unpackColumn(type, column);
  switch (type.typeId) {
    case TypeId.Dictionary:
      return (column) => rebuildColumn(type, column);
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
