import type { Field } from '@millrace/core';
import { invalidValue } from './parameter-forms.ts';

/** DuckDB's stored form of a BIT: how many leading bits are unused (they are 1), then the bits. */
export function bitBytes(field: Field, text: string): Uint8Array {
  if (!/^[01]+$/.test(text)) {
    throw invalidValue(field, 'must be a text of 0 and 1');
  }
  const padding = (8 - (text.length % 8)) % 8;
  const bits = '1'.repeat(padding) + text;
  const bytes = new Uint8Array(1 + bits.length / 8);
  bytes[0] = padding;
  for (let index = 1; index < bytes.length; index++) {
    bytes[index] = Number.parseInt(bits.slice((index - 1) * 8, index * 8), 2);
  }
  return bytes;
}

const TIME_WITH_ZONE = /^(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?([+-])(\d{2})(?::(\d{2}))?(?::(\d{2}))?$/;
/** 15:59:59, the greatest offset; DuckDB stores what is missing to it. */
const MAX_OFFSET_SECONDS = 57_599;
const MICROSECONDS_PER_DAY = 86_400_000_000;

/** DuckDB's stored form of a TIMETZ such as `12:34:56.789+05:30`. */
export function timeWithZoneBits(field: Field, text: string): bigint {
  const parts = TIME_WITH_ZONE.exec(text);
  if (parts === null) {
    throw invalidValue(field, 'must be a time with an offset, as 12:34:56.789+05:30');
  }
  const [, hours, minutes, seconds, fraction = '', sign, offsetHours, offsetMinutes = '0', offsetSeconds = '0'] = parts;
  const second = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  const microseconds = second * 1_000_000 + Number(fraction.padEnd(6, '0'));
  const distance = Number(offsetHours) * 3600 + Number(offsetMinutes) * 60 + Number(offsetSeconds);
  if (
    microseconds > MICROSECONDS_PER_DAY ||
    distance > MAX_OFFSET_SECONDS ||
    Number(minutes) > 59 ||
    Number(seconds) > 59
  ) {
    throw invalidValue(field, 'must be a time of day with an offset within 15:59:59');
  }
  const offset = sign === '-' ? -distance : distance;
  return (BigInt(microseconds) << 24n) | BigInt(MAX_OFFSET_SECONDS - offset);
}

/** The 16 bytes of a UUID, highest first, as one number. */
export function uuidNumber(field: Field, bytes: Uint8Array): bigint {
  if (bytes.length !== 16) {
    throw invalidValue(field, 'must have the 16 bytes of a UUID');
  }
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}
