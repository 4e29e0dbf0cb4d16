import { TimeUnit } from '@millrace/core';
import { civilFromDays, dayOfYear, daysFromCivil, isoWeek, isoWeekday } from './calendar.ts';
import { type CallCompiler, type Compiled, compiledUnary, literalOf } from './compiled.ts';
import { isZoned, valueForm } from './value-form.ts';

const MICROS_PER_DAY = 86_400_000_000n;
/** The engine's infinite dates and timestamps: the highest value of the storage integer and its negative. */
export const INFINITE_DATE = 2_147_483_647;
/** See {@link INFINITE_DATE}. */
export const INFINITE_TIMESTAMP = 9_223_372_036_854_775_807n;

/** `date_trunc(part, value)` of dates and of timestamps without a zone in microseconds; the part is a literal. */
export const compileDateTrunc: CallCompiler = (call, [part, value]) => {
  if (part === undefined || value === undefined) return undefined;
  const name = literalOf(part);
  if (typeof name !== 'string') return undefined;
  const truncateDays = TRUNCATE_DAYS.get(name);
  const truncateMicros = MICROS_PER_PART.get(name);
  const fromDate = valueForm(value.type) === 'date';
  if (!fromDate && !isPlainTimestamp(value)) return undefined;
  const toDate = valueForm(call.type) === 'date';
  if (!toDate && !isPlainTimestamp(call)) return undefined;
  if (toDate && (!fromDate || truncateDays === undefined)) return undefined;
  if (truncateDays === undefined && truncateMicros === undefined) return undefined;
  return compiledUnary(call, value, (input) => {
    if (fromDate) {
      const days = input as number;
      if (Math.abs(days) === INFINITE_DATE) return toDate ? days : days > 0 ? INFINITE_TIMESTAMP : -INFINITE_TIMESTAMP;
      const truncated = truncateDays === undefined ? days : truncateDays(days);
      return toDate ? truncated : BigInt(truncated) * MICROS_PER_DAY;
    }
    const micros = input as bigint;
    if (isInfinite(micros)) return micros;
    if (truncateMicros !== undefined) return floorTo(micros, truncateMicros);
    return BigInt(truncateDays!(Number(floorDivide(micros, MICROS_PER_DAY)))) * MICROS_PER_DAY;
  });
};

/** `extract(part, value)` of dates and of timestamps without a zone in microseconds, as int64; NULL for an infinite value. */
export const compileExtract: CallCompiler = (call, [part, value]) => {
  if (part === undefined || value === undefined || valueForm(call.type) !== 'long') return undefined;
  const name = literalOf(part);
  if (typeof name !== 'string') return undefined;
  const ofDays = DATE_PARTS.get(name);
  const ofMicros = TIME_PARTS.get(name);
  if (valueForm(value.type) === 'date') {
    if (ofDays === undefined) return undefined;
    return compiledUnary(call, value, (input) => {
      const days = input as number;
      return Math.abs(days) === INFINITE_DATE ? null : BigInt(ofDays(days));
    });
  }
  if (!isPlainTimestamp(value) || (ofDays === undefined && ofMicros === undefined)) return undefined;
  return compiledUnary(call, value, (input) => {
    const micros = input as bigint;
    if (isInfinite(micros)) return null;
    const days = floorDivide(micros, MICROS_PER_DAY);
    return ofDays === undefined ? ofMicros!(micros - days * MICROS_PER_DAY) : BigInt(ofDays(Number(days)));
  });
};

/** Division towards minus infinity. */
export function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value % divisor < 0n ? quotient - 1n : quotient;
}

const TRUNCATE_DAYS: ReadonlyMap<string, (days: number) => number> = new Map(
  Object.entries({
    day: (days) => days,
    week: (days) => days - isoWeekday(days) + 1,
    month: (days) => days - civilFromDays(days).day + 1,
    quarter: (days) => {
      const { year, month } = civilFromDays(days);
      return daysFromCivil(year, month - ((month - 1) % 3), 1);
    },
    year: (days) => daysFromCivil(civilFromDays(days).year, 1, 1),
  }),
);

const MICROS_PER_PART: ReadonlyMap<string, bigint> = new Map(
  Object.entries({
    microseconds: 1n,
    milliseconds: 1000n,
    second: 1_000_000n,
    minute: 60_000_000n,
    hour: 3_600_000_000n,
  }),
);

const DATE_PARTS: ReadonlyMap<string, (days: number) => number> = new Map(
  Object.entries({
    year: (days) => civilFromDays(days).year,
    month: (days) => civilFromDays(days).month,
    day: (days) => civilFromDays(days).day,
    quarter: (days) => Math.floor((civilFromDays(days).month + 2) / 3),
    week: isoWeek,
    doy: dayOfYear,
    dow: (days) => isoWeekday(days) % 7,
    isodow: isoWeekday,
  }),
);

const TIME_PARTS: ReadonlyMap<string, (microsOfDay: bigint) => bigint> = new Map(
  Object.entries({
    hour: (micros) => micros / 3_600_000_000n,
    minute: (micros) => (micros / 60_000_000n) % 60n,
    second: (micros) => (micros / 1_000_000n) % 60n,
    milliseconds: (micros) => (micros / 1000n) % 60_000n,
    microseconds: (micros) => micros % 60_000_000n,
  }),
);

function isPlainTimestamp(node: Pick<Compiled, 'type'>): boolean {
  return valueForm(node.type) === 'timestamp' && node.type.unit === TimeUnit.Microsecond && !isZoned(node.type);
}

function isInfinite(micros: bigint): boolean {
  return micros === INFINITE_TIMESTAMP || micros === -INFINITE_TIMESTAMP;
}

function floorTo(micros: bigint, unit: bigint): bigint {
  return floorDivide(micros, unit) * unit;
}
