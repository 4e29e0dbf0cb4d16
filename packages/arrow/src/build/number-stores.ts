import { type DataType, FloatPrecision } from '@millrace/core';
import { type FixedArrayConstructor, layoutOf } from '../layout.ts';
import { parseDecimal, writeDecimal } from '../values/decimal.ts';
import { toHalfBits } from '../values/half-float.ts';
import { reject } from '../values/rejection.ts';
import { parseShortDecimal, writeShortDecimal } from '../values/short-decimal.ts';
import type { FixedStore } from './fixed-builder.ts';

const INTEGER_TEXT = /^[+-]?\d{1,80}$/;
const FLOAT_TEXT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const MAX_SINGLE = 3.4028235677973366e38;
const MAX_HALF = 65_520;

const long = new BigInt64Array(1);
const longWords = new Int32Array(long.buffer);

/** Integers of 8 to 64 bits. */
export function integerStore(type: DataType): FixedStore {
  return (type.bitWidth ?? 32) === 64
    ? longStore(type.isSigned === false ? 'unsigned' : 'signed')
    : shortIntegerStore(type);
}

function shortIntegerStore(type: DataType): FixedStore {
  const bitWidth = type.bitWidth ?? 32;
  const isSigned = type.isSigned !== false;
  const minimum = isSigned ? -(2 ** (bitWidth - 1)) : 0;
  const maximum = isSigned ? 2 ** (bitWidth - 1) - 1 : 2 ** bitWidth - 1;
  return {
    array: canonicalArray(type),
    stride: 1,
    store(elements, start, value) {
      const number = typeof value === 'number' ? value : Number(toInteger(value));
      if (!Number.isInteger(number)) reject('is not a whole number');
      if (number < minimum || number > maximum) reject(`is outside the range from ${minimum} to ${maximum}`);
      elements[start] = number;
    },
  };
}

/** 64-bit integers as pairs of 32-bit words, so that a number gets there without becoming a bigint. */
export function longStore(sign: 'signed' | 'unsigned'): FixedStore<Int32Array> {
  const isSigned = sign === 'signed';
  const minimum = isSigned ? -(2n ** 63n) : 0n;
  const maximum = isSigned ? 2n ** 63n - 1n : 2n ** 64n - 1n;
  return {
    array: Int32Array,
    stride: 2,
    store(words, start, value) {
      if (typeof value === 'number') {
        if (!Number.isInteger(value)) reject('is not a whole number');
        if (!Number.isSafeInteger(value)) reject('is beyond 2^53, where numbers are rounded; pass a bigint');
        if (value < 0 && !isSigned) reject(`is below ${minimum}`);
        words[start] = value >>> 0;
        words[start + 1] = Math.floor(value / 4_294_967_296);
        return;
      }
      const integer = toInteger(value);
      const stored = isSigned ? BigInt.asIntN(64, integer) : BigInt.asUintN(64, integer);
      if (stored !== integer) reject(`is outside the range from ${minimum} to ${maximum}`);
      writeLong(words, start, integer);
    },
    view: (words) =>
      isSigned
        ? new BigInt64Array(words.buffer, words.byteOffset, words.length / 2)
        : new BigUint64Array(words.buffer, words.byteOffset, words.length / 2),
  };
}

/** Puts a 64-bit integer into two words, low word first. */
export function writeLong(words: Int32Array, start: number, value: bigint): void {
  // Through memory, because cutting a bigint up allocates two more.
  long[0] = value;
  words[start] = longWords[0] ?? 0;
  words[start + 1] = longWords[1] ?? 0;
}

/** Floats of 16, 32 or 64 bits; rounds to the nearest, but never a finite value to infinity. */
export function floatStore(type: DataType): FixedStore<Uint16Array | Float32Array | Float64Array> {
  const array = canonicalArray(type);
  switch (type.precision) {
    case FloatPrecision.Half:
      return {
        array,
        stride: 1,
        store(elements, start, value) {
          elements[start] = toHalfBits(withinMagnitude(toFloat(value), MAX_HALF));
        },
      };
    case FloatPrecision.Single:
      return {
        array,
        stride: 1,
        store(elements, start, value) {
          elements[start] = withinMagnitude(toFloat(value), MAX_SINGLE);
        },
      };
    default:
      return {
        array,
        stride: 1,
        store(elements, start, value) {
          elements[start] = typeof value === 'number' ? value : toFloat(value);
        },
      };
  }
}

/** Decimals of 128 or 256 bits, checked against their precision. */
export function decimalStore(type: DataType): FixedStore<Uint32Array> {
  const scale = type.scale ?? 0;
  const precision = type.precision ?? 38;
  const wordCount = (type.bitWidth ?? 128) / 32;
  const limit = 10n ** BigInt(precision);
  const shortLimit = 10 ** precision;
  return {
    array: Uint32Array,
    stride: wordCount,
    store(words, start, value) {
      const short = typeof value === 'string' ? parseShortDecimal(value, scale) : undefined;
      if (short !== undefined) {
        if (Math.abs(short) >= shortLimit) reject(`has more than ${precision} digits at scale ${scale}`);
        writeShortDecimal(words, start, wordCount, short);
        return;
      }
      const unscaled = toUnscaled(value, scale);
      if (unscaled >= limit || unscaled <= -limit) reject(`has more than ${precision} digits at scale ${scale}`);
      writeDecimal(words, start / wordCount, wordCount, unscaled);
    },
  };
}

/** A bigint, or the whole number that a string or number writes. */
export function toInteger(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string' && INTEGER_TEXT.test(value))
    return BigInt(value.startsWith('+') ? value.slice(1) : value);
  return reject('is not a whole number');
}

function toUnscaled(value: unknown, scale: number): bigint {
  switch (typeof value) {
    case 'bigint':
      return value;
    case 'string':
      return parseDecimal(value, scale);
    case 'number':
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
        return reject('is beyond 2^53, where numbers are rounded; pass a string');
      }
      return parseDecimal(String(value), scale);
    default:
      return reject('is not a decimal string, number or bigint');
  }
}

function toFloat(value: unknown): number {
  switch (typeof value) {
    case 'number':
      return value;
    case 'bigint': {
      const number = Number(value);
      return Number.isFinite(number) && BigInt(number) === value
        ? number
        : reject('is a bigint that no float holds exactly');
    }
    case 'string':
      return parseFloatText(value);
    default:
      return reject('is not a number');
  }
}

function parseFloatText(text: string): number {
  if (FLOAT_TEXT.test(text)) {
    const number = Number(text);
    return Number.isFinite(number) ? number : reject('is beyond the range of the column');
  }
  switch (text.toLowerCase()) {
    case 'nan':
      return Number.NaN;
    case 'infinity':
    case '+infinity':
    case 'inf':
      return Infinity;
    case '-infinity':
    case '-inf':
      return -Infinity;
    default:
      return reject('is not a number');
  }
}

function withinMagnitude(value: number, limit: number): number {
  const magnitude = Math.abs(value);
  return magnitude >= limit && magnitude !== Infinity ? reject('is beyond the range of the column') : value;
}

function canonicalArray(type: DataType): FixedArrayConstructor {
  const layout = layoutOf(type);
  if (layout.kind !== 'fixed') throw new TypeError('a fixed-width type is expected');
  return layout.array;
}
