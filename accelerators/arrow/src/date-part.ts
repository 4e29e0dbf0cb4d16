import { createNullTest, normalizeColumn } from '@millrace/arrow';
import {
  type ColumnData,
  type DataType,
  DateUnit,
  type PartitionDatePart,
  type PartitionPeriod,
  TimeUnit,
  TypeId,
} from '@millrace/core';

const DAY_MS = 86_400_000;
/** Days that a `Date` of JavaScript reaches; what lies beyond has no parts here. */
const MAX_DAYS = 100_000_000;

/** Whether a type has days. */
export function hasDays({ typeId }: DataType): boolean {
  return typeId === TypeId.Date || typeId === TypeId.Timestamp;
}

/**
 * Reads how many whole periods of a fraction of a day (1, 24 an hour, 1,440 a minute) lie between 1970-01-01 and a date, in UTC; undefined for null and
 * for what no calendar reaches. Undefined for a column that has no days.
 */
function periodCounter(source: ColumnData, perDay: 1 | 24 | 1_440): ((row: number) => number | undefined) | undefined {
  const column = normalizeColumn(source);
  if (!hasDays(column.type)) return undefined;
  const isNull = createNullTest(column);
  const dayUnits = unitsPerDay(column.type);
  const read = dayUnits === 1 ? dayNumbers(column, perDay) : wholeQuotients(column, dayUnits / perDay);
  return (row) => {
    if (isNull(row)) return undefined;
    const count = read(row);
    return Math.abs(count) < MAX_DAYS * perDay ? count : undefined;
  };
}

/** Reads a part of dates as `date_part` of SQL counts it; undefined for null and for what no calendar reaches. Undefined for a column that has no days. */
export function datePartReader(
  column: ColumnData,
  part: PartitionDatePart,
): ((row: number) => number | undefined) | undefined {
  if (part === 'hour' || part === 'minute') {
    const count = periodCounter(column, part === 'hour' ? 24 : 1_440);
    const cycle = part === 'hour' ? 24 : 60;
    return mapped(count, (value) => value - Math.floor(value / cycle) * cycle);
  }
  return mapped(
    periodCounter(column, 1),
    remembered((day) => partOfDay(day, part)),
  );
}

/** Reads the period that a date falls into as a number that rises with it; undefined for null and for what no calendar reaches. */
export function periodReader(
  column: ColumnData,
  unit: PartitionPeriod,
): ((row: number) => number | undefined) | undefined {
  if (unit === 'hour') return periodCounter(column, 24);
  return mapped(
    periodCounter(column, 1),
    remembered((day) => startOfPeriod(day, unit)),
  );
}

function mapped(
  read: ((row: number) => number | undefined) | undefined,
  map: (value: number) => number,
): ((row: number) => number | undefined) | undefined {
  if (read === undefined) return undefined;
  return (row) => {
    const value = read(row);
    return value === undefined ? undefined : map(value);
  };
}

function unitsPerDay({ typeId, unit }: DataType): number {
  if (typeId === TypeId.Date) return unit === DateUnit.Millisecond ? DAY_MS : 1;
  switch (unit) {
    case TimeUnit.Second:
      return 86_400;
    case TimeUnit.Millisecond:
      return DAY_MS;
    case TimeUnit.Nanosecond:
      return DAY_MS * 1e6;
    default:
      return DAY_MS * 1e3;
  }
}

function dayNumbers({ values }: ColumnData, perDay: number): (row: number) => number {
  const days = values as Int32Array;
  return (row) => (days[row] ?? 0) * perDay;
}

/** 64-bit integers divided by a divisor, exactly, towards minus infinity. */
function wholeQuotients({ values, length }: ColumnData, divisor: number): (row: number) => number {
  const words = new Int32Array(values!.buffer as ArrayBuffer, values!.byteOffset, length * 2);
  return (row) => {
    const high = words[row * 2 + 1] ?? 0;
    const low = (words[row * 2] ?? 0) >>> 0;
    const value = high * 0x1_0000_0000 + low;
    if (!Number.isSafeInteger(value)) return wideQuotient(high, low, BigInt(divisor));
    const quotient = Math.floor(value / divisor);
    const rest = value - quotient * divisor;
    return rest < 0 ? quotient - 1 : rest >= divisor ? quotient + 1 : quotient;
  };
}

function wideQuotient(high: number, low: number, divisor: bigint): number {
  const value = (BigInt(high) << 32n) + BigInt(low);
  const quotient = value / divisor;
  return Number(value % divisor < 0n ? quotient - 1n : quotient);
}

function partOfDay(day: number, part: Exclude<PartitionDatePart, 'hour' | 'minute'>): number {
  const date = new Date(day * DAY_MS);
  switch (part) {
    case 'year':
      return date.getUTCFullYear();
    case 'quarter':
      return Math.floor(date.getUTCMonth() / 3) + 1;
    case 'month':
      return date.getUTCMonth() + 1;
    case 'day':
      return date.getUTCDate();
    case 'dayofweek':
      return date.getUTCDay();
    case 'dayofyear':
      return day - firstDayOf(date.getUTCFullYear()) + 1;
    case 'week':
      return isoWeek(day);
  }
}

function startOfPeriod(day: number, unit: PartitionPeriod): number {
  const date = new Date(day * DAY_MS);
  switch (unit) {
    case 'year':
      return firstDayOf(date.getUTCFullYear());
    case 'quarter':
      return firstDayOf(date.getUTCFullYear(), date.getUTCMonth() - (date.getUTCMonth() % 3));
    case 'month':
      return day - date.getUTCDate() + 1;
    case 'week':
      return day - ((date.getUTCDay() + 6) % 7);
    default:
      return day;
  }
}

/** Source: ISO 8601: a week belongs to the year that its Thursday is in. */
function isoWeek(day: number): number {
  const thursday = day - ((new Date(day * DAY_MS).getUTCDay() + 6) % 7) + 3;
  return Math.floor((thursday - firstDayOf(new Date(thursday * DAY_MS).getUTCFullYear())) / 7) + 1;
}

function firstDayOf(year: number, month = 0): number {
  // `Date.UTC` takes the years 0 to 99 for those of the last century.
  return new Date(0).setUTCFullYear(year, month, 1) / DAY_MS;
}

/** Neighbours share their days, and a table has few of them. */
function remembered(compute: (day: number) => number): (day: number) => number {
  const known = new Map<number, number>();
  return (day) => {
    const found = known.get(day);
    if (found !== undefined) return found;
    const value = compute(day);
    if (known.size >= 65_536) known.clear();
    known.set(day, value);
    return value;
  };
}
