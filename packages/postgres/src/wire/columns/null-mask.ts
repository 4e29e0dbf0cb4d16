/** The null bitmap of a growing column; made only when the first null comes. */
export class NullMask {
  #bitmap: Uint8Array | undefined;
  nullCount = 0;

  markNull(row: number): void {
    const needed = (row >> 3) + 1;
    if (this.#bitmap === undefined || this.#bitmap.length < needed) {
      const grown = new Uint8Array(Math.max(1024, needed * 2)).fill(0xff);
      if (this.#bitmap !== undefined) grown.set(this.#bitmap);
      this.#bitmap = grown;
    }
    this.#bitmap[row >> 3]! &= ~(1 << (row & 7));
    this.nullCount += 1;
  }

  /** Count and bitmap of the first `length` rows, as members of a column; the mask starts anew. */
  finish(length: number): { readonly nullCount: number; readonly nullBitmap?: Uint8Array } {
    const { nullCount } = this;
    const bitmap = this.#bitmap;
    this.#bitmap = undefined;
    this.nullCount = 0;
    if (bitmap === undefined) return { nullCount: 0 };
    const byteCount = (length + 7) >> 3;
    if (bitmap.length >= byteCount) return { nullCount, nullBitmap: bitmap.subarray(0, byteCount) };
    const whole = new Uint8Array(byteCount).fill(0xff);
    whole.set(bitmap);
    return { nullCount, nullBitmap: whole };
  }
}
