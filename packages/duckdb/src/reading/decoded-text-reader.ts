import type { Vector } from '@duckdb/node-bindings';
import { type ColumnData, dataTypes } from '@millrace/core';
import { BytesCollector } from './bytes-collector.ts';
import type { ColumnReader } from './column-reader.ts';
import type { ValueText } from './decoded-text.ts';
import { StringEntries } from './string-entries.ts';
import { isValid, ValidityCollector } from './validity-collector.ts';
import { vectorBytes } from './vector-bytes.ts';

/** Gives the bytes of each row of a vector. */
type RowBytes = (vector: Vector, rowCount: number) => (row: number) => Uint8Array;

/** Values of any length, in DuckDB's string entries. */
export const entryBytes: RowBytes = (vector, rowCount) => {
  const entries = new StringEntries(vector, rowCount);
  return (row) => entries.value(row);
};

/** Values of eight bytes. */
export const eightBytes: RowBytes = (vector, rowCount) => {
  const bytes = vectorBytes(vector, rowCount * 8);
  return (row) => bytes.subarray(row * 8, row * 8 + 8);
};

const encoder = new TextEncoder();

/** Reads the few types that travel as text, value by value. */
export class DecodedTextReader implements ColumnReader {
  readonly #rowBytes: RowBytes;
  readonly #text: ValueText;
  readonly #collector: BytesCollector = new BytesCollector();
  readonly #validity: ValidityCollector = new ValidityCollector();
  #valueAt: (row: number) => Uint8Array = () => new Uint8Array(0);

  constructor(rowBytes: RowBytes, text: ValueText) {
    this.#rowBytes = rowBytes;
    this.#text = text;
  }

  get byteCount(): number {
    return this.#collector.byteCount;
  }

  load(vector: Vector, rowCount: number): void {
    this.#valueAt = this.#rowBytes(vector, rowCount);
    this.#validity.load(vector, rowCount);
  }

  append(start: number, end: number): void {
    const collector = this.#collector;
    const validity = this.#validity.source;
    collector.reserveRows(end - start);
    for (let row = start; row < end; row++) {
      let offset = collector.byteCount;
      if (isValid(validity, row)) {
        const text = this.#text(this.#valueAt(row));
        collector.reserveBytes(offset + text.length);
        offset += encoder.encodeInto(text, collector.bytes.subarray(offset)).written;
      }
      collector.rowCount += 1;
      collector.offsets[collector.rowCount] = offset;
    }
    this.#validity.append(start, end);
  }

  finish(expectedRowCount: number): ColumnData {
    const { rowCount, nullCount, nullBitmap } = this.#validity.finish();
    const buffers = this.#collector.finish(expectedRowCount);
    return { type: dataTypes.utf8(), length: rowCount, offset: 0, nullCount, nullBitmap, ...buffers, children: [] };
  }
}
