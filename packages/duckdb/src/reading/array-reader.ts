import duckdb, { type Vector } from '@duckdb/node-bindings';
import type { ColumnData, DataType } from '@millrace/core';
import type { ColumnReader } from './column-reader.ts';
import { ValidityCollector } from './validity-collector.ts';

/** Reads arrays of one length; a null array has its items too, all null. */
export class ArrayReader implements ColumnReader {
  readonly #type: DataType;
  readonly #listSize: number;
  readonly #items: ColumnReader;
  readonly #validity: ValidityCollector = new ValidityCollector();

  constructor(type: DataType, listSize: number, items: ColumnReader) {
    this.#type = type;
    this.#listSize = listSize;
    this.#items = items;
  }

  get byteCount(): number {
    return this.#items.byteCount;
  }

  load(vector: Vector, rowCount: number): void {
    this.#validity.load(vector, rowCount);
    this.#items.load(duckdb.array_vector_get_child(vector), rowCount * this.#listSize);
  }

  append(start: number, end: number): void {
    this.#validity.append(start, end);
    this.#items.append(start * this.#listSize, end * this.#listSize);
  }

  finish(expectedRowCount: number): ColumnData {
    const { rowCount, nullCount, nullBitmap } = this.#validity.finish();
    const children = [this.#items.finish(expectedRowCount * this.#listSize)];
    return { type: this.#type, length: rowCount, offset: 0, nullCount, nullBitmap, children };
  }
}
