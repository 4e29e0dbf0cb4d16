import { DuckDBLogicalType, type DuckDBType } from '@duckdb/node-api';
import duckdb, { type DataChunk, type LogicalType, type PreparedStatement, type Result } from '@duckdb/node-bindings';
import type { RecordBatch, Schema } from '@millrace/core';
import { fromDuckDbType } from '../type-mapping/from-duckdb-type.ts';
import type { ColumnReader } from './column-reader.ts';
import { createColumnReader } from './create-column-reader.ts';

/** The columns of a result, in order; names may repeat. */
export interface ResultColumns {
  readonly schema: Schema;
  readonly types: readonly DuckDBType[];
}

/**
 * Describes the columns of a result.
 *
 * @throws MillraceError `unsupported_type` for a column that Arrow cannot hold.
 */
export function resultColumns(result: Result): ResultColumns {
  return describeColumns(duckdb.column_count(result), (index) => ({
    name: duckdb.column_name(result, index),
    type: duckdb.column_logical_type(result, index),
  }));
}

/** The same of a statement that was prepared and not run; its parameters, if it has any, may leave types open. */
export function preparedColumns(statement: PreparedStatement): ResultColumns {
  return describeColumns(duckdb.prepared_statement_column_count(statement), (index) => ({
    name: duckdb.prepared_statement_column_name(statement, index),
    type: duckdb.prepared_statement_column_logical_type(statement, index),
  }));
}

function describeColumns(
  columnCount: number,
  columnAt: (index: number) => { readonly name: string; readonly type: LogicalType },
): ResultColumns {
  const columns = Array.from({ length: columnCount }, (_, index) => columnAt(index));
  const types = columns.map(({ type }) => DuckDBLogicalType.create(type).asType());
  const fields = columns.map(({ name }, index) => fromDuckDbType(name, types[index] as DuckDBType));
  return { schema: { fields }, types };
}

/**
 * Gathers the chunks of a result into record batches.
 *
 * A chunk has at most 2,048 rows; a batch made of several costs its consumer less. Every buffer of a batch is its own memory.
 */
export class BatchReader {
  readonly schema: Schema;
  readonly #readers: readonly ColumnReader[];
  #rowCount = 0;

  constructor({ schema, types }: ResultColumns) {
    this.schema = schema;
    this.#readers = types.map((type, index) => createColumnReader(type, columnType(schema, index)));
  }

  /** Rows collected since the last batch. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /** Bytes of variable-length data in the largest column since the last batch. */
  get byteCount(): number {
    let most = 0;
    for (const reader of this.#readers) {
      most = Math.max(most, reader.byteCount);
    }
    return most;
  }

  /** Copies a chunk's rows; nothing of the chunk is needed afterwards. */
  append(chunk: DataChunk): void {
    const rowCount = duckdb.data_chunk_get_size(chunk);
    for (const [index, reader] of this.#readers.entries()) {
      reader.load(duckdb.data_chunk_get_vector(chunk, index), rowCount);
      reader.append(0, rowCount);
    }
    this.#rowCount += rowCount;
  }

  /** The rows collected as one batch, which may be empty; room is made for `expectedRowCount` more. */
  finish(expectedRowCount: number): RecordBatch {
    const numRows = this.#rowCount;
    this.#rowCount = 0;
    const children = this.#readers.map((reader) => reader.finish(expectedRowCount));
    return { schema: this.schema, numRows, data: { children } };
  }
}

function columnType(schema: Schema, index: number): Schema['fields'][number]['type'] {
  const field = schema.fields[index];
  if (field === undefined) {
    throw new TypeError('the schema has fewer fields than the result has columns');
  }
  return field.type;
}
