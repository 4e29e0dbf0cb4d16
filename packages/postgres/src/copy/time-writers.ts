import type { ReportUnfit } from '../wire/columns/column-problem.ts';
import { type CopyTarget, isValid, type RowRange } from './column-writer.ts';
import type { CopyColumn } from './copy-column.ts';
import { Int32Writer, Int64Writer } from './fixed-writers.ts';

type Of<Kind extends CopyColumn['kind']> = Extract<CopyColumn, { readonly kind: Kind }>;

/** Days from 1970 to 2000, where PostgreSQL counts from. */
const EPOCH_DAYS = 10_957;
/** 4714-11-24 BC and 5874897-12-31, the ends of `date`, in days from 1970. */
const FIRST_DAY = -2_440_588;
const LAST_DAY = 2_145_031_948;
const MAX_INT32 = 2_147_483_647;
const MIN_INT32 = -2_147_483_648;

/** date; the greatest int32 and its negative are the infinities of engine and server. */
export class DateWriter extends Int32Writer {
  readonly #report: ReportUnfit;

  constructor(column: Of<'date'>, report: ReportUnfit) {
    super(column);
    this.#report = report;
  }

  override write({ start, end }: RowRange, { view, positions }: CopyTarget): void {
    const { values, validity } = this.column;
    for (let row = start; row < end; row += 1) {
      const at = positions[row - start]!;
      const valid = isValid(validity, row);
      view.setInt32(at, valid ? 4 : -1);
      if (valid) view.setInt32(at + 4, this.#toServerDays(values[row]!));
      positions[row - start] = at + (valid ? 8 : 4);
    }
  }

  #toServerDays(days: number): number {
    if (days >= FIRST_DAY && days <= LAST_DAY) return days - EPOCH_DAYS;
    if (days === MAX_INT32) return MAX_INT32;
    if (days === -MAX_INT32) return MIN_INT32;
    return this.#report('a date before 4714 BC or after the year 5874897');
  }
}

/** Microseconds from 1970 to 2000, 946,684,800,000,000, in 32-bit lanes. */
const EPOCH_LOW = 0x3b37_e000;
const EPOCH_HIGH = 220_417;
/** 4714-11-24 BC in microseconds from 2000, high lane: what is below would wrap around. */
const FIRST_HIGH = -49_316_671;

/** timestamp and timestamptz; ±(2^63 - 1) are the infinities of engine and server. */
export class TimestampWriter extends Int64Writer {
  readonly #report: ReportUnfit;

  constructor(column: Of<'timestamp'>, report: ReportUnfit) {
    super(column);
    this.#report = report;
  }

  override write({ start, end }: RowRange, { view, positions }: CopyTarget): void {
    const { lanes, validity } = this.column;
    for (let row = start; row < end; row += 1) {
      const at = positions[row - start]!;
      if (!isValid(validity, row)) {
        view.setInt32(at, -1);
        positions[row - start] = at + 4;
        continue;
      }
      const low = lanes[row * 2]! >>> 0;
      const high = lanes[row * 2 + 1]!;
      view.setInt32(at, 8);
      this.#writeMicros(view, at + 4, { low, high });
      positions[row - start] = at + 12;
    }
  }

  #writeMicros(view: DataView, at: number, { low, high }: { readonly low: number; readonly high: number }): void {
    if (high === MAX_INT32 && low === 0xffff_ffff) {
      view.setInt32(at, MAX_INT32);
      view.setInt32(at + 4, -1);
      return;
    }
    if (high === MIN_INT32 && low === 1) {
      view.setInt32(at, MIN_INT32);
      view.setInt32(at + 4, 0);
      return;
    }
    const difference = low - EPOCH_LOW;
    const serverHigh = high - EPOCH_HIGH - (difference < 0 ? 1 : 0);
    if (serverHigh < FIRST_HIGH) this.#report('a timestamp before 4714 BC');
    view.setInt32(at, serverHigh);
    view.setInt32(at + 4, difference | 0);
  }
}
