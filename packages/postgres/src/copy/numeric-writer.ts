import { type ColumnWriter, type CopyTarget, isValid, type RowRange } from './column-writer.ts';
import type { CopyColumn } from './copy-column.ts';

const BASE = 10_000;
const TWO_32 = 4_294_967_296;
const POWERS: readonly number[] = [1, 10, 100, 1000];
const NEGATIVE = 0x4000;
/** Header of a numeric: digit count, weight, sign, digits behind the point. */
const HEADER_BYTES = 8;
/** Base-10000 digits of any integer of 128 bits, padded to whole digits behind the point. */
const MAX_DIGITS = 12;

/**
 * numeric, from integers of 64 or 128 bits and a scale: digits to the base 10000, the highest first, without zeros at either end.
 *
 * Source: `numeric_recv` in src/backend/utils/adt/numeric.c.
 */
export class NumericWriter implements ColumnWriter {
  readonly #column: Extract<CopyColumn, { readonly kind: 'numeric' }>;
  /** What makes the digits behind the point a multiple of four. */
  readonly #padding: number;
  readonly #fractionDigits: number;
  /** Of the measured chunk: digits, the lowest first, {@link MAX_DIGITS} places a row. */
  #digits: Uint16Array = new Uint16Array(0);
  /** Places of a row's digits that count: from `low` up to, not including, `high`. */
  #low: Uint8Array = new Uint8Array(0);
  #high: Uint8Array = new Uint8Array(0);
  #negative: Uint8Array = new Uint8Array(0);
  readonly #wide: number[] = [0, 0, 0, 0, 0];

  constructor(column: Extract<CopyColumn, { readonly kind: 'numeric' }>) {
    this.#column = column;
    const missing = (4 - (column.scale % 4)) % 4;
    this.#padding = POWERS[missing]!;
    this.#fractionDigits = (column.scale + missing) / 4;
  }

  measure({ start, end }: RowRange, sizes: Int32Array): void {
    this.#reserve(end - start);
    const { validity } = this.#column;
    for (let row = start; row < end; row += 1) {
      const index = row - start;
      if (!isValid(validity, row)) {
        sizes[index]! += 4;
        continue;
      }
      this.#readDigits(row, index);
      sizes[index]! += 4 + HEADER_BYTES + 2 * (this.#high[index]! - this.#low[index]!);
    }
  }

  write({ start, end }: RowRange, { view, positions }: CopyTarget): void {
    const { validity, scale } = this.#column;
    for (let row = start; row < end; row += 1) {
      const index = row - start;
      let at = positions[index]!;
      if (!isValid(validity, row)) {
        view.setInt32(at, -1);
        positions[index] = at + 4;
        continue;
      }
      const [low, high] = [this.#low[index]!, this.#high[index]!];
      const count = high - low;
      view.setInt32(at, HEADER_BYTES + 2 * count);
      view.setInt16(at + 4, count);
      view.setInt16(at + 6, count === 0 ? 0 : high - this.#fractionDigits - 1);
      view.setUint16(at + 8, this.#negative[index] === 1 ? NEGATIVE : 0);
      view.setInt16(at + 10, scale);
      at += 12;
      for (let place = high - 1; place >= low; place -= 1, at += 2)
        view.setInt16(at, this.#digits[index * MAX_DIGITS + place]!);
      positions[index] = at;
    }
  }

  #readDigits(row: number, index: number): void {
    const { words, wordCount, sign } = this.#column;
    const at = row * wordCount;
    const top = wordCount === 4 ? words[at + 3]! : 0;
    const third = wordCount === 4 ? words[at + 2]! : 0;
    const isNegative = sign === 'signed' && top >>> 31 === 1;
    this.#negative[index] = isNegative ? 1 : 0;
    const magnitude = [words[at]!, words[at + 1]!, third, top];
    if (isNegative) negate(magnitude);
    const double = magnitude[1]! * TWO_32 + magnitude[0]!;
    const isSmall = magnitude[2] === 0 && magnitude[3] === 0 && double <= Number.MAX_SAFE_INTEGER / this.#padding;
    if (isSmall) this.#split(index, double);
    else this.#splitWide(index, magnitude);
  }

  #split(index: number, magnitude: number): void {
    let rest = magnitude * this.#padding;
    let place = index * MAX_DIGITS;
    while (rest > 0) {
      const next = Math.floor(rest / BASE);
      this.#digits[place] = rest - next * BASE;
      rest = next;
      place += 1;
    }
    this.#end(index, place - index * MAX_DIGITS);
  }

  #splitWide(index: number, words: readonly number[]): void {
    const wide = this.#wide;
    let carry = 0;
    for (let word = 0; word < 4; word += 1) {
      const product = words[word]! * this.#padding + carry;
      carry = Math.floor(product / TWO_32);
      wide[word] = product - carry * TWO_32;
    }
    wide[4] = carry;
    let count = 0;
    for (let top = 4; top >= 0; ) {
      if (wide[top] === 0) {
        top -= 1;
        continue;
      }
      let remainder = 0;
      for (let word = top; word >= 0; word -= 1) {
        const value = remainder * TWO_32 + wide[word]!;
        const quotient = Math.floor(value / BASE);
        wide[word] = quotient;
        remainder = value - quotient * BASE;
      }
      this.#digits[index * MAX_DIGITS + count] = remainder;
      count += 1;
    }
    this.#end(index, count);
  }

  /** Leaves the zeros behind the last digit out. */
  #end(index: number, count: number): void {
    let low = 0;
    while (low < count && this.#digits[index * MAX_DIGITS + low] === 0) low += 1;
    this.#low[index] = low;
    this.#high[index] = count;
  }

  #reserve(rowCount: number): void {
    if (this.#low.length >= rowCount) return;
    this.#digits = new Uint16Array(rowCount * MAX_DIGITS);
    this.#low = new Uint8Array(rowCount);
    this.#high = new Uint8Array(rowCount);
    this.#negative = new Uint8Array(rowCount);
  }
}

/** Words, the lowest first. */
function negate(words: number[]): void {
  let carry = 1;
  for (let index = 0; index < words.length; index += 1) {
    const sum = (~words[index]! >>> 0) + carry;
    carry = sum > 0xffff_ffff ? 1 : 0;
    words[index] = sum >>> 0;
  }
}
