import type { DataType, Schema } from './data-type.ts';

/**
 * The buffers of one column, as apache-arrow's `Data` lays them out (any version since 15).
 *
 * Two rules about `offset`, which is not 0 for a slice: bit-packed buffers (`nullBitmap`, and `values` of a Bool) are
 * *not* sliced, so row `i` is bit `offset + i`; every other buffer is already sliced, so row `i` is element `i`. Children
 * of a struct or fixed-size list are sliced; children of a list or map are whole and addressed by `valueOffsets`.
 */
export interface ColumnData {
  readonly type: DataType;
  readonly length: number;
  readonly offset: number;
  /** How many rows are null, or -1 when it has not been counted. */
  readonly nullCount: number;
  /**
   * Fixed-width values, or the bytes that `valueOffsets` cut up. 64-bit integers, times and timestamps are
   * BigInt64Array, or an Int32Array of twice the length (low word first); decimals are 4 or 8 Uint32 words a value.
   */
  readonly values?: ArrayBufferView | undefined;
  readonly valueOffsets?: Int32Array | BigInt64Array | undefined;
  /**
   * One bit a row, least significant first, 1 = not null. Absent or empty means that nothing is null. A union may have one as
   * well, beyond Arrow: engines tell a union that is null from a union of null.
   */
  readonly nullBitmap?: Uint8Array | null | undefined;
  /** Union: the type id of each row. */
  readonly typeIds?: Int8Array | Int32Array | undefined;
  readonly children: readonly ColumnData[];
  /** Dictionary: the values, in one or more chunks. */
  readonly dictionary?: { readonly data: readonly ColumnData[] } | undefined;
}

/**
 * A run of rows in columns: the unit in which data moves.
 *
 * apache-arrow's `RecordBatch` satisfies it as it is. `numRows` counts also where there are no columns, as in a scan with an
 * empty projection.
 */
export interface RecordBatch {
  readonly schema: Schema;
  readonly numRows: number;
  readonly data: { readonly children: readonly ColumnData[] };
}

/**
 * Batches that are pulled one by one. Pulling is the back-pressure; `return()` (a `break` out of `for await`) releases
 * everything that the stream holds; after a rejection the stream is at its end.
 */
export type RecordBatchStream = AsyncIterable<RecordBatch>;
