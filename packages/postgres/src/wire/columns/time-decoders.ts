import { type DataType, dataTypes } from '@millrace/core';
import type { RowRun, ValueSource } from '../row-run.ts';
import type { ReportUnfit } from './column-problem.ts';
import { FixedDecoder } from './fixed-decoder.ts';

/** PostgreSQL counts from 2000-01-01, Arrow from 1970-01-01. */
const EPOCH_DAYS = 10_957;
const MAX_INT32 = 2_147_483_647;
const MIN_INT32 = -2_147_483_648;

/**
 * date. Both infinities become the values that the engine reads as such: the greatest int32, and its negative.
 */
export class DateDecoder extends FixedDecoder<Int32Array> {
  constructor() {
    super(dataTypes.date(), Int32Array, 1);
  }

  protected write({ view }: ValueSource, start: number, row: number): void {
    this.values[row] = toDays(view.getInt32(start));
  }

  override appendRun({ view, starts, lengths, stride, rowCount }: RowRun, column: number): void {
    this.reserve(rowCount);
    const { values } = this;
    let target = this.length;
    for (let row = column * stride; row < column * stride + rowCount; row += 1, target += 1) {
      if (lengths[row]! < 0) this.nulls.markNull(target);
      else values[target] = toDays(view.getInt32(starts[row]!));
    }
    this.length = target;
  }
}

function toDays(days: number): number {
  if (days === MAX_INT32) return MAX_INT32;
  return days === MIN_INT32 ? -MAX_INT32 : days + EPOCH_DAYS;
}

/** Microseconds from 1970 to 2000, 946,684,800,000,000, in 32-bit lanes. */
const EPOCH_LOW = 0x3b37_e000;
const EPOCH_HIGH = 220_417;

/**
 * timestamp and timestamptz, both microseconds from 2000-01-01 (UTC for the latter). Infinities become ±(2^63 - 1), which the engine reads
 * as such; a value past the year 294246, which 64 bits from 1970 cannot hold, is reported.
 */
export class TimestampDecoder extends FixedDecoder<Int32Array> {
  readonly #report: ReportUnfit;

  constructor(type: DataType, report: ReportUnfit) {
    super(type, Int32Array, 2);
    this.#report = report;
  }

  protected write({ view }: ValueSource, start: number, row: number): void {
    const low = view.getUint32(start + 4);
    const high = view.getInt32(start);
    const { values } = this;
    if (high === MAX_INT32 && low === 0xffff_ffff) {
      values[row * 2] = -1;
      values[row * 2 + 1] = MAX_INT32;
      return;
    }
    if (high === MIN_INT32 && low === 0) {
      values[row * 2] = 1;
      values[row * 2 + 1] = MIN_INT32;
      return;
    }
    const sum = low + EPOCH_LOW;
    const sumHigh = high + EPOCH_HIGH + (sum > 0xffff_ffff ? 1 : 0);
    if (sumHigh > MAX_INT32) this.#report('a timestamp after the year 294246');
    values[row * 2] = sum | 0;
    values[row * 2 + 1] = sumHigh;
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
}

/**
 * interval: microseconds, days and months, which PostgreSQL keeps apart as Arrow does. Nanoseconds hold 292 years of time; longer times, and
 * the infinite intervals of PostgreSQL 17, are reported.
 */
export class IntervalDecoder extends FixedDecoder<Int32Array> {
  readonly #report: ReportUnfit;

  constructor(report: ReportUnfit) {
    super(dataTypes.interval(), Int32Array, 4);
    this.#report = report;
  }

  protected write({ view }: ValueSource, start: number, row: number): void {
    const nanoseconds = view.getBigInt64(start) * 1000n;
    if (BigInt.asIntN(64, nanoseconds) !== nanoseconds) this.#report('an interval of more than 292 years of time');
    this.values[row * 4] = view.getInt32(start + 12);
    this.values[row * 4 + 1] = view.getInt32(start + 8);
    this.values[row * 4 + 2] = Number(BigInt.asIntN(32, nanoseconds));
    this.values[row * 4 + 3] = Number(nanoseconds >> 32n);
  }
}
