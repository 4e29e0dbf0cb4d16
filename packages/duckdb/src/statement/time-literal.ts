import { type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import type { LiteralLike } from '@millrace/arrow';
import { type Field, MillraceError } from '@millrace/core';
import { invalidValue, toBigInt } from '../binding/parameter-forms.ts';
import { dateDays, intervalParts, timeMicroseconds, timestampIn } from '../binding/parameter-time.ts';

const INFINITY = 2n ** 63n - 1n;

/** What DuckDB's SQL can spell, in the type's unit; it can store a little more. Source: DuckDB's timestamp.cpp and date.cpp. */
const RANGES = {
  /** 290309-12-22 (BC) to 294247-01-10 04:00:54.775806. */
  microseconds: [-9_223_372_022_400_000_000n, INFINITY - 1n],
  /** From the first whole day that fits, 1677-09-22. */
  nanoseconds: [-9_223_286_400_000_000_000n, INFINITY - 1n],
} as const;

/**
 * Dates, times, timestamps and intervals, from their numbers: text would need a calendar for years that JavaScript lacks.
 * Undefined for other types.
 */
export function timeLiteral(request: {
  readonly field: Field;
  readonly type: DuckDBType;
  readonly value: LiteralLike;
}): string | undefined {
  const { field, type, value } = request;
  switch (type.typeId) {
    case DuckDBTypeId.DATE:
      return `make_date(CAST(${dateDays(field, value)} AS INTEGER))`;
    case DuckDBTypeId.TIME:
      return `CAST('${clock(field, timeMicroseconds(field, value), 6)}' AS TIME)`;
    case DuckDBTypeId.TIME_NS:
      return `CAST('${clock(field, toBigInt(field, value, 'int64'), 9)}' AS TIME_NS)`;
    case DuckDBTypeId.TIMESTAMP_S:
      return timestamp({ field, type: 'TIMESTAMP_S', count: toBigInt(field, value, 'int64'), micros: 1_000_000n });
    case DuckDBTypeId.TIMESTAMP_MS:
      return timestamp({ field, type: 'TIMESTAMP_MS', count: toBigInt(field, value, 'int64'), micros: 1_000n });
    case DuckDBTypeId.TIMESTAMP:
      return timestamp({ field, type: 'TIMESTAMP', count: toBigInt(field, value, 'int64'), micros: 1n });
    case DuckDBTypeId.TIMESTAMP_TZ:
      return timestamp({ field, type: 'TIMESTAMPTZ', count: timestampIn(field, value), micros: 1n });
    case DuckDBTypeId.TIMESTAMP_NS: {
      const count = toBigInt(field, value, 'int64');
      return infinity(count, 'TIMESTAMP_NS') ?? `make_timestamp_ns(${int64(within(field, count, 'nanoseconds'))})`;
    }
    case DuckDBTypeId.INTERVAL:
      return interval(intervalParts(field, value));
    default:
      return undefined;
  }
}

function timestamp(request: {
  readonly field: Field;
  readonly type: 'TIMESTAMP_S' | 'TIMESTAMP_MS' | 'TIMESTAMP' | 'TIMESTAMPTZ';
  readonly count: bigint;
  /** Microseconds of one unit. */
  readonly micros: bigint;
}): string {
  const spelled = infinity(request.count, request.type);
  if (spelled !== undefined) {
    return spelled;
  }
  const argument = int64(within(request.field, request.count * request.micros, 'microseconds'));
  switch (request.type) {
    case 'TIMESTAMPTZ':
      return `make_timestamptz(${argument})`;
    case 'TIMESTAMP':
      return `make_timestamp(${argument})`;
    default:
      return `CAST(make_timestamp(${argument}) AS ${request.type})`;
  }
}

function infinity(count: bigint, type: string): string | undefined {
  if (count === INFINITY) {
    return `CAST('infinity' AS ${type})`;
  }
  return count === -INFINITY ? `CAST('-infinity' AS ${type})` : undefined;
}

function within(field: Field, count: bigint, unit: keyof typeof RANGES): bigint {
  const [first, last] = RANGES[unit];
  if (count < first || count > last) {
    throw new MillraceError({
      code: 'unsupported',
      component: 'duckdb',
      message: `parameter ${field.name} is an instant that SQL text cannot spell`,
      hint: 'Bind it instead',
    });
  }
  return count;
}

function int64(value: bigint): string {
  return `CAST(${value} AS BIGINT)`;
}

/** Time of day from a count of `10^-digits` seconds; 24:00:00 is the last. */
function clock(field: Field, count: bigint, digits: 6 | 9): string {
  const unit = 10n ** BigInt(digits);
  if (count < 0n || count > 86_400n * unit) {
    throw invalidValue(field, 'must be a time of day');
  }
  const second = count / unit;
  const parts = [second / 3600n, (second / 60n) % 60n, second % 60n].map((part) => String(part).padStart(2, '0'));
  return `${parts.join(':')}.${String(count % unit).padStart(digits, '0')}`;
}

/** Microseconds are cut in two, as DuckDB cannot read the least of 64 bits from text. */
function interval(parts: { readonly months: number; readonly days: number; readonly micros: bigint }): string {
  const rest = parts.micros / 2n;
  return (
    `CAST('${parts.months} months ${parts.days} days ${rest} microseconds ` +
    `${parts.micros - rest} microseconds' AS INTERVAL)`
  );
}
