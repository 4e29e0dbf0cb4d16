import type { LiteralLike } from '@millrace/arrow';
import { type DataType, type LiteralValue, TimeUnit, TypeId } from '@millrace/core';
import type { TimeFormat } from '../config/index.ts';
import { isoAt, isoFormOf, isoInstant, isoMinus } from './iso-text.ts';

/** A value of a time column, in the form of a literal of the column's type. */
export type TimeValue = Extract<LiteralValue, number | bigint | string>;

/** How the values of a time column are compared, and how durations and instants stand to them. */
export interface TimeScale {
  /** The value as a watermark can be; undefined for NULL and for infinite times. */
  read(value: LiteralLike): TimeValue | undefined;
  isAbove(value: TimeValue, other: TimeValue): boolean;
  toText(value: TimeValue): string;
  fromText(text: string): TimeValue;
  /** The value that is so many milliseconds earlier, rounded down to what the type can say. */
  minus(value: TimeValue, durationMs: number): TimeValue;
  /** The value of an instant, rounded down; undefined for texts as long as `like`, which has the form, is not known. */
  at(instantMs: number, like: TimeValue | undefined): TimeValue | undefined;
  /** Milliseconds since 1970-01-01 UTC, rounded down; undefined for texts that are no times. Without a zone it counts as UTC. */
  instantOf(value: TimeValue): number | undefined;
  /** What must be the same in all values for them to be comparable; undefined where the type sees to that, or the value is none. */
  formOf?(value: TimeValue): string | undefined;
}

const DAY_MS = 86_400_000;

/** The scale of a column of this type, which has been found to fit the format. */
export function toTimeScale(type: DataType, format: TimeFormat): TimeScale {
  switch (format) {
    case 'ISO8601':
      return TEXT_SCALE;
    case 'date':
      return wholeScale({ perMs: [1, DAY_MS], isNumber: true, range: [-(2n ** 31n) + 2n, 2n ** 31n - 2n] });
    case 'timestamp':
    case 'timestamptz':
      // The largest and the smallest stand for infinity in the engine.
      return wholeScale({ perMs: timestampRatio(type), isNumber: false, range: [-(2n ** 63n) + 2n, 2n ** 63n - 2n] });
    case 'unix_seconds':
    case 'unix_millis': {
      const msPerUnit = format === 'unix_seconds' ? 1_000 : 1;
      if (type.typeId === TypeId.Float) return floatScale(msPerUnit);
      const width = type.bitWidth ?? 32;
      const bits = BigInt(width);
      const range: readonly [bigint, bigint] =
        type.isSigned === false ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
      return wholeScale({ perMs: [1, msPerUnit], isNumber: width < 64, range });
    }
    default: {
      const never: never = format;
      return never;
    }
  }
}

interface WholeNumbers {
  /** Units in a millisecond, as a fraction. */
  readonly perMs: readonly [bigint | number, bigint | number];
  /** Whether literals are numbers, and not bigint. */
  readonly isNumber: boolean;
  /** Values outside are no times. */
  readonly range: readonly [bigint, bigint];
}

function wholeScale({ perMs, isNumber, range }: WholeNumbers): TimeScale {
  const [units, duration] = perMs.map(BigInt) as [bigint, bigint];
  const [smallest, largest] = range;
  const out = (value: bigint): TimeValue => {
    const held = value < smallest ? smallest : value > largest ? largest : value;
    return isNumber ? Number(held) : held;
  };
  // Every row of a refresh is read: a bigint for each number would take most of the time.
  const [low, high] = [Number(smallest), Number(largest)];
  return {
    read: (value) => {
      if (typeof value === 'number' && isNumber) return value < low || value > high ? undefined : Math.floor(value);
      if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
      return value < smallest || value > largest
        ? undefined
        : out(BigInt(typeof value === 'number' ? Math.floor(value) : value));
    },
    isAbove: (value, other) => value > other,
    toText: String,
    fromText: (text) => out(BigInt(text)),
    // The negative of what is rounded down is rounded up, so that the difference is rounded down.
    minus: (value, durationMs) => out(BigInt(value) + floorDivide(BigInt(-Math.ceil(durationMs)) * units, duration)),
    at: (instantMs) => out(floorDivide(BigInt(Math.floor(instantMs)) * units, duration)),
    instantOf: (value) => Number(floorDivide(BigInt(value) * duration, units)),
  };
}

function floatScale(msPerUnit: number): TimeScale {
  return {
    read: (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined),
    isAbove: (value, other) => value > other,
    toText: String,
    fromText: Number,
    minus: (value, durationMs) => Number(value) - durationMs / msPerUnit,
    at: (instantMs) => instantMs / msPerUnit,
    instantOf: (value) => Math.floor(Number(value) * msPerUnit),
  };
}

const TEXT_SCALE: TimeScale = {
  read: (value) => (typeof value === 'string' ? value : undefined),
  isAbove: (value, other) => value > other,
  toText: String,
  fromText: (text) => text,
  minus: (value, durationMs) => isoMinus(String(value), durationMs) ?? value,
  at: (instantMs, like) => (like === undefined ? undefined : isoAt(instantMs, String(like))),
  formOf: (value) => isoFormOf(String(value)),
  instantOf: (value) => isoInstant(String(value)),
};

function timestampRatio({ unit }: DataType): WholeNumbers['perMs'] {
  switch (unit) {
    case TimeUnit.Second:
      return [1, 1_000];
    case TimeUnit.Millisecond:
      return [1, 1];
    case TimeUnit.Nanosecond:
      return [1_000_000, 1];
    default:
      return [1_000, 1];
  }
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value % divisor < 0n ? quotient - 1n : quotient;
}
