import { FloatPrecision } from '@millrace/core';
import { type ColumnSource, columnError, type WriteRows } from './column-source.ts';
import { checkedBytes, copyRange, copyToVector, valueBytes } from './raw-vector.ts';
import { scratchBytes } from './scratch.ts';
import { visibleRows, writeMask } from './validity.ts';

/** Copies values that DuckDB stores as Arrow does, with one call a chunk. */
export function createCopyWriter({ column, path }: ColumnSource, byteWidth: number): WriteRows {
  const bytes = valueBytes(column, byteWidth, path);
  return (vector, start, count, mask) => {
    writeMask(vector, visibleRows(column, start, count, mask));
    copyRange(vector, 0, bytes, start * byteWidth, count * byteWidth);
  };
}

/** Writes nulls only; the type of the vector does not matter. */
export function createNullWriter(): WriteRows {
  return (vector, _start, count) => {
    writeMask(vector, scratchBytes((count + 7) >> 3).fill(0));
  };
}

/** Spreads bits, Arrow's booleans, to bytes, DuckDB's. */
export function createBooleanWriter({ column, path }: ColumnSource): WriteRows {
  const bits = checkedBytes(column.values, Math.ceil((column.offset + column.length) / 8), path, 'values');
  return (vector, start, count, mask) => {
    writeMask(vector, visibleRows(column, start, count, mask));
    const target = scratchBytes(count);
    const first = column.offset + start;
    for (let row = 0; row < count; row++) {
      const bit = first + row;
      target[row] = ((bits[bit >> 3] as number) >> (bit & 7)) & 1;
    }
    copyToVector(vector, 0, target);
  };
}

/** Copies single and double precision, and widens half precision to single, which holds all its values. */
export function createFloatWriter(source: ColumnSource): WriteRows {
  switch (source.column.type.precision) {
    case FloatPrecision.Double:
      return createCopyWriter(source, 8);
    case FloatPrecision.Single:
      return createCopyWriter(source, 4);
    case FloatPrecision.Half:
      return createHalfWriter(source);
    default:
      throw columnError(source.path, 'has floats of an unknown precision', 'unsupported_type');
  }
}

function createHalfWriter({ column, path }: ColumnSource): WriteRows {
  const bytes = valueBytes(column, 2, path);
  return (vector, start, count, mask) => {
    writeMask(vector, visibleRows(column, start, count, mask));
    const target = scratchBytes(count * 4);
    const floats = new Uint32Array(target.buffer, target.byteOffset, count);
    for (let row = 0; row < count; row++) {
      const at = (start + row) * 2;
      floats[row] = singleBits((bytes[at] as number) | ((bytes[at + 1] as number) << 8));
    }
    copyToVector(vector, 0, target);
  };
}

/** The bits of an IEEE 754 binary32 with the value of a binary16; the payload of a NaN is kept. */
function singleBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) {
    return sign | 0x7f800000 | (fraction << 13);
  }
  if (exponent !== 0) {
    return sign | ((exponent + 112) << 23) | (fraction << 13);
  }
  if (fraction === 0) {
    return sign;
  }
  // Subnormal: shift until the leading one becomes the implicit bit.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}
