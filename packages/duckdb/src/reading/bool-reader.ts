import duckdb, { type Vector } from '@duckdb/node-bindings';
import { type ColumnData, dataTypes } from '@millrace/core';
import type { ColumnReader } from './column-reader.ts';
import { ValidityCollector } from './validity-collector.ts';
import { vectorBytes } from './vector-bytes.ts';

/** Reads booleans, a byte a row in DuckDB, into Arrow's bits. */
export class BoolReader implements ColumnReader {
  readonly byteCount = 0;
  readonly #validity: ValidityCollector = new ValidityCollector();
  #source: Uint8Array = new Uint8Array(0);
  #bits: Uint8Array = new Uint8Array(0);
  #rowCount = 0;

  load(vector: Vector, rowCount: number): void {
    this.#source = vectorBytes(vector, rowCount * duckdb.sizeof_bool);
    this.#validity.load(vector, rowCount);
  }

  append(start: number, end: number): void {
    this.#reserve(this.#rowCount + end - start);
    const source = this.#source;
    const bits = this.#bits;
    for (let row = start, out = this.#rowCount; row < end; row++, out++) {
      if (source[row] !== 0) {
        bits[out >>> 3] = (bits[out >>> 3] as number) | (1 << (out & 7));
      }
    }
    this.#validity.append(start, end);
    this.#rowCount += end - start;
  }

  finish(expectedRowCount: number): ColumnData {
    const { rowCount, nullCount, nullBitmap } = this.#validity.finish();
    const values = this.#bits.subarray(0, (rowCount + 7) >>> 3);
    this.#bits = new Uint8Array((expectedRowCount + 7) >>> 3);
    this.#rowCount = 0;
    return { type: dataTypes.bool(), length: rowCount, offset: 0, nullCount, nullBitmap, values, children: [] };
  }

  #reserve(rowCount: number): void {
    const byteCount = (rowCount + 7) >>> 3;
    if (this.#bits.length < byteCount) {
      const grown = new Uint8Array(Math.max(byteCount, this.#bits.length * 2));
      grown.set(this.#bits);
      this.#bits = grown;
    }
  }
}
