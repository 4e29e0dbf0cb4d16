import { type ColumnData, dataTypes } from '@millrace/core';
import type { RowRun, ValueSource } from '../row-run.ts';
import { appendEach, type ColumnDecoder } from './column-decoder.ts';
import { NullMask } from './null-mask.ts';

/** bool, packed into bits. */
export class BoolDecoder implements ColumnDecoder {
  readonly byteCount = 0;
  #bits: Uint8Array = new Uint8Array(256);
  #length = 0;
  readonly #nulls: NullMask = new NullMask();

  append({ bytes }: ValueSource, start: number): void {
    this.#reserve();
    if (bytes[start] !== 0) this.#bits[this.#length >> 3]! |= 1 << (this.#length & 7);
    this.#length += 1;
  }

  appendNull(): void {
    this.#reserve();
    this.#nulls.markNull(this.#length);
    this.#length += 1;
  }

  appendRun(run: RowRun, column: number): void {
    appendEach(this, run, column);
  }

  finish(): ColumnData {
    const length = this.#length;
    const values = this.#bits.subarray(0, (length + 7) >> 3);
    this.#bits = new Uint8Array(this.#bits.length);
    this.#length = 0;
    return { type: dataTypes.bool(), length, offset: 0, ...this.#nulls.finish(length), values, children: [] };
  }

  #reserve(): void {
    if (this.#length >> 3 < this.#bits.length) return;
    const grown = new Uint8Array(this.#bits.length * 2);
    grown.set(this.#bits);
    this.#bits = grown;
  }
}
