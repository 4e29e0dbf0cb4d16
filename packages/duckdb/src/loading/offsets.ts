import { TypeId } from '@millrace/core';
import { type ColumnSource, columnError } from './column-source.ts';

/** The `count + 1` offsets of rows from `start` on: rising, and none beyond what they point into. */
export type ReadOffsets = (start: number, count: number) => Int32Array | Float64Array;

/**
 * Reads the offsets of a list, map, text or binary column, and checks them, as wrong ones would read foreign memory.
 *
 * @param end what the offsets point into: the number of bytes, or of child rows.
 */
export function createOffsetReader({ column, path }: Pick<ColumnSource, 'column' | 'path'>, end: number): ReadOffsets {
  const offsets = column.valueOffsets;
  if (column.type.typeId === TypeId.FixedSizeBinary) {
    return fixedOffsets(column.type.byteWidth ?? 0);
  }
  if (column.length === 0) {
    // Arrow allows an empty buffer of offsets where there are no rows.
    return (_start, count) => new Int32Array(count + 1);
  }
  if (offsets === undefined || offsets.length < column.length + 1) {
    throw columnError(path, 'has fewer offsets than rows');
  }
  return (start, count) => {
    const run =
      offsets instanceof BigInt64Array ? toDoubles(offsets, start, count) : offsets.subarray(start, start + count + 1);
    let previous = 0;
    for (let index = 0; index <= count; index++) {
      const offset = run[index] as number;
      if (offset < previous) {
        throw columnError(path, `has falling offsets at position ${start + index}`);
      }
      previous = offset;
    }
    if (previous > end) {
      throw columnError(path, `has offsets beyond its values at position ${start + count}`);
    }
    return run;
  };
}

function fixedOffsets(byteWidth: number): ReadOffsets {
  return (start, count) => Float64Array.from({ length: count + 1 }, (_, index) => (start + index) * byteWidth);
}

function toDoubles(offsets: BigInt64Array, start: number, count: number): Float64Array {
  const run = new Float64Array(count + 1);
  for (let index = 0; index <= count; index++) {
    run[index] = Number(offsets[start + index]);
  }
  return run;
}
