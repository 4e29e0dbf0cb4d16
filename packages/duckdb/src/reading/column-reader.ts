import type { Vector } from '@duckdb/node-bindings';
import type { ColumnData } from '@millrace/core';

/**
 * Collects the rows of one column from DuckDB's vectors, chunk by chunk, into Arrow buffers of its own.
 *
 * A vector's memory belongs to its chunk and may be freed once the chunk is released, so nothing that a reader keeps points into it.
 */
export interface ColumnReader {
  /** Bytes of variable-length data collected so far; a batch is cut before they outgrow Arrow's 32-bit offsets. */
  readonly byteCount: number;
  /** Points at a vector of `rowCount` rows, from which {@link append} copies until the next call. */
  load(vector: Vector, rowCount: number): void;
  /** Copies the loaded vector's rows from `start` up to `end`. */
  append(start: number, end: number): void;
  /** Hands out what was collected and begins anew; `expectedRowCount` rows are made room for. */
  finish(expectedRowCount: number): ColumnData;
}
