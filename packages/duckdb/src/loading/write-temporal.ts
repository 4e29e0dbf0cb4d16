import { DateUnit, TimeUnit, TypeId } from '@millrace/core';
import { type ColumnSource, columnError, type WriteRows } from './column-source.ts';
import { copyToVector, valueWords } from './raw-vector.ts';
import { type ConvertInt64, divideInt64, keepInfinity, keepInt64, multiplyInt64 } from './scale-int64.ts';
import { scratchWords } from './scratch.ts';
import { isVisible, type RowMask, visibleRows, writeMask } from './validity.ts';
import { createCopyWriter } from './write-fixed-width.ts';

const TWO_32 = 2 ** 32;
const MS_PER_DAY = 86_400_000;
const MICROSECONDS_PER_SECOND = 1_000_000;

/** Arrow's `IntervalUnit`, whose layouts differ. */
const YEAR_MONTH = 0;
const DAY_TIME = 1;

/** Writes days as they are; milliseconds must be whole days, else the batch fails with `invalid_data`. */
export function createDateWriter(source: ColumnSource): WriteRows {
  if (source.column.type.unit === DateUnit.Day) {
    return createCopyWriter(source, 4);
  }
  const { column, path } = source;
  const words = valueWords(column, 2, path);
  return (vector, start, count, mask) => {
    const visible = visibleRows(column, start, count, mask);
    writeMask(vector, visible);
    const target = scratchWords(count);
    for (let row = 0; row < count; row++) {
      const at = (start + row) * 2;
      const low = words[at] as number;
      const days = ((words[at + 1] as number) * TWO_32 + (low >>> 0)) / MS_PER_DAY;
      target[row] = days;
      // A day is a multiple of 2^10 ms; with those bits zero, the double holds every value of 32-bit days exactly.
      requireExact((low & 0x3ff) === 0 && days === target[row], visible, { path, start, row });
    }
    copyToVector(vector, 0, target);
  };
}

/** Writes times of day: seconds, milliseconds and microseconds as TIME, nanoseconds as TIME_NS. */
export function createTimeWriter(source: ColumnSource): WriteRows {
  const { unit } = source.column.type;
  if (unit === TimeUnit.Microsecond || unit === TimeUnit.Nanosecond) {
    return createCopyWriter(source, 8);
  }
  const { column, path } = source;
  const factor = unit === TimeUnit.Second ? MICROSECONDS_PER_SECOND : 1_000;
  const words = valueWords(column, 1, path);
  return (vector, start, count, mask) => {
    writeMask(vector, visibleRows(column, start, count, mask));
    const target = scratchWords(count * 2);
    for (let row = 0; row < count; row++) {
      const microseconds = (words[start + row] as number) * factor;
      target[row * 2] = microseconds;
      target[row * 2 + 1] = Math.floor(microseconds / TWO_32);
    }
    copyToVector(vector, 0, target);
  };
}

/**
 * Writes timestamps: without a zone each unit as it is, instants as the microseconds of TIMESTAMPTZ.
 *
 * An instant in seconds or milliseconds that 64 bits of microseconds cannot hold, and one in nanoseconds that is not a whole
 * microsecond, fails with `invalid_data`. The infinities pass in every unit.
 */
export function createTimestampWriter(source: ColumnSource): WriteRows {
  const { unit, timezone } = source.column.type;
  if (unit === TimeUnit.Microsecond || timezone === null || timezone === undefined || timezone === '') {
    return createCopyWriter(source, 8);
  }
  const convert = keepInfinity(toMicroseconds(unit));
  const { column, path } = source;
  const words = valueWords(column, 2, path);
  return (vector, start, count, mask) => {
    const visible = visibleRows(column, start, count, mask);
    writeMask(vector, visible);
    const target = scratchWords(count * 2);
    for (let row = 0; row < count; row++) {
      const at = (start + row) * 2;
      const exact = convert(words[at] as number, words[at + 1] as number, target, row * 2);
      requireExact(exact, visible, { path, start, row });
    }
    copyToVector(vector, 0, target);
  };
}

/**
 * Writes durations and calendar intervals as INTERVAL: months, days and microseconds, each kept apart.
 *
 * Nanoseconds must be whole microseconds, and the microseconds must fit 64 bits, else the batch fails with `invalid_data`.
 */
export function createIntervalWriter(source: ColumnSource): WriteRows {
  const { column, path } = source;
  const read = intervalReader(source);
  return (vector, start, count, mask) => {
    const visible = visibleRows(column, start, count, mask);
    writeMask(vector, visible);
    const target = scratchWords(count * 4).fill(0);
    for (let row = 0; row < count; row++) {
      requireExact(read(start + row, target, row * 4), visible, { path, start, row });
    }
    copyToVector(vector, 0, target);
  };
}

/** Puts one row's interval, as four words, at `index`; false when it cannot be exact. */
type ReadInterval = (row: number, target: Int32Array, index: number) => boolean;

function intervalReader({ column, path }: ColumnSource): ReadInterval {
  const { typeId, unit } = column.type;
  if (typeId === TypeId.Duration) {
    const words = valueWords(column, 2, path);
    const convert = toMicroseconds(unit);
    return (row, target, index) => convert(words[row * 2] as number, words[row * 2 + 1] as number, target, index + 2);
  }
  if (unit === YEAR_MONTH) {
    const words = valueWords(column, 1, path);
    return (row, target, index) => {
      target[index] = words[row] as number;
      return true;
    };
  }
  if (unit === DAY_TIME) {
    const words = valueWords(column, 2, path);
    const convert = multiplyInt64(1_000);
    return (row, target, index) => {
      const milliseconds = words[row * 2 + 1] as number;
      target[index + 1] = words[row * 2] as number;
      return convert(milliseconds, milliseconds >> 31, target, index + 2);
    };
  }
  const words = valueWords(column, 4, path);
  const convert = divideInt64(1_000);
  return (row, target, index) => {
    const at = row * 4;
    target[index] = words[at] as number;
    target[index + 1] = words[at + 1] as number;
    return convert(words[at + 2] as number, words[at + 3] as number, target, index + 2);
  };
}

function toMicroseconds(unit: number | undefined): ConvertInt64 {
  switch (unit) {
    case TimeUnit.Second:
      return multiplyInt64(MICROSECONDS_PER_SECOND);
    case TimeUnit.Millisecond:
      return multiplyInt64(1_000);
    case TimeUnit.Nanosecond:
      return divideInt64(1_000);
    default:
      return keepInt64;
  }
}

function requireExact(
  exact: boolean,
  visible: RowMask | undefined,
  place: { readonly path: string; readonly start: number; readonly row: number },
): void {
  if (!exact && isVisible(visible, place.row)) {
    const at = place.start + place.row;
    throw columnError(place.path, `has a value at position ${at} that DuckDB cannot hold exactly`);
  }
}
