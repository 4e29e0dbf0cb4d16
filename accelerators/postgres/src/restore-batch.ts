import { createBatchRestorer, type Restore, rebuildColumn, unpackColumn } from '@millrace/acceleration';
import {
  type ColumnData,
  type DataType,
  type Field,
  FloatPrecision,
  IntervalUnit,
  type RecordBatch,
  type Schema,
  TypeId,
} from '@millrace/core';
import { storedTypeOf } from './stored-type.ts';

/** Creates what turns batches as they are read into batches of the table's own types. */
export function restoreBatches(schema: Schema): (batch: RecordBatch) => RecordBatch {
  return createBatchRestorer(schema, restorerOf);
}

function restorerOf({ type }: Field): Restore {
  if (storedTypeOf(type)?.isPacked === true) return (column) => unpackColumn(type, column);
  switch (type.typeId) {
    case TypeId.Int:
      return restoreInteger(type);
    case TypeId.Float:
      return type.precision === FloatPrecision.Half
        ? (column) => ({ ...column, type, values: Uint16Array.from(column.values as Int32Array) })
        : (column) => ({ ...column, type });
    case TypeId.Decimal:
      return storedTypeOf(type)?.form === undefined
        ? (column) => ({ ...withoutOffsets(column), type, values: words(fixedBytes(column, decimalBytes(type))) })
        : (column) => ({ ...column, type });
    case TypeId.FixedSizeBinary:
      return (column) => ({ ...withoutOffsets(column), type, values: fixedBytes(column, type.byteWidth ?? 0) });
    case TypeId.Interval:
      return (column) => {
        const { buffer } = fixedBytes(column, intervalBytes(type));
        return { ...withoutOffsets(column), type, values: new Int32Array(buffer) };
      };
    case TypeId.Dictionary:
      return (column) => rebuildColumn(type, column);
    case TypeId.LargeUtf8:
    case TypeId.LargeBinary:
      return (column) => ({
        ...column,
        type,
        valueOffsets: BigInt64Array.from(column.valueOffsets as Int32Array, BigInt),
      });
    default:
      return (column) => ({ ...column, type });
  }
}

function restoreInteger(type: DataType): Restore {
  const { bitWidth = 64, isSigned = true } = type;
  switch (bitWidth) {
    case 8:
      return isSigned
        ? (column) => ({ ...column, type, values: Int8Array.from(column.values as Int16Array) })
        : (column) => ({ ...column, type, values: Uint8Array.from(column.values as Int16Array) });
    case 16:
      if (isSigned) break;
      return (column) => ({ ...column, type, values: Uint16Array.from(column.values as Int32Array) });
    case 32:
      if (isSigned) break;
      return (column) => ({ ...column, type, values: lowLanes(column, 2) });
    case 64: {
      if (isSigned) break;
      return (column) => {
        const { buffer } = lanesOf(column, { from: 4, taken: 2 });
        return { ...column, type, values: new BigUint64Array(buffer) };
      };
    }
    default:
      break;
  }
  return (column) => ({ ...column, type });
}

function lowLanes(column: ColumnData, from: number): Uint32Array<ArrayBuffer> {
  return lanesOf(column, { from, taken: 1 });
}

/** The lowest lanes of each value. */
function lanesOf(
  { values, length }: ColumnData,
  { from, taken }: { readonly from: number; readonly taken: number },
): Uint32Array<ArrayBuffer> {
  const given = values as Int32Array | Uint32Array;
  const lanes = new Uint32Array(length * taken);
  for (let row = 0; row < length; row++)
    for (let lane = 0; lane < taken; lane++) lanes[row * taken + lane] = given[row * from + lane]!;
  return lanes;
}

/** Bytes of one width a row; those of nulls are zeros. */
function fixedBytes({ length, values, valueOffsets }: ColumnData, width: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length * width);
  const given = values as Uint8Array;
  const offsets = valueOffsets as Int32Array;
  for (let row = 0; row < length; row++) bytes.set(given.subarray(offsets[row]!, offsets[row + 1]!), row * width);
  return bytes;
}

function words({ buffer }: Uint8Array<ArrayBuffer>): Uint32Array {
  return new Uint32Array(buffer);
}

function withoutOffsets({ valueOffsets: _, ...column }: ColumnData): ColumnData {
  return column;
}

function decimalBytes({ bitWidth }: DataType): number {
  return bitWidth === 256 ? 32 : 16;
}

function intervalBytes({ unit }: DataType): number {
  return unit === IntervalUnit.YearMonth ? 4 : unit === IntervalUnit.DayTime ? 8 : 16;
}
