import type { DuckDBType } from '@duckdb/node-api';
import type duckdb from '@duckdb/node-bindings';
import { type ColumnData, type ErrorCode, type Field, MillraceError } from '@millrace/core';

/** One column of one batch, and the DuckDB type that its rows are written as. */
export interface ColumnSource {
  readonly column: ColumnData;
  /** The column's field in the relation's schema; extension names stand in its metadata. */
  readonly field: Field;
  readonly target: DuckDBType;
  /** The column's name for messages, with the names of the nesting fields in front: `order.lines.item`. */
  readonly path: string;
}

/**
 * Writes `count` rows of a column from row `start` on into the first `count` rows of a DuckDB vector.
 *
 * `mask` holds one bit a row, counted from `start`: 0 hides the row, as its parent is null. DuckDB reads the children of a
 * struct without looking at the struct's own nulls, so a hidden row must be written as null.
 */
export type WriteRows = (
  vector: duckdb.Vector,
  start: number,
  count: number,
  mask: Uint8Array<ArrayBuffer> | undefined,
) => void;

/** Makes the writer of a child column. */
export type CreateWriter = (source: ColumnSource) => WriteRows;

/** The error of a column whose buffers or values break the format; the message must not hold a value. */
export function columnError(path: string, message: string, code: ErrorCode = 'invalid_data'): MillraceError {
  return new MillraceError({
    code,
    component: 'duckdb',
    message: `column ${JSON.stringify(path)} ${message}`,
    hint: 'The batches that a table provider yields must hold what their schema says',
  });
}
