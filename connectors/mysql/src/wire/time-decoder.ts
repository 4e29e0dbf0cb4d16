import type { ColumnData, DataType } from '@millrace/core';
import { daysFromDate, daysInMonth } from './calendar.ts';
import type { ColumnDecoder } from './column-decoder.ts';
import { readInt32 } from './fixed-decoder.ts';
import { NullBitmap } from './null-bitmap.ts';
import { WideDecoder } from './wide-decoder.ts';

/** Called for a date that is none: `0000-00-00`, or one without a month or day. What it returns is nothing; it may throw. */
export type OnZeroDate = () => void;

/** Days since 1970-01-01 of the date at `position` (year of two bytes, month, day), or undefined when it is no date. */
function readDays(buffer: Buffer, position: number): number | undefined {
  const year = buffer[position]! | (buffer[position + 1]! << 8);
  const month = buffer[position + 2]!;
  const day = buffer[position + 3]!;
  // The mode ALLOW_INVALID_DATES stores even 31 February.
  if (month === 0 || day === 0 || (day > 28 && day > daysInMonth(year, month))) return undefined;
  return daysFromDate(year, month, day);
}

/** DATE: no bytes for a zero date, else four. */
export class DateDecoder implements ColumnDecoder {
  readonly #type: DataType;
  readonly #onZeroDate: OnZeroDate;
  readonly #nulls: NullBitmap = new NullBitmap();
  #values: Int32Array = new Int32Array(0);

  constructor(type: DataType, onZeroDate: OnZeroDate) {
    this.#type = type;
    this.#onZeroDate = onZeroDate;
  }

  get byteLength(): number {
    return 0;
  }

  reset(capacity: number): void {
    this.#values = new Int32Array(capacity);
    this.#nulls.reset(capacity);
  }

  read(buffer: Buffer, position: number, row: number): number {
    const length = buffer[position]!;
    const days = length === 0 ? undefined : readDays(buffer, position + 1);
    if (days === undefined) {
      this.#onZeroDate();
      this.readNull(row);
    } else this.#values[row] = days;
    return position + 1 + length;
  }

  readNull(row: number): void {
    this.#nulls.markNull(row);
  }

  finish(rowCount: number): ColumnData {
    const values = this.#values.subarray(0, rowCount);
    return { type: this.#type, length: rowCount, offset: 0, ...this.#nulls.finish(rowCount), values, children: [] };
  }
}

const SECONDS_A_DAY = 86_400;
/** Microseconds of so many seconds still fit a number exactly. */
const LAST_EXACT_SECONDS = 9_007_199_254;

/** DATETIME and TIMESTAMP: 0, 4, 7 or 11 bytes, without the parts at the end that are zero. */
export class DateTimeDecoder extends WideDecoder {
  readonly #onZeroDate: OnZeroDate;
  readonly #offsetSeconds: number;

  /** @param offsetSeconds how far the session's clock is ahead of UTC, for instants; 0 for wall-clock times. */
  constructor(type: DataType, offsetSeconds: number, onZeroDate: OnZeroDate) {
    super(type);
    this.#offsetSeconds = offsetSeconds;
    this.#onZeroDate = onZeroDate;
  }

  read(buffer: Buffer, position: number, row: number): number {
    const length = buffer[position]!;
    const days = length < 4 ? undefined : readDays(buffer, position + 1);
    if (days === undefined) {
      this.#onZeroDate();
      this.readNull(row);
      return position + 1 + length;
    }
    let seconds = days * SECONDS_A_DAY - this.#offsetSeconds;
    if (length >= 7) seconds += buffer[position + 5]! * 3600 + buffer[position + 6]! * 60 + buffer[position + 7]!;
    const micros = length >= 11 ? readInt32(buffer, position + 8) : 0;
    if (seconds < LAST_EXACT_SECONDS && seconds > -LAST_EXACT_SECONDS) this.store(row, seconds * 1_000_000 + micros);
    else this.#storeLarge(row, seconds, micros);
    return position + 1 + length;
  }

  /** Beyond the years 1684 to 2255 the product is formed in two parts of 16 bits and more. */
  #storeLarge(row: number, seconds: number, micros: number): void {
    const upperSeconds = Math.floor(seconds / 0x1_00_00);
    const lower = (seconds - upperSeconds * 0x1_00_00) * 1_000_000 + micros;
    const carry = Math.floor(lower / 0x1_00_00);
    const upper = upperSeconds * 1_000_000 + carry;
    const high = Math.floor(upper / 0x1_00_00);
    this.lanes[row * 2] = (upper - high * 0x1_00_00) * 0x1_00_00 + (lower - carry * 0x1_00_00);
    this.lanes[row * 2 + 1] = high;
  }
}

/** TIME, as a duration in microseconds: 0, 8 or 12 bytes of sign, days, hours, minutes, seconds, microseconds. */
export class TimeDecoder extends WideDecoder {
  read(buffer: Buffer, position: number, row: number): number {
    const length = buffer[position]!;
    if (length === 0) return position + 1;
    const days = readInt32(buffer, position + 2);
    const seconds =
      days * SECONDS_A_DAY + buffer[position + 6]! * 3600 + buffer[position + 7]! * 60 + buffer[position + 8]!;
    const micros = seconds * 1_000_000 + (length >= 12 ? readInt32(buffer, position + 9) : 0);
    this.store(row, buffer[position + 1] === 1 ? -micros : micros);
    return position + 1 + length;
  }
}
