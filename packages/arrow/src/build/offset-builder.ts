import type { OffsetWidth } from '../layout.ts';
import { reject } from '../values/rejection.ts';
import { GrowableArray } from './growable-buffers.ts';

const MAX_OFFSET = 2 ** 31 - 1;

/** The offsets of a text, binary or list column, 32 or 64 bits wide; offset 0 is there from the start. */
export class OffsetBuilder {
  readonly #width: OffsetWidth;
  readonly #words: GrowableArray;
  readonly #stride: number;

  constructor(width: OffsetWidth, capacity: number) {
    this.#width = width;
    this.#stride = width / 32;
    this.#words = new GrowableArray(Int32Array, (capacity + 1) * this.#stride);
  }

  /** Row `row` ends at `end`; rejects what 32 bits cannot hold. */
  endRow(row: number, end: number): void {
    const words = this.#words.withRoomFor((row + 2) * this.#stride) as Int32Array;
    if (this.#width === 32) {
      if (end > MAX_OFFSET) reject('makes the column longer than 2 GB; use a large type or smaller batches');
      words[row + 1] = end;
      return;
    }
    words[row * 2 + 2] = end >>> 0;
    words[row * 2 + 3] = Math.floor(end / 4_294_967_296);
  }

  finish(length: number): Int32Array | BigInt64Array {
    const words = this.#words.finish((length + 1) * this.#stride) as Int32Array;
    return this.#width === 32 ? words : new BigInt64Array(words.buffer, words.byteOffset, length + 1);
  }
}
