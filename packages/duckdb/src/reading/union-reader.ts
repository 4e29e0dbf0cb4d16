import duckdb, { type Vector } from '@duckdb/node-bindings';
import type { ColumnData, DataType } from '@millrace/core';
import type { ColumnReader } from './column-reader.ts';
import { isValid, ValidityCollector } from './validity-collector.ts';
import { vectorBytes } from './vector-bytes.ts';

/**
 * Reads unions, which DuckDB holds as a struct of a tag and one field a member, into Arrow's sparse unions.
 *
 * Arrow's unions have no nulls of their own, only null members, and DuckDB tells the two apart. A null union becomes a null of its
 * first member for every reader, and the column carries a bitmap besides, for those of this package that write it to DuckDB again.
 */
export class UnionReader implements ColumnReader {
  readonly #type: DataType;
  readonly #members: readonly ColumnReader[];
  readonly #validity: ValidityCollector = new ValidityCollector();
  #tags: Uint8Array = new Uint8Array(0);
  #typeIds: Int8Array = new Int8Array(0);
  #rowCount = 0;

  constructor(type: DataType, members: readonly ColumnReader[]) {
    this.#type = type;
    this.#members = members;
  }

  get byteCount(): number {
    return this.#members.reduce((most, member) => Math.max(most, member.byteCount), 0);
  }

  load(vector: Vector, rowCount: number): void {
    this.#validity.load(vector, rowCount);
    this.#tags = vectorBytes(duckdb.struct_vector_get_child(vector, 0), rowCount);
    for (const [index, member] of this.#members.entries()) {
      member.load(duckdb.struct_vector_get_child(vector, index + 1), rowCount);
    }
  }

  append(start: number, end: number): void {
    this.#reserve(this.#rowCount + end - start);
    const validity = this.#validity.source;
    for (let row = start; row < end; row++) {
      this.#typeIds[this.#rowCount] = isValid(validity, row) ? (this.#tags[row] as number) : 0;
      this.#rowCount += 1;
    }
    this.#validity.append(start, end);
    for (const member of this.#members) {
      member.append(start, end);
    }
  }

  finish(expectedRowCount: number): ColumnData {
    const { rowCount, nullCount, nullBitmap } = this.#validity.finish();
    const typeIds = this.#typeIds.slice(0, rowCount);
    this.#typeIds = new Int8Array(expectedRowCount);
    this.#rowCount = 0;
    const children = this.#members.map((member) => member.finish(expectedRowCount));
    return { type: this.#type, length: rowCount, offset: 0, nullCount, nullBitmap, typeIds, children };
  }

  #reserve(rowCount: number): void {
    if (this.#typeIds.length < rowCount) {
      const grown = new Int8Array(Math.max(rowCount, this.#typeIds.length * 2));
      grown.set(this.#typeIds);
      this.#typeIds = grown;
    }
  }
}
