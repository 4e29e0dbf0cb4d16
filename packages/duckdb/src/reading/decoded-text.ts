import { MillraceError } from '@millrace/core';

/** Turns the stored form of one value into the text that DuckDB's cast to VARCHAR would give. */
export type ValueText = (value: Uint8Array) => string;

/** BIT: a first byte that counts the unused leading bits, then the bits. */
export function bitText(value: Uint8Array): string {
  const padding = value[0] as number;
  let text = '';
  for (let index = 1; index < value.length; index++) {
    text += (value[index] as number).toString(2).padStart(8, '0');
  }
  return text.slice(padding);
}

/** Bytes in front of a BIGNUM's magnitude: a sign bit and the magnitude's length. */
const BIGNUM_HEADER = 3;

/** BIGNUM: a header, then the magnitude with the highest byte first; all of it complemented when negative. */
export function bignumText(value: Uint8Array): string {
  const isNegative = ((value[0] as number) & 0x80) === 0;
  let hex = '';
  for (let index = BIGNUM_HEADER; index < value.length; index++) {
    const byte = value[index] as number;
    hex += (isNegative ? byte ^ 0xff : byte).toString(16).padStart(2, '0');
  }
  const magnitude = BigInt(`0x${hex}`);
  return isNegative ? `-${magnitude}` : `${magnitude}`;
}

/** The greatest offset from UTC in seconds, 15:59:59; TIMETZ stores what is missing to it, so that values sort. */
const MAX_OFFSET_SECONDS = 57_599;
const OFFSET_BITS = 24n;
const MICROSECONDS_PER_SECOND = 1_000_000;

/** TIMETZ: microseconds of the day in the high 40 bits, the offset from UTC in the low 24. */
export function timeWithZoneText(value: Uint8Array): string {
  const stored = new DataView(value.buffer, value.byteOffset, 8).getBigUint64(0, true);
  const microseconds = Number(stored >> OFFSET_BITS);
  const offset = MAX_OFFSET_SECONDS - Number(stored & ((1n << OFFSET_BITS) - 1n));
  if (Math.abs(offset) > MAX_OFFSET_SECONDS) {
    throw new MillraceError({ code: 'internal', component: 'duckdb', message: 'a TIMETZ has an offset out of range' });
  }
  return `${dayTime(microseconds)}${zoneOffset(offset)}`;
}

function dayTime(microseconds: number): string {
  const seconds = Math.floor(microseconds / MICROSECONDS_PER_SECOND);
  const rest = microseconds % MICROSECONDS_PER_SECOND;
  const fraction = rest === 0 ? '' : `.${String(rest).padStart(6, '0').replace(/0+$/, '')}`;
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}${fraction}`;
}

function zoneOffset(seconds: number): string {
  const total = Math.abs(seconds);
  const hours = two(Math.floor(total / 3600));
  const minutes = Math.floor(total / 60) % 60;
  const rest = total % 60;
  const tail = rest !== 0 ? `:${two(minutes)}:${two(rest)}` : minutes !== 0 ? `:${two(minutes)}` : '';
  return `${seconds < 0 ? '-' : '+'}${hours}${tail}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
