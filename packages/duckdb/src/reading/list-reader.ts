import duckdb, { type Vector } from '@duckdb/node-bindings';
import { type ColumnData, type DataType, MillraceError } from '@millrace/core';
import type { ColumnReader } from './column-reader.ts';
import { isValid, ValidityCollector } from './validity-collector.ts';
import { vectorBytes } from './vector-bytes.ts';

/** Bytes of one list entry: offset and length, 64 bits each. */
const ENTRY_WIDTH = 16;
const MAX_ITEMS = 0x7fff_ffff;

/**
 * Reads lists, and maps, which are lists of a struct.
 *
 * Entries may point anywhere into the child vector, in any order; adjacent ones are copied as one range, which is the usual case.
 */
export class ListReader implements ColumnReader {
  readonly #type: DataType;
  readonly #items: ColumnReader;
  readonly #validity: ValidityCollector = new ValidityCollector();
  #entries: Uint32Array = new Uint32Array(0);
  #offsets: Int32Array = new Int32Array(1);
  #rowCount = 0;

  constructor(type: DataType, items: ColumnReader) {
    this.#type = type;
    this.#items = items;
  }

  get byteCount(): number {
    return this.#items.byteCount;
  }

  load(vector: Vector, rowCount: number): void {
    const bytes = vectorBytes(vector, rowCount * ENTRY_WIDTH);
    this.#entries = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2);
    this.#validity.load(vector, rowCount);
    this.#items.load(duckdb.list_vector_get_child(vector), duckdb.list_vector_get_size(vector));
  }

  append(start: number, end: number): void {
    this.#reserve(end - start);
    const validity = this.#validity.source;
    const entries = this.#entries;
    let itemCount = this.#offsets[this.#rowCount] as number;
    let rangeStart = 0;
    let rangeEnd = 0;
    for (let row = start; row < end; row++) {
      // Offset and length stay far below 2^32, so their high words are 0. A null row's entry is undefined.
      const length = isValid(validity, row) ? (entries[row * 4 + 2] as number) : 0;
      if (length > 0) {
        const offset = entries[row * 4] as number;
        if (offset !== rangeEnd) {
          this.#items.append(rangeStart, rangeEnd);
          rangeStart = offset;
        }
        rangeEnd = offset + length;
        itemCount += length;
        if (itemCount > MAX_ITEMS) {
          throw tooManyItems();
        }
      }
      this.#rowCount += 1;
      this.#offsets[this.#rowCount] = itemCount;
    }
    this.#items.append(rangeStart, rangeEnd);
    this.#validity.append(start, end);
  }

  finish(expectedRowCount: number): ColumnData {
    const { rowCount, nullCount, nullBitmap } = this.#validity.finish();
    const valueOffsets = this.#offsets.slice(0, rowCount + 1);
    const itemsPerRow = rowCount === 0 ? 0 : (valueOffsets[rowCount] as number) / rowCount;
    this.#offsets = new Int32Array(expectedRowCount + 1);
    this.#rowCount = 0;
    const children = [this.#items.finish(Math.ceil(itemsPerRow * expectedRowCount))];
    return { type: this.#type, length: rowCount, offset: 0, nullCount, nullBitmap, valueOffsets, children };
  }

  #reserve(count: number): void {
    const needed = this.#rowCount + count + 1;
    if (this.#offsets.length < needed) {
      const grown = new Int32Array(Math.max(needed, this.#offsets.length * 2));
      grown.set(this.#offsets);
      this.#offsets = grown;
    }
  }
}

function tooManyItems(): MillraceError {
  return new MillraceError({
    code: 'resource_exhausted',
    component: 'duckdb',
    message: 'one batch of a list column has more than 2^31 items',
    hint: 'Read fewer rows at a time, or unnest the list in SQL',
  });
}
