import { isUtf8 } from 'node:buffer';
import type { ColumnData, DataType } from '@millrace/core';
import type { ColumnDecoder } from './column-decoder.ts';
import { lengthSize, readLength } from './length-encoding.ts';
import { NullBitmap } from './null-bitmap.ts';

/** Below this a loop beats the call of a copying function. */
const SHORT_BYTES = 24;
const BYTES_A_VALUE_GUESS = 16;

/** Text and bytes. Text arrives as UTF-8, as the session asks for it, and is copied as it is. */
export class BytesDecoder implements ColumnDecoder {
  readonly #type: DataType;
  readonly #onInvalidText: (() => never) | undefined;
  readonly #nulls: NullBitmap = new NullBitmap();
  #offsets: Int32Array = new Int32Array(1);
  #bytes: Buffer = Buffer.alloc(0);
  #end = 0;

  /** @param onInvalidText throws for text that is no UTF-8, which some character sets of the server can hold; absent for bytes. */
  constructor(type: DataType, onInvalidText: (() => never) | undefined) {
    this.#type = type;
    this.#onInvalidText = onInvalidText;
  }

  get byteLength(): number {
    return this.#end;
  }

  reset(capacity: number): void {
    const needed = Math.max(this.#end + (this.#end >> 3), capacity * BYTES_A_VALUE_GUESS);
    this.#offsets = new Int32Array(capacity + 1);
    // Not from the pool that small buffers share: the memory is handed over.
    this.#bytes = Buffer.allocUnsafeSlow(needed);
    this.#end = 0;
    this.#nulls.reset(capacity);
  }

  read(buffer: Buffer, position: number, row: number): number {
    let length = buffer[position]!;
    let start = position + 1;
    if (length >= 0xfb) {
      start = position + lengthSize(length);
      length = readLength(buffer, position);
    }
    const end = this.#end + length;
    if (end > this.#bytes.length) this.#grow(end);
    const bytes = this.#bytes;
    let target = this.#end;
    if (length <= SHORT_BYTES) for (let source = start; target < end; ) bytes[target++] = buffer[source++]!;
    else buffer.copy(bytes, target, start, start + length);
    this.#end = end;
    this.#offsets[row + 1] = end;
    return start + length;
  }

  readNull(row: number): void {
    this.#offsets[row + 1] = this.#end;
    this.#nulls.markNull(row);
  }

  finish(rowCount: number): ColumnData {
    const values = this.#bytes.subarray(0, this.#end);
    if (this.#onInvalidText !== undefined && !isUtf8(values)) this.#onInvalidText();
    return {
      type: this.#type,
      length: rowCount,
      offset: 0,
      ...this.#nulls.finish(rowCount),
      values,
      valueOffsets: this.#offsets.subarray(0, rowCount + 1),
      children: [],
    };
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#end);
    this.#bytes = grown;
  }
}
