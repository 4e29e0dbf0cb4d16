import { formatDate, parseDate, twoDigits } from './calendar.ts';
import { reject } from './rejection.ts';

const CLOCK_TEXT = /^(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?$/;
const TIMESTAMP_TEXT =
  /^([+-]?\d{4,7}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}[^Z+-]*?)\s?(Z|[+-]\d{2}(?::?\d{2}(?::\d{2})?)?)?)?$/;
const OFFSET_TEXT = /^([+-])(\d{2})(?::?(\d{2})(?::(\d{2}))?)?$/;
const SECONDS_PER_DAY = 86_400;
// By the numbers of Arrow's TimeUnit: second, millisecond, microsecond, nanosecond.
const FRACTION_DIGITS: readonly number[] = [0, 3, 6, 9];
const UNITS_PER_SECOND: readonly bigint[] = [1n, 1_000n, 1_000_000n, 1_000_000_000n];

/** Digits behind the point that a unit holds: 0, 3, 6 or 9. */
export function fractionDigits(unit: number): number {
  return FRACTION_DIGITS[unit] ?? 6;
}

/** How many of the unit make a second. */
export function unitsPerSecond(unit: number): bigint {
  return UNITS_PER_SECOND[unit] ?? 1_000_000n;
}

/**
 * A count of the unit since midnight as `HH:MM:SS`, followed by all digits of the unit when they are not all zero.
 *
 * @param count from 0 to 24 hours; 24:00:00 is the last value
 */
export function formatTime(count: bigint, unit: number): string {
  const perSecond = unitsPerSecond(unit);
  return formatClock(Number(count / perSecond), Number(count % perSecond), unit);
}

/** The count since midnight of `HH:MM[:SS[.fraction]]`; rejects digits that the unit cannot hold. */
export function parseTime(text: string, unit: number): bigint {
  const match = CLOCK_TEXT.exec(text);
  if (!match) return reject('is not a time of the form HH:MM:SS');
  const hours = Number(match[1]);
  const minutes = Number(match[2]);
  const seconds = Number(match[3] ?? 0);
  const fraction = parseFraction(match[4] ?? '', unit);
  const total = hours * 3_600 + minutes * 60 + seconds;
  const isEndOfDay = total === SECONDS_PER_DAY && fraction === 0n;
  if ((hours > 23 && !isEndOfDay) || minutes > 59 || seconds > 59) return reject('is not a time of day');
  return BigInt(total) * unitsPerSecond(unit) + fraction;
}

/**
 * A count of the unit since 1970-01-01 00:00:00 as `YYYY-MM-DDTHH:MM:SS`, followed by all digits of the unit when they are
 * not all zero; without a zone.
 */
export function formatTimestamp(count: bigint, unit: number): string {
  const perSecond = unitsPerSecond(unit);
  const fraction = ((count % perSecond) + perSecond) % perSecond;
  const seconds = Number((count - fraction) / perSecond);
  const days = Math.floor(seconds / SECONDS_PER_DAY);
  return `${formatDate(days)}T${formatClock(seconds - days * SECONDS_PER_DAY, Number(fraction), unit)}`;
}

/**
 * The count since 1970-01-01 00:00:00 of an ISO 8601 text: a date, optionally a time, and an offset from UTC exactly when
 * `zone` is `required`. Rejects digits that the unit cannot hold, and the wall-clock or instant form where the other is due.
 */
export function parseTimestamp(text: string, unit: number, zone: 'required' | 'none'): bigint {
  const match = TIMESTAMP_TEXT.exec(text);
  if (!match?.[1]) return reject('is not a timestamp of the form YYYY-MM-DDTHH:MM:SS');
  const [, date, clock, offset] = match;
  if (zone === 'required' && offset === undefined)
    return reject('has no offset from UTC, but the column holds instants');
  if (zone === 'none' && offset !== undefined) {
    return reject('has an offset from UTC, but the column holds wall-clock times without a zone');
  }
  const perSecond = unitsPerSecond(unit);
  const midnight = BigInt(parseDate(date) * SECONDS_PER_DAY - offsetSeconds(offset)) * perSecond;
  return clock === undefined ? midnight : midnight + parseTime(clock, unit);
}

function formatClock(secondOfDay: number, fraction: number, unit: number): string {
  const hours = Math.floor(secondOfDay / 3_600);
  const minutes = Math.floor(secondOfDay / 60) % 60;
  const clock = `${twoDigits(hours)}:${twoDigits(minutes)}:${twoDigits(secondOfDay % 60)}`;
  return fraction === 0 ? clock : `${clock}.${String(fraction).padStart(fractionDigits(unit), '0')}`;
}

function parseFraction(digits: string, unit: number): bigint {
  if (digits === '') return 0n;
  const wanted = fractionDigits(unit);
  if (/[1-9]/.test(digits.slice(wanted)))
    return reject('has more digits of a second than the unit of the column holds');
  const kept = digits.slice(0, wanted).padEnd(wanted, '0');
  return kept === '' ? 0n : BigInt(kept);
}

function offsetSeconds(offset: string | undefined): number {
  if (offset === undefined || offset === 'Z') return 0;
  const match = OFFSET_TEXT.exec(offset);
  if (!match) return reject('has an offset from UTC that cannot be read');
  const [, sign, hours, minutes = '0', seconds = '0'] = match;
  const magnitude = Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
  return sign === '-' ? -magnitude : magnitude;
}
