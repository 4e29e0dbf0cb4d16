import type { RecordBatch, Schema } from '@millrace/core';
import type { ColumnDecoder } from './column-decoder.ts';

/** Rows of the first batch: it arrives early, and a small result takes little memory. */
const FIRST_BATCH_ROWS = 1_024;
const GROWTH = 4;

/** How large batches become. */
export interface BatchBounds {
  readonly maxRows: number;
  /** A batch ends with the row that passes it. */
  readonly maxBytes: number;
}

/** Decodes binary row packets into record batches, column by column, without an object for any row. */
export class RowDecoder {
  readonly #schema: Schema;
  readonly #decoders: readonly ColumnDecoder[];
  readonly #bounds: BatchBounds;
  #capacity: number;
  #rowCount = 0;
  #isOpen = false;

  constructor(schema: Schema, decoders: readonly ColumnDecoder[], bounds: BatchBounds) {
    this.#schema = schema;
    this.#decoders = decoders;
    this.#bounds = bounds;
    this.#capacity = Math.min(FIRST_BATCH_ROWS, bounds.maxRows);
  }

  /** Rows decoded and not yet handed out. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /**
   * Decodes one row whose packet starts at `start`; true when the batch is full and has to be taken.
   *
   * Source: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_binary_resultset.html
   */
  read(buffer: Buffer, start: number): boolean {
    if (!this.#isOpen) this.#open();
    const decoders = this.#decoders;
    const count = decoders.length;
    const row = this.#rowCount++;
    // The packet's head, and a bit for each column behind two that are unused.
    const bits = start + 1;
    let position = bits + ((count + 9) >> 3);
    for (let index = 0; index < count; index++) {
      const bit = index + 2;
      if ((buffer[bits + (bit >> 3)]! & (1 << (bit & 7))) === 0)
        position = decoders[index]!.read(buffer, position, row);
      else decoders[index]!.readNull(row);
    }
    return this.#rowCount === this.#capacity || position - start > LARGE_ROW_BYTES
      ? this.#isFull()
      : (row & BYTES_CHECK_MASK) === BYTES_CHECK_MASK && this.#isFull();
  }

  /** The batch of what has been decoded; undefined when that is nothing. */
  take(): RecordBatch | undefined {
    const numRows = this.#rowCount;
    if (numRows === 0) return undefined;
    const children = this.#decoders.map((decoder) => decoder.finish(numRows));
    this.#capacity = Math.min(this.#bounds.maxRows, Math.max(this.#capacity, numRows) * GROWTH);
    this.#rowCount = 0;
    this.#isOpen = false;
    return { schema: this.#schema, numRows, data: { children } };
  }

  #open(): void {
    for (const decoder of this.#decoders) decoder.reset(this.#capacity);
    this.#isOpen = true;
  }

  #isFull(): boolean {
    if (this.#rowCount === this.#capacity) return true;
    let bytes = 0;
    for (const decoder of this.#decoders) bytes += decoder.byteLength;
    return bytes > this.#bounds.maxBytes;
  }
}

/** The size is added up after a row that is large itself, and otherwise now and then. */
const LARGE_ROW_BYTES = 1 << 16;
const BYTES_CHECK_MASK = 63;
