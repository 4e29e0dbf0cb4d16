import type { ColumnData, DataType } from '@millrace/core';
import type { ColumnDecoder } from './column-decoder.ts';
import { lengthSize, readLength } from './length-encoding.ts';
import { NullBitmap } from './null-bitmap.ts';

/** So many digits are always a number that a double holds exactly. */
const EXACT_DIGITS = 15;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

/** DECIMAL: sent as text with all digits of its scale; stored as 128-bit integers of that scale. */
export class DecimalDecoder implements ColumnDecoder {
  readonly #type: DataType;
  readonly #nulls: NullBitmap = new NullBitmap();
  #words: Uint32Array = new Uint32Array(0);

  constructor(type: DataType) {
    this.#type = type;
  }

  get byteLength(): number {
    return 0;
  }

  reset(capacity: number): void {
    this.#words = new Uint32Array(capacity * 4);
    this.#nulls.reset(capacity);
  }

  read(buffer: Buffer, position: number, row: number): number {
    const start = position + lengthSize(buffer[position]!);
    const end = start + readLength(buffer, position);
    let at = start;
    const isNegative = buffer[at] === MINUS;
    if (isNegative) at++;
    if (end - at > EXACT_DIGITS + 1) {
      this.#storeLong(row, buffer.toString('latin1', at, end), isNegative);
      return end;
    }
    let value = 0;
    for (; at < end; at++) {
      const unit = buffer[at]!;
      if (unit !== POINT) value = value * 10 + (unit - ZERO);
    }
    // A text of EXACT_DIGITS + 1 characters without a point has one digit more.
    if (value > Number.MAX_SAFE_INTEGER) this.#storeLong(row, buffer.toString('latin1', start, end), false);
    else {
      const words = this.#words;
      const high = Math.floor(value / 0x1_00_00_00_00);
      if (isNegative && value !== 0) {
        const signed = -value;
        words[row * 4] = signed;
        words[row * 4 + 1] = Math.floor(signed / 0x1_00_00_00_00);
        words[row * 4 + 2] = 0xff_ff_ff_ff;
        words[row * 4 + 3] = 0xff_ff_ff_ff;
      } else {
        words[row * 4] = value;
        words[row * 4 + 1] = high;
      }
    }
    return end;
  }

  readNull(row: number): void {
    this.#nulls.markNull(row);
  }

  finish(rowCount: number): ColumnData {
    const values = this.#words.subarray(0, rowCount * 4);
    return { type: this.#type, length: rowCount, offset: 0, ...this.#nulls.finish(rowCount), values, children: [] };
  }

  #storeLong(row: number, text: string, isNegative: boolean): void {
    const unscaled = BigInt(text.replace('.', ''));
    let rest = BigInt.asUintN(128, isNegative ? -unscaled : unscaled);
    for (let word = 0; word < 4; word++) {
      this.#words[row * 4 + word] = Number(rest & 0xff_ff_ff_ffn);
      rest >>= 32n;
    }
  }
}
