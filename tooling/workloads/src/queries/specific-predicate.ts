import type { LiteralLike } from '@millrace/arrow';
import { dataTypes } from '@millrace/core';
import { comparisonFor, type LeafRequest, sampleOf } from './leaf-request.ts';

const MICROSECONDS_PER_DAY = 86_400_000_000n;
const HUGE = dataTypes.decimal(38, 0);

/** A predicate of the kinds other than text, of arithmetic, casts between types, or parts of a date; undefined where there is none. */
export function specificPredicate(request: LeafRequest): string | undefined {
  switch (request.column.kind) {
    case 'boolean':
      return booleanPredicate(request);
    case 'integer':
      return integerPredicate(request);
    case 'decimal':
      return decimalPredicate(request);
    case 'float':
      return floatPredicate(request);
    case 'date':
      return datePredicate(request);
    case 'timestamp':
      return timestampPredicate(request);
    case 'bytes':
    case 'instant':
    case 'text':
    case 'time':
      return undefined;
    default:
      return request.column.kind satisfies never;
  }
}

interface Side {
  readonly sql: string;
  /** The value for the witness, comparable with the other side's. */
  readonly value: LiteralLike;
}

function compareSides(request: LeafRequest, left: Side, right: Side): string {
  return `${left.sql} ${comparisonFor(request, left.value, right.value).operator} ${right.sql}`;
}

function booleanPredicate({ context: { random }, column, want }: LeafRequest): string {
  const isTrue = column.value === (want === 'true');
  return random.pick(
    isTrue
      ? [column.ref, `${column.ref} IS TRUE`, `${column.ref} = true`, `${column.ref} IS NOT FALSE`]
      : [`NOT ${column.ref}`, `${column.ref} IS FALSE`, `${column.ref} = false`, `${column.ref} IS NOT TRUE`],
  );
}

function integerPredicate(request: LeafRequest): string {
  const { context, column } = request;
  const { random, values } = context;
  const value = BigInt(column.value as number | bigint);
  const sample = BigInt(sampleOf(request) as number | bigint);
  switch (random.integer(0, 3)) {
    case 0: {
      // Wide enough that no sum overflows.
      const addend = random.integer(-9, 9);
      const left = `CAST(${column.ref} AS HUGEINT) + ${values.write(addend, dataTypes.int32())}`;
      return compareSides(
        request,
        { sql: left, value: value + BigInt(addend) },
        { sql: values.write(sample, HUGE), value: sample },
      );
    }
    case 1: {
      const divisor = random.integer(2, 7);
      const remainder = BigInt(random.integer(0, divisor - 1));
      const left = `${column.ref} % ${divisor}`;
      return compareSides(
        request,
        { sql: left, value: value % BigInt(divisor) },
        { sql: String(remainder), value: remainder },
      );
    }
    case 2: {
      // Between two integers: a comparison in the column's own type would round it to one of them.
      const half = { sql: values.write(sample * 10n + 5n, dataTypes.decimal(38, 1)), value: sample * 10n + 5n };
      return compareSides(request, { sql: column.ref, value: value * 10n }, half);
    }
    default: {
      const other = BigInt(random.integer(0, 3));
      return compareSides(
        request,
        { sql: `coalesce(${column.ref}, ${other})`, value },
        { sql: values.write(sample, HUGE), value: sample },
      );
    }
  }
}

/** Digits of a decimal beyond which twice its value may not fit any. */
const DOUBLED_PRECISION = 37;
const INT64_LIMIT = 2n ** 63n;

