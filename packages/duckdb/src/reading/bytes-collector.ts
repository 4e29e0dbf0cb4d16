import { MillraceError } from '@millrace/core';

/** Arrow's 32-bit offsets end here. */
const MAX_BYTES = 0x7fff_ffff;

/** Room made ahead of its use; a batch of longer values may end before its rows are full. */
const MAX_EXPECTED_BYTES = 16 * 1024 * 1024;

/** Bytes that may be written behind the end of a value, so that short ones are copied as three whole words. */
export const SLACK = 16;

/** Grows the offsets and bytes of a text or binary column. */
export class BytesCollector {
  offsets: Int32Array = new Int32Array(1);
  bytes: Uint8Array = new Uint8Array(0);
  rowCount = 0;

  get byteCount(): number {
    return this.offsets[this.rowCount] as number;
  }

  /** Makes room for the offsets of `count` more rows. */
  reserveRows(count: number): void {
    const needed = this.rowCount + count + 1;
    if (this.offsets.length < needed) {
      const grown = new Int32Array(Math.max(needed, this.offsets.length * 2));
      grown.set(this.offsets);
      this.offsets = grown;
    }
  }

  /**
   * Makes room for bytes up to `byteCount`, and {@link SLACK} behind them.
   *
   * @throws MillraceError `resource_exhausted` beyond 2 GiB, where Arrow's offsets end.
   */
  reserveBytes(byteCount: number): void {
    if (byteCount > MAX_BYTES) {
      throw new MillraceError({
        code: 'resource_exhausted',
        component: 'duckdb',
        message: 'one chunk of a text or binary column is larger than 2 GiB',
        hint: 'Read fewer rows at a time, or cut the values with substr',
      });
    }
    const needed = byteCount + SLACK;
    if (this.bytes.length < needed) {
      const grown = new Uint8Array(Math.max(needed, this.bytes.length + (this.bytes.length >>> 1)));
      grown.set(this.bytes);
      this.bytes = grown;
    }
  }

  /** The buffers collected; then begins anew with room for about the same. */
  finish(expectedRowCount: number): { readonly values: Uint8Array; readonly valueOffsets: Int32Array } {
    const used = this.byteCount;
    const valueOffsets = trimmed(this.offsets, this.rowCount + 1);
    const values = trimmed(this.bytes, used);
    const bytesPerRow = this.rowCount === 0 ? 0 : used / this.rowCount;
    this.offsets = new Int32Array(expectedRowCount + 1);
    this.bytes = new Uint8Array(Math.min(Math.ceil(bytesPerRow * expectedRowCount), MAX_EXPECTED_BYTES) + SLACK);
    this.rowCount = 0;
    return { values, valueOffsets };
  }
}

/** A view of what is used, or a copy where the view would keep far more than that alive. */
function trimmed<T extends Int32Array | Uint8Array>(array: T, length: number): T {
  return (length * 2 < array.length ? array.slice(0, length) : array.subarray(0, length)) as T;
}
