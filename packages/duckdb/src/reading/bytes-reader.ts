import type { Vector } from '@duckdb/node-bindings';
import type { ColumnData, DataType } from '@millrace/core';
import { BytesCollector } from './bytes-collector.ts';
import type { ColumnReader } from './column-reader.ts';
import { ADDRESS_WORD, ENTRY_WIDTH, INLINE_LENGTH, StringEntries } from './string-entries.ts';
import { isValid, ValidityCollector } from './validity-collector.ts';

/** Shorter than this, a loop over the bytes beats a call of `set`. */
const SHORT_COPY = 48;

/**
 * Reads text and binary columns.
 *
 * DuckDB hands the long values of a vector over in a few runs of adjacent bytes (measured: about four runs in 2,048 rows,
 * whether from a table, a Parquet file or an expression), so each run is fetched by one call and not value by value. Only
 * bytes that follow one another exactly count as a run; nothing else is ever read.
 */
export class BytesReader implements ColumnReader {
  readonly #type: DataType;
  readonly #collector: BytesCollector = new BytesCollector();
  readonly #validity: ValidityCollector = new ValidityCollector();
  #entries: StringEntries | undefined;

  constructor(type: DataType) {
    this.#type = type;
  }

  get byteCount(): number {
    return this.#collector.byteCount;
  }

  load(vector: Vector, rowCount: number): void {
    this.#entries = new StringEntries(vector, rowCount);
    this.#validity.load(vector, rowCount);
  }

  append(start: number, end: number): void {
    const entries = this.#entries as StringEntries;
    this.#appendOffsets(entries, start, end);
    this.#copyValues(entries, start, end);
    this.#validity.append(start, end);
    this.#collector.rowCount += end - start;
  }

  finish(expectedRowCount: number): ColumnData {
    const { rowCount, nullCount, nullBitmap } = this.#validity.finish();
    const { values, valueOffsets } = this.#collector.finish(expectedRowCount);
    return { type: this.#type, length: rowCount, offset: 0, nullCount, nullBitmap, values, valueOffsets, children: [] };
  }

  #appendOffsets(entries: StringEntries, start: number, end: number): void {
    const collector = this.#collector;
    const validity = this.#validity.source;
    collector.reserveRows(end - start);
    const { offsets, rowCount } = collector;
    const { words } = entries;
    let offset = collector.byteCount;
    for (let row = start, out = rowCount + 1; row < end; row++, out++) {
      if (validity === undefined || isValid(validity, row)) {
        offset += words[row * 4] as number;
      }
      offsets[out] = offset;
    }
    collector.reserveBytes(offset);
  }

  #copyValues(entries: StringEntries, start: number, end: number): void {
    const { bytes, offsets, rowCount } = this.#collector;
    const { words, view } = entries;
    const target = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const shift = rowCount - start;
    let runStart = -1;
    let runByteCount = 0;
    let runEndAddress = 0;
    for (let row = start; row < end; row++) {
      const offset = offsets[row + shift] as number;
      const length = (offsets[row + shift + 1] as number) - offset;
      if (length === 0) {
        continue;
      }
      if (length <= INLINE_LENGTH) {
        // Three words whatever the length: what is too much is overwritten by the rows behind, which are written later.
        const entry = row * ENTRY_WIDTH + 4;
        target.setUint32(offset, view.getUint32(entry, true), true);
        target.setUint32(offset + 4, view.getUint32(entry + 4, true), true);
        target.setUint32(offset + 8, view.getUint32(entry + 8, true), true);
        continue;
      }
      const address = (words[row * 4 + 2] as number) + (words[row * 4 + 3] as number) * ADDRESS_WORD;
      if (address !== runEndAddress || runStart < 0) {
        this.#copyRun(entries, { start: runStart, end: row, byteCount: runByteCount, shift });
        runStart = row;
        runByteCount = 0;
      }
      runByteCount += length;
      runEndAddress = address + length;
    }
    this.#copyRun(entries, { start: runStart, end, byteCount: runByteCount, shift });
  }

  #copyRun(entries: StringEntries, run: Run): void {
    if (run.byteCount === 0) {
      return;
    }
    const { bytes, offsets } = this.#collector;
    const memory = entries.memory(run.start, run.byteCount);
    const first = offsets[run.start + run.shift] as number;
    if ((offsets[run.end + run.shift] as number) - first === run.byteCount) {
      bytes.set(memory, first);
      return;
    }
    let position = 0;
    for (let row = run.start + run.shift; row < run.end + run.shift; row++) {
      const offset = offsets[row] as number;
      const length = (offsets[row + 1] as number) - offset;
      if (length <= INLINE_LENGTH) {
        continue;
      }
      if (length < SHORT_COPY) {
        for (let index = 0; index < length; index++) {
          bytes[offset + index] = memory[position + index] as number;
        }
      } else {
        bytes.set(memory.subarray(position, position + length), offset);
      }
      position += length;
    }
  }
}

/** Rows whose long values are adjacent in memory, with short ones and nulls among them; `shift` leads to their offsets. */
interface Run {
  readonly start: number;
  readonly end: number;
  readonly byteCount: number;
  readonly shift: number;
}
