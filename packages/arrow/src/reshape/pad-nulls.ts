import type { ColumnData } from '@millrace/core';
import { type FixedArray, type FixedArrayConstructor, layoutOf, type OffsetWidth } from '../layout.ts';
import { alignBits, fillBits, getBit } from './bits.ts';
import { shortBuffer, viewBuffer, viewBytes } from './view-buffer.ts';

/*
 * apache-arrow lengthens a column that is shorter than its table by its bitmap alone: the values of the nulls at the end
 * are in no buffer at all. Here they get zeros.
 */

/** `stride` elements for each row of a column; rows at the end that are null may be missing from the buffer. */
export function paddedElements(column: ColumnData, array: FixedArrayConstructor, stride: number): FixedArray {
  const elements = column.values ? viewBuffer(column.values, array) : new array(0);
  const needed = column.length * stride;
  if (elements.length === needed) return elements;
  if (elements.length > needed) return elements.subarray(0, needed);
  const heldRows = Math.floor(elements.length / stride);
  requireNulls(column, heldRows);
  const padded = new array(needed);
  (padded as Uint8Array).set(elements.subarray(0, heldRows * stride) as Uint8Array);
  return padded;
}

/** The bits of a boolean column, moved to offset 0; rows at the end that are null may be missing from the buffer. */
export function paddedBits(column: ColumnData): Uint8Array {
  const { offset, length } = column;
  const bits = viewBytes(column.values);
  const held = bits.length * 8 - offset;
  if (held >= length) return alignBits(bits, offset, length);
  requireNulls(column, Math.max(held, 0));
  const padded = new Uint8Array((offset + length + 7) >> 3);
  padded.set(bits);
  return alignBits(padded, offset, length);
}

/** One offset more than rows; rows at the end that are null may be missing from the buffer and become empty. */
export function paddedOffsets(column: ColumnData, width: OffsetWidth): Int32Array | BigInt64Array {
  const array = width === 64 ? BigInt64Array : Int32Array;
  const needed = column.length + 1;
  const held = column.valueOffsets ? (viewBuffer(column.valueOffsets, array) as Int32Array) : new Int32Array(0);
  if (held.length === needed) return held;
  if (held.length > needed) return held.subarray(0, needed);
  requireNulls(column, Math.max(held.length - 1, 0));
  const padded = new array(needed);
  (padded as Int32Array).set(held);
  (padded as Int32Array).fill(held.at(-1) ?? (padded[0] as number), held.length);
  return padded;
}

/**
 * The column with nulls at its end up to `length`; only its bitmap is new.
 *
 * @throws MillraceError `invalid_data` for a union, which has no nulls of its own.
 */
export function lengthenWithNulls(column: ColumnData, length: number): ColumnData {
  const { type, offset, nullBitmap, nullCount, values, valueOffsets, children, dictionary } = column;
  const { kind } = layoutOf(type);
  if (kind === 'union') throw shortBuffer(column.length, length);
  const bits = new Uint8Array((offset + length + 7) >> 3);
  if (nullCount !== 0 && nullBitmap?.length) bits.set(nullBitmap.subarray(0, bits.length));
  else fillBits(bits, offset, column.length);
  // The bits behind the old end are padding of any content.
  for (let bit = offset + column.length; bit < bits.length * 8; bit++) clearBit(bits, bit);
  return { type, length, offset, nullCount: -1, nullBitmap: bits, values, valueOffsets, children, dictionary };
}

function requireNulls(column: ColumnData, heldRows: number): void {
  const { nullBitmap, nullCount, offset, length } = column;
  if (nullCount === 0 || !nullBitmap?.length) throw shortBuffer(heldRows, length);
  for (let row = heldRows; row < length; row++) {
    if (getBit(nullBitmap, offset + row)) throw shortBuffer(heldRows, length);
  }
}

function clearBit(bits: Uint8Array, index: number): void {
  bits[index >> 3] = (bits[index >> 3] ?? 0) & ~(1 << (index & 7));
}
