import type { Interval } from '@duckdb/node-bindings';
import type { LiteralLike } from '@millrace/arrow';
import { DateUnit, type Field, TimeUnit, TypeId } from '@millrace/core';
import { invalidValue, toBigInt, toInteger } from './parameter-forms.ts';

const MICROSECONDS: Readonly<Record<number, bigint>> = {
  [TimeUnit.Second]: 1_000_000n,
  [TimeUnit.Millisecond]: 1_000n,
  [TimeUnit.Microsecond]: 1n,
};
const NANOSECONDS_PER_MICROSECOND = 1_000n;
const INT32 = { min: -0x8000_0000, max: 0x7fff_ffff } as const;
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
/** DuckDB's −infinity is the negative of its infinity, not the least integer. */
const NEGATIVE_INFINITY = -INT64_MAX;

/** Days since 1970-01-01; the literal form is days whatever the unit of the column. */
export function dateDays(field: Field, value: LiteralLike): number {
  if (field.type.unit === DateUnit.Millisecond && typeof value === 'bigint') {
    throw invalidValue(field, 'must be a number of days');
  }
  return toInteger(field, value, INT32);
}

/** Microseconds of the day from a time of any unit up to microseconds. */
export function timeMicroseconds(field: Field, value: LiteralLike): bigint {
  return inMicroseconds(field, toBigInt(field, value, 'int64'));
}

/** Microseconds since 1970 of an instant of any unit; the infinities pass as they are. */
export function timestampIn(field: Field, value: LiteralLike): bigint {
  const count = toBigInt(field, value, 'int64');
  return count === INT64_MAX || count === NEGATIVE_INFINITY ? count : inMicroseconds(field, count);
}

/** The parts of an interval, or of a duration, which has only the last. */
export function intervalParts(field: Field, value: LiteralLike): Interval {
  if (field.type.typeId === TypeId.Duration) {
    return { months: 0, days: 0, micros: inMicroseconds(field, toBigInt(field, value, 'int64')) };
  }
  if (
    typeof value !== 'object' ||
    value === null ||
    !('months' in value && 'days' in value && 'nanoseconds' in value)
  ) {
    throw invalidValue(field, 'must be an object of months, days and nanoseconds');
  }
  const nanoseconds = toBigInt(field, value.nanoseconds as LiteralLike, 'int64');
  return {
    months: toInteger(field, value.months as LiteralLike, INT32),
    days: toInteger(field, value.days as LiteralLike, INT32),
    micros: wholeMicroseconds(field, nanoseconds),
  };
}

function inMicroseconds(field: Field, count: bigint): bigint {
  const factor = MICROSECONDS[field.type.unit ?? TimeUnit.Microsecond];
  if (factor === undefined) {
    return wholeMicroseconds(field, count);
  }
  const microseconds = count * factor;
  if (microseconds > INT64_MAX || microseconds < INT64_MIN) {
    throw invalidValue(field, 'is beyond the range of microseconds in 64 bits');
  }
  return microseconds;
}

function wholeMicroseconds(field: Field, nanoseconds: bigint): bigint {
  if (nanoseconds % NANOSECONDS_PER_MICROSECOND !== 0n) {
    throw invalidValue(field, 'has nanoseconds, and DuckDB holds microseconds here');
  }
  return nanoseconds / NANOSECONDS_PER_MICROSECOND;
}
