import type { FixedArray, FixedArrayConstructor } from '../layout.ts';
import { fillBits, setBit } from '../reshape/bits.ts';

/** An array of fixed-width elements that doubles when it is full; elements not yet stored are zero. */
export class GrowableArray {
  #array: FixedArray;
  readonly #kind: FixedArrayConstructor;

  constructor(kind: FixedArrayConstructor, capacity: number) {
    this.#kind = kind;
    this.#array = new kind(capacity);
  }

  /** The memory with room for at least `length` elements; it is another array after every growth. */
  withRoomFor(length: number): FixedArray {
    if (length > this.#array.length) {
      const grown = new this.#kind(Math.max(length, this.#array.length * 2, 16));
      (grown as Uint8Array).set(this.#array as Uint8Array);
      this.#array = grown;
    }
    return this.#array;
  }

  /** The first `length` elements, in the same memory. */
  finish(length: number): FixedArray {
    return this.withRoomFor(length).subarray(0, length);
  }
}

/** The validity of the rows of a column; it takes memory only from the first null on. */
export class GrowableValidity {
  #bits: Uint8Array | undefined;
  nullCount = 0;

  /** Row `row` is not null; rows are told in order. */
  markValid(row: number): void {
    if (this.#bits) setBit(this.#withRoomFor(row), row);
  }

  /** Row `row` is null. */
  markNull(row: number): void {
    this.nullCount++;
    if (!this.#bits) {
      this.#bits = new Uint8Array((row >> 3) + 8);
      fillBits(this.#bits, 0, row);
    }
    this.#withRoomFor(row);
  }

  finish(length: number): { readonly nullCount: number; readonly nullBitmap?: Uint8Array } {
    if (!this.#bits) return { nullCount: 0 };
    const bytes = (length + 7) >> 3;
    if (bytes > this.#bits.length) this.#withRoomFor(length - 1);
    return { nullCount: this.nullCount, nullBitmap: this.#bits.subarray(0, bytes) };
  }

  #withRoomFor(row: number): Uint8Array {
    const bits = this.#bits ?? new Uint8Array(8);
    const bytes = (row >> 3) + 1;
    if (bytes <= bits.length) return bits;
    const grown = new Uint8Array(Math.max(bytes, bits.length * 2));
    grown.set(bits);
    this.#bits = grown;
    return grown;
  }
}
