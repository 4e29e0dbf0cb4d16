import duckdb from '@duckdb/node-bindings';
import { type ColumnData, MillraceError } from '@millrace/core';
import { columnError } from './column-source.ts';
import { scratchBytes } from './scratch.ts';

/** Copies a view's bytes to a vector's data, from byte `target` on. */
export function copyToVector(vector: duckdb.Vector, target: number, source: ArrayBufferView): void {
  copyRange(vector, target, source, 0, source.byteLength);
}

/**
 * Copies `byteCount` bytes of a view, from its byte `start` on, to a vector's data.
 *
 * The binding checks nothing: a range that a buffer no longer holds (it was transferred to a worker) would read foreign memory,
 * and it takes no shared memory, which is copied first.
 */
export function copyRange(
  vector: duckdb.Vector,
  target: number,
  source: ArrayBufferView,
  start: number,
  byteCount: number,
): void {
  if (byteCount === 0) {
    return;
  }
  if (start + byteCount > source.byteLength) {
    throw new MillraceError({
      code: 'invalid_data',
      component: 'duckdb',
      message: 'a buffer of a batch became too short while it was read',
      hint: 'Do not transfer or resize the buffers of a batch that is in use',
    });
  }
  const { buffer } = source;
  if (buffer instanceof ArrayBuffer) {
    duckdb.copy_data_to_vector(vector, target, buffer, source.byteOffset + start, byteCount);
  } else {
    const copy = scratchBytes(byteCount);
    copy.set(new Uint8Array(buffer, source.byteOffset + start, byteCount));
    duckdb.copy_data_to_vector(vector, target, copy.buffer, copy.byteOffset, byteCount);
  }
}

/** The bytes of a column's `values`, checked to hold all its rows of `byteWidth` bytes each. */
export function valueBytes(column: ColumnData, byteWidth: number, path: string): Uint8Array {
  return checkedBytes(column.values, column.length * byteWidth, path, 'values');
}

/** The 32-bit words of a column's `values`, checked to hold all its rows of `wordCount` words each. */
export function valueWords(column: ColumnData, wordCount: number, path: string): Int32Array {
  return toWords(valueBytes(column, wordCount * 4, path));
}

/** A buffer's bytes, checked to be at least `byteCount` of them. */
export function checkedBytes(
  view: ArrayBufferView | undefined | null,
  byteCount: number,
  path: string,
  name: string,
): Uint8Array {
  if (view === undefined || view === null) {
    if (byteCount > 0) {
      throw columnError(path, `has no buffer of ${name}`);
    }
    return new Uint8Array(0);
  }
  if (view.byteLength < byteCount) {
    throw columnError(path, `has a buffer of ${name} that ends before its last row`);
  }
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** Bytes as 32-bit words without a copy; only a misaligned view, which IPC readers can produce, is copied. */
export function toWords(bytes: Uint8Array): Int32Array {
  const wordCount = bytes.byteLength >> 2;
  return bytes.byteOffset % 4 === 0
    ? new Int32Array(bytes.buffer, bytes.byteOffset, wordCount)
    : new Int32Array(bytes.slice(0, wordCount * 4).buffer);
}
