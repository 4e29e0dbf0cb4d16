/** Which rows of a column are null; it takes memory only from the first null on. */
export class NullBitmap {
  #bits: Uint8Array | undefined;
  #capacity = 0;
  #nullCount = 0;

  reset(capacity: number): void {
    this.#bits = undefined;
    this.#capacity = capacity;
    this.#nullCount = 0;
  }

  markNull(row: number): void {
    this.#bits ??= new Uint8Array((this.#capacity + 7) >> 3).fill(0xff);
    this.#bits[row >> 3]! &= ~(1 << (row & 7));
    this.#nullCount++;
  }

  finish(rowCount: number): { readonly nullCount: number; readonly nullBitmap?: Uint8Array } {
    if (this.#bits === undefined) return { nullCount: 0 };
    return { nullCount: this.#nullCount, nullBitmap: this.#bits.subarray(0, (rowCount + 7) >> 3) };
  }
}
