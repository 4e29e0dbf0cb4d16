import duckdb from '@duckdb/node-bindings';
import type { ColumnData } from '@millrace/core';
import { columnError } from './column-source.ts';
import { scratchBytes } from './scratch.ts';

/** One bit a row, least significant first, 1 = visible; bits behind the last row are 1. */
export type RowMask = Uint8Array<ArrayBuffer>;

/**
 * Combines a column's own nulls with its parent's mask, for `count` rows from `start` on.
 *
 * @returns undefined when every row is visible. The mask lives in scratch memory.
 */
export function visibleRows(
  column: ColumnData,
  start: number,
  count: number,
  parent: RowMask | undefined,
): RowMask | undefined {
  const bitmap = column.nullBitmap;
  if (column.nullCount === 0 || bitmap === null || bitmap === undefined || bitmap.length === 0) {
    return parent;
  }
  const mask = copyBits(bitmap, column.offset + start, count);
  if (parent !== undefined) {
    for (let index = 0; index < mask.length; index++) {
      mask[index] = (mask[index] as number) & (parent[index] as number);
    }
  }
  for (let index = 0; index < mask.length; index++) {
    if (mask[index] !== 0xff) {
      return mask;
    }
  }
  return undefined;
}

/** Tells whether a row, counted from the mask's first, is visible. */
export function isVisible(mask: RowMask | undefined, row: number): boolean {
  return mask === undefined || ((mask[row >> 3] as number) & (1 << (row & 7))) !== 0;
}

/** A mask of `count` visible rows, in scratch memory. */
export function allVisible(count: number): RowMask {
  return scratchBytes((count + 7) >> 3).fill(0xff);
}

/** Hides a row, counted from the mask's first. */
export function hideRow(mask: RowMask, row: number): void {
  mask[row >> 3] = (mask[row >> 3] as number) & ~(1 << (row & 7));
}

/** Marks the hidden rows of a vector as null; a vector that DuckDB hands out has none yet. */
export function writeMask(vector: duckdb.Vector, mask: RowMask | undefined): void {
  if (mask !== undefined && mask.length > 0) {
    duckdb.vector_ensure_validity_writable(vector);
    duckdb.copy_data_to_vector_validity(vector, 0, mask.buffer, mask.byteOffset, mask.length);
  }
}

/** Throws unless a column's null bitmap reaches to its last row. */
export function checkNullBitmap(column: ColumnData, path: string): void {
  const bitmap = column.nullBitmap;
  if (bitmap && bitmap.length > 0 && bitmap.length * 8 < column.offset + column.length) {
    throw columnError(path, 'has a null bitmap that ends before its last row');
  }
}

/** Copies `count` bits from bit `start` on to the start of scratch memory; bits behind the last row are 1. */
export function copyBits(source: Uint8Array, start: number, count: number): RowMask {
  const byteCount = (count + 7) >> 3;
  const target = scratchBytes(byteCount);
  const shift = start & 7;
  const first = start >> 3;
  if (shift === 0) {
    target.set(source.subarray(first, first + byteCount));
  } else {
    for (let index = 0; index < byteCount; index++) {
      const low = source[first + index] as number;
      const high = source[first + index + 1] ?? 0;
      target[index] = (low >> shift) | (high << (8 - shift));
    }
  }
  const rest = count & 7;
  if (rest !== 0) {
    target[byteCount - 1] = (target[byteCount - 1] as number) | (0xff << rest);
  }
  return target;
}
