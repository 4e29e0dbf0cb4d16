import type { ColumnData } from '@millrace/core';

/** Decodes the values of one column out of binary row packets into Arrow's buffers. */
export interface ColumnDecoder {
  /** Starts a batch of at most `capacity` rows. */
  reset(capacity: number): void;
  /** Reads the value of row `row` at `position` and returns where it ends. Rows come in order. */
  read(buffer: Buffer, position: number, row: number): number;
  /** Row `row` is NULL. */
  readNull(row: number): void;
  /** Bytes that the batch holds beyond its fixed width. */
  readonly byteLength: number;
  /** The first `rowCount` rows; the memory is handed over. */
  finish(rowCount: number): ColumnData;
}
