import { type ColumnData, type DataType, FloatPrecision, IntervalUnit, type IntervalValue } from '@millrace/core';
import { fromHalfBits } from '../values/half-float.ts';

/** Reads the numbers of an int or float column of any width; 64-bit ones are bigint. */
export function createNumberReader(column: ColumnData): (row: number) => number | bigint {
  const { type } = column;
  const values = column.values as unknown as ArrayLike<number | bigint>;
  if (isHalfFloat(type)) return (row) => fromHalfBits(Number(values[row]));
  return (row) => values[row] as number | bigint;
}

/** Reads the whole numbers of a time, timestamp, duration or date as bigint, whatever their width. */
export function createCountReader(column: ColumnData): (row: number) => bigint {
  const values = column.values as unknown as ArrayLike<number | bigint>;
  if ((column.values as unknown as { readonly BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT === 8) {
    return (row) => values[row] as bigint;
  }
  return (row) => BigInt(values[row] as number);
}

/** Reads intervals of every unit in the one form of core. */
export function createIntervalReader(column: ColumnData): (row: number) => IntervalValue {
  const words = column.values as Int32Array;
  switch (column.type.unit) {
    case IntervalUnit.YearMonth:
      return (row) => ({ months: words[row] ?? 0, days: 0, nanoseconds: 0n });
    case IntervalUnit.DayTime:
      return (row) => ({
        months: 0,
        days: words[row * 2] ?? 0,
        nanoseconds: BigInt(words[row * 2 + 1] ?? 0) * 1_000_000n,
      });
    default:
      return (row) => ({
        months: words[row * 4] ?? 0,
        days: words[row * 4 + 1] ?? 0,
        nanoseconds: (BigInt(words[row * 4 + 3] ?? 0) << 32n) | BigInt((words[row * 4 + 2] ?? 0) >>> 0),
      });
  }
}

function isHalfFloat(type: DataType): boolean {
  return type.precision === FloatPrecision.Half;
}
