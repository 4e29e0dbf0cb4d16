import { dataTypes } from '@millrace/core';
import type { RowRun, ValueSource } from '../row-run.ts';
import type { ReportUnfit } from './column-problem.ts';
import { FixedDecoder } from './fixed-decoder.ts';

/** Digits that a double holds exactly. */
const SAFE_DIGITS = 15;
const BASE = 10_000;
const TWO_32 = 4_294_967_296;
const POWERS: readonly number[] = [1, 10, 100, 1000, 10_000];
const NEGATIVE = 0x4000;
const SPECIAL = 0xc000;

/** Precision and scale of a decimal column. */
export interface DecimalShape {
  readonly precision: number;
  readonly scale: number;
}

/**
 * numeric: base-10000 digits with a weight, turned into an integer of 128 bits that is scaled by `scale`. A value that does not fit exactly
 * (more digits behind the point, more digits in all, NaN, an infinity) is reported, never rounded.
 *
 * Source: `numeric_send` in src/backend/utils/adt/numeric.c: int16 digit count, weight, sign, display scale, then the digits.
 */
export class DecimalDecoder extends FixedDecoder<Uint32Array> {
  readonly #scale: number;
  readonly #precision: number;
  readonly #report: ReportUnfit;

  constructor({ precision, scale }: DecimalShape, report: ReportUnfit) {
    super(dataTypes.decimal(precision, scale), Uint32Array, 4);
    this.#scale = scale;
    this.#precision = precision;
    this.#report = report;
  }

  protected write({ view }: ValueSource, start: number, row: number): void {
    const digitCount = view.getInt16(start);
    const weight = view.getInt16(start + 2);
    const sign = view.getUint16(start + 4);
    const { values } = this;
    const target = row * 4;
    if (sign >= SPECIAL) this.#report('a numeric that is NaN or infinite');
    if (digitCount === 0) {
      values[target] = values[target + 1] = values[target + 2] = values[target + 3] = 0;
      return;
    }
    const first = start + 8;
    const digits = weight * 4 + leadingDigits(view.getInt16(first)) + this.#scale;
    if (digits > this.#precision)
      this.#report(`a numeric of more digits than decimal(${this.#precision},${this.#scale}) holds`);
    // Decimal places that the last base-10000 digit still lacks, or has too many.
    const shift = (weight - digitCount + 1) * 4 + this.#scale;
    if (digits <= SAFE_DIGITS) {
      let value = 0;
      const end = first + digitCount * 2;
      for (let at = first; at < end - 2; at += 2) value = value * BASE + view.getInt16(at);
      value = this.#withLast(value, view.getInt16(end - 2), shift);
      storeDouble(values, target, value, sign === NEGATIVE);
      return;
    }
    this.#writeWide(view, start, target);
  }

  override appendRun(run: RowRun, column: number): void {
    const { starts, lengths, stride, rowCount } = run;
    this.reserve(rowCount);
    let target = this.length;
    for (let row = column * stride; row < column * stride + rowCount; row += 1, target += 1) {
      if (lengths[row]! < 0) this.nulls.markNull(target);
      else this.write(run, starts[row]!, target);
    }
    this.length = target;
  }

  /** `value` with one more base-10000 digit, scaled so that nothing but zeros is cut off. */
  #withLast(value: number, last: number, shift: number): number {
    if (shift >= 0) {
      let scaled = value * BASE + last;
      for (let rest = shift; rest > 0; rest -= 4) scaled *= POWERS[Math.min(rest, 4)]!;
      return scaled;
    }
    if (shift <= -4) this.#report(this.#tooFine());
    const divisor = POWERS[-shift]!;
    if (last % divisor !== 0) this.#report(this.#tooFine());
    return value * (BASE / divisor) + last / divisor;
  }

  #writeWide(view: DataView, start: number, target: number): void {
    const digitCount = view.getInt16(start);
    const shift = (view.getInt16(start + 2) - digitCount + 1) * 4 + this.#scale;
    if (shift <= -4) this.#report(this.#tooFine());
    const words = [0, 0, 0, 0];
    for (let index = 0; index < digitCount; index += 1) {
      const digit = view.getInt16(start + 8 + index * 2);
      if (index < digitCount - 1 || shift >= 0) {
        multiplyAdd(words, BASE, digit);
        continue;
      }
      const divisor = POWERS[-shift]!;
      if (digit % divisor !== 0) this.#report(this.#tooFine());
      multiplyAdd(words, BASE / divisor, digit / divisor);
    }
    for (let rest = shift; rest > 0; rest -= 4) multiplyAdd(words, POWERS[Math.min(rest, 4)]!, 0);
    if (view.getUint16(start + 4) === NEGATIVE) negate(words);
    for (let word = 0; word < 4; word += 1) this.values[target + word] = words[word]!;
  }

  #tooFine(): string {
    return `a numeric with more than ${this.#scale} digits behind the point`;
  }
}

function leadingDigits(digit: number): number {
  return digit >= 1000 ? 4 : digit >= 100 ? 3 : digit >= 10 ? 2 : 1;
}

function storeDouble(values: Uint32Array, target: number, value: number, isNegative: boolean): void {
  const high = Math.floor(value / TWO_32);
  const low = value - high * TWO_32;
  if (!isNegative || value === 0) {
    values[target] = low;
    values[target + 1] = high;
    values[target + 2] = values[target + 3] = 0;
    return;
  }
  values[target] = -low;
  values[target + 1] = low === 0 ? -high : ~high;
  values[target + 2] = values[target + 3] = 0xffff_ffff;
}

/** 128-bit words, the lowest first, times a factor up to 10000 plus an addend. */
function multiplyAdd(words: number[], factor: number, addend: number): void {
  let carry = addend;
  for (let index = 0; index < 4; index += 1) {
    const product = words[index]! * factor + carry;
    carry = Math.floor(product / TWO_32);
    words[index] = product - carry * TWO_32;
  }
}

function negate(words: number[]): void {
  let carry = 1;
  for (let index = 0; index < 4; index += 1) {
    const sum = (~words[index]! >>> 0) + carry;
    carry = sum > 0xffff_ffff ? 1 : 0;
    words[index] = sum >>> 0;
  }
}
