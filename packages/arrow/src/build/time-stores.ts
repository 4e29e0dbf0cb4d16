import { type DataType, DateUnit, IntervalUnit, TimeUnit } from '@millrace/core';
import { timeWidth } from '../time-width.ts';
import { parseDate } from '../values/calendar.ts';
import { reject } from '../values/rejection.ts';
import { fractionDigits, parseTime, parseTimestamp, unitsPerSecond } from '../values/time-text.ts';
import type { FixedStore } from './fixed-builder.ts';
import { longStore, toInteger, writeLong } from './number-stores.ts';

const MILLISECONDS_PER_DAY = 86_400_000;
const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

/** Days as int32, or whole days in milliseconds as int64. */
export function dateStore(type: DataType): FixedStore<Int32Array> {
  if (type.unit === DateUnit.Millisecond) {
    return viaLong((value) =>
      typeof value === 'bigint' ? value : BigInt(toDays(value)) * BigInt(MILLISECONDS_PER_DAY),
    );
  }
  return {
    array: Int32Array,
    stride: 1,
    store(elements, start, value) {
      elements[start] = withinInt32(typeof value === 'bigint' ? Number(value) : toDays(value));
    },
  };
}

/** Times of day, from 00:00:00 to 24:00:00, as int32 or int64. */
export function timeStore(type: DataType): FixedStore<Int32Array> {
  const unit = type.unit ?? TimeUnit.Microsecond;
  const limit = 86_400n * unitsPerSecond(unit);
  const toCount = (value: unknown): bigint => {
    const count = typeof value === 'string' ? parseTime(value, unit) : requireBigint(value, 'HH:MM:SS');
    return count >= 0n && count <= limit ? count : reject('is not within a day');
  };
  if (timeWidth(type) === 64) return viaLong(toCount);
  return {
    array: Int32Array,
    stride: 1,
    store(elements, start, value) {
      elements[start] = Number(toCount(value));
    },
  };
}

/** Instants or wall-clock times since 1970-01-01, as int64 in the type's unit. */
export function timestampStore(type: DataType): FixedStore<Int32Array> {
  const unit = type.unit ?? TimeUnit.Microsecond;
  const zone = type.timezone ? 'required' : 'none';
  return viaLong((value) => {
    if (typeof value === 'string') return parseTimestamp(value, unit, zone);
    if (isDate(value)) return millisecondsToUnit(toMilliseconds(value), unit);
    return requireBigint(value, 'a Date, an ISO string');
  });
}

/** Lengths of time as int64 in the type's unit. */
export function durationStore(): FixedStore<Int32Array> {
  return viaLong((value) => (typeof value === 'bigint' ? value : reject('is not a bigint in the unit of the column')));
}

/** Calendar intervals in each of Arrow's three units. */
export function intervalStore(type: DataType): FixedStore<Int32Array> {
  switch (type.unit) {
    case IntervalUnit.YearMonth:
      return {
        array: Int32Array,
        stride: 1,
        store(words, start, value) {
          const { months, days, nanoseconds } = toInterval(value);
          if (days !== 0 || nanoseconds !== 0n) reject('has days or a time, which an interval of months cannot hold');
          words[start] = withinInt32(months);
        },
      };
    case IntervalUnit.DayTime:
      return {
        array: Int32Array,
        stride: 2,
        store(words, start, value) {
          const { months, days, nanoseconds } = toInterval(value);
          if (months !== 0) reject('has months, which an interval of days and milliseconds cannot hold');
          if (nanoseconds % 1_000_000n !== 0n) reject('has a time finer than milliseconds');
          words[start] = withinInt32(days);
          words[start + 1] = withinInt32(Number(nanoseconds / 1_000_000n));
        },
      };
    default:
      return {
        array: Int32Array,
        stride: 4,
        store(words, start, value) {
          const { months, days, nanoseconds } = toInterval(value);
          if (BigInt.asIntN(64, nanoseconds) !== nanoseconds) reject('has more nanoseconds than 64 bits hold');
          words[start] = withinInt32(months);
          words[start + 1] = withinInt32(days);
          writeLong(words, start + 2, nanoseconds);
        },
      };
  }
}

/** 64-bit counts by way of bigint. */
function viaLong(toCount: (value: unknown) => bigint): FixedStore<Int32Array> {
  const long = longStore('signed');
  return { ...long, store: (words, start, value) => long.store(words, start, toCount(value)) };
}

function toDays(value: unknown): number {
  if (typeof value === 'string') return parseDate(value);
  if (typeof value === 'number') return Number.isInteger(value) ? value : reject('is not a whole number of days');
  if (!isDate(value)) return reject('is not a date of the form YYYY-MM-DD, a number of days, or a Date');
  const milliseconds = toMilliseconds(value);
  if (milliseconds % MILLISECONDS_PER_DAY !== 0) return reject('is a Date that is not at midnight UTC');
  return milliseconds / MILLISECONDS_PER_DAY;
}

function millisecondsToUnit(milliseconds: number, unit: number): bigint {
  const digits = fractionDigits(unit);
  if (digits >= 3) return BigInt(milliseconds) * 10n ** BigInt(digits - 3);
  return milliseconds % 1_000 === 0
    ? BigInt(milliseconds / 1_000)
    : reject('has milliseconds, which the unit of the column cannot hold');
}

/** By tag, because a Date from another realm is no `instanceof`. */
function isDate(value: unknown): value is Date {
  return value instanceof Date || Object.prototype.toString.call(value) === '[object Date]';
}

function toMilliseconds(date: Date): number {
  const milliseconds = date.getTime();
  return Number.isNaN(milliseconds) ? reject('is an invalid Date') : milliseconds;
}

function toInterval(value: unknown): { readonly months: number; readonly days: number; readonly nanoseconds: bigint } {
  if (!isIntervalObject(value)) return reject('is not an object of months, days and nanoseconds');
  const { months = 0, days = 0, nanoseconds = 0n } = value;
  if (typeof months !== 'number' || typeof days !== 'number') return reject('has months or days that are not numbers');
  if (typeof nanoseconds === 'number' && !Number.isSafeInteger(nanoseconds))
    return reject('has nanoseconds that are not whole');
  const exact = typeof nanoseconds === 'number' ? BigInt(nanoseconds) : toInteger(nanoseconds);
  return { months, days, nanoseconds: exact };
}

/** Only the three members and at least one: another library's `{ hours: 1 }` must not become an empty interval. */
function isIntervalObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => key === 'months' || key === 'days' || key === 'nanoseconds');
}

function withinInt32(value: number): number {
  if (!Number.isInteger(value)) return reject('is not a whole number');
  return value >= INT32_MIN && value <= INT32_MAX ? value : reject('is outside the range of the column');
}

function requireBigint(value: unknown, otherwise: string): bigint {
  return typeof value === 'bigint' ? value : reject(`is not ${otherwise} or a bigint in the unit of the column`);
}