function decimalPredicate(request: LeafRequest): string {
  const { context, column } = request;
  const { random, values } = context;
  const scale = 10n ** BigInt(column.type.scale ?? 0);
  const value = column.value as bigint;
  const sample = sampleOf(request) as bigint;
  const whole = sample / scale;
  const isDoubled = (column.type.precision ?? 38) <= DOUBLED_PRECISION;
  if (whole < INT64_LIMIT && whole >= -INT64_LIMIT && (!isDoubled || random.chance(0.5))) {
    return compareSides(
      request,
      { sql: column.ref, value },
      { sql: values.write(whole, dataTypes.int64()), value: whole * scale },
    );
  }
  const left = isDoubled ? { sql: `${column.ref} * 2`, value: value * 2n } : { sql: column.ref, value };
  return compareSides(request, left, { sql: values.write(sample, column.type), value: sample });
}

function floatPredicate(request: LeafRequest): string {
  const { context, column, want } = request;
  const { random, values } = context;
  const value = column.value as number;
  switch (random.integer(0, 2)) {
    case 0:
      return Number.isNaN(value) === (want === 'true') ? `isnan(${column.ref})` : `NOT isnan(${column.ref})`;
    case 1: {
      const sample = Math.abs(sampleOf(request) as number);
      return compareSides(
        request,
        { sql: `abs(${column.ref})`, value: Math.abs(value) },
        { sql: values.write(sample, column.type), value: sample },
      );
    }
    default: {
      const bound = random.integer(-50, 50);
      return compareSides(
        request,
        { sql: column.ref, value },
        { sql: values.write(bound, dataTypes.int32()), value: bound },
      );
    }
  }
}

function datePredicate(request: LeafRequest): string {
  const { context, column } = request;
  const { random, values } = context;
  const days = column.value as number;
  const sample = sampleOf(request) as number;
  const bound = { sql: values.write(sample, column.type), value: sample };
  switch (random.integer(0, 3)) {
    case 0: {
      const part = random.pick(['year', 'month', 'day'] as const);
      const right = partOf(sample, part);
      return compareSides(
        request,
        { sql: `extract(${part} FROM ${column.ref})`, value: partOf(days, part) },
        { sql: values.write(right, dataTypes.int32()), value: right },
      );
    }
    case 1: {
      const added = random.integer(0, 30);
      return compareSides(
        request,
        { sql: column.ref, value: days },
        { sql: `${bound.sql} - ${added}`, value: sample - added },
      );
    }
    case 2: {
      const added = random.integer(1, 30);
      return compareSides(
        request,
        { sql: column.ref, value: days },
        { sql: `${bound.sql} - INTERVAL ${added} DAY`, value: sample - added },
      );
    }
    default: {
      const moment = BigInt(sample) * MICROSECONDS_PER_DAY + 1n;
      return compareSides(
        request,
        { sql: column.ref, value: BigInt(days) * MICROSECONDS_PER_DAY },
        { sql: values.write(moment, dataTypes.timestamp()), value: moment },
      );
    }
  }
}

function timestampPredicate(request: LeafRequest): string {
  const { context, column } = request;
  const { random, values } = context;
  const value = column.value as bigint;
  const sample = sampleOf(request) as bigint;
  switch (random.integer(0, 2)) {
    case 0:
      return compareSides(
        request,
        { sql: `CAST(${column.ref} AS DATE)`, value: dayOf(value) },
        { sql: values.write(dayOf(sample), dataTypes.date()), value: dayOf(sample) },
      );
    case 1:
      return compareSides(
        request,
        { sql: `date_trunc('day', ${column.ref})`, value: dayOf(value) },
        { sql: `date_trunc('day', ${values.write(sample, column.type)})`, value: dayOf(sample) },
      );
    default:
      return compareSides(
        request,
        { sql: column.ref, value },
        { sql: `${values.write(sample, column.type)} + INTERVAL 1 DAY`, value: sample + MICROSECONDS_PER_DAY },
      );
  }
}

function partOf(days: number, part: 'year' | 'month' | 'day'): number {
  const date = new Date(days * 86_400_000);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }[part];
}

/** The day of a timestamp, the earlier one before 1970. */
function dayOf(microseconds: bigint): number {
  return Math.floor(Number(microseconds) / Number(MICROSECONDS_PER_DAY));
}
