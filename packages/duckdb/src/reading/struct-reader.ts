import duckdb, { type Vector } from '@duckdb/node-bindings';
import type { ColumnData, DataType } from '@millrace/core';
import type { ColumnReader } from './column-reader.ts';
import { ValidityCollector } from './validity-collector.ts';

/** Reads structs. DuckDB sets the fields of a null struct to null, so that they may be read as they are. */
export class StructReader implements ColumnReader {
  readonly #type: DataType;
  readonly #fields: readonly ColumnReader[];
  readonly #validity: ValidityCollector = new ValidityCollector();

  constructor(type: DataType, fields: readonly ColumnReader[]) {
    this.#type = type;
    this.#fields = fields;
  }

  get byteCount(): number {
    return this.#fields.reduce((most, field) => Math.max(most, field.byteCount), 0);
  }

  load(vector: Vector, rowCount: number): void {
    this.#validity.load(vector, rowCount);
    for (const [index, field] of this.#fields.entries()) {
      field.load(duckdb.struct_vector_get_child(vector, index), rowCount);
    }
  }

  append(start: number, end: number): void {
    this.#validity.append(start, end);
    for (const field of this.#fields) {
      field.append(start, end);
    }
  }

  finish(expectedRowCount: number): ColumnData {
    const { rowCount, nullCount, nullBitmap } = this.#validity.finish();
    const children = this.#fields.map((field) => field.finish(expectedRowCount));
    return { type: this.#type, length: rowCount, offset: 0, nullCount, nullBitmap, children };
  }
}
