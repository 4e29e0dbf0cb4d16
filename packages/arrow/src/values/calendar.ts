import { reject } from './rejection.ts';

const DAYS_PER_ERA = 146_097;
const DAYS_BEFORE_EPOCH = 719_468;
const DATE_TEXT = /^([+-]?\d{4,7})-(\d{2})-(\d{2})$/;
const MONTH_LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/**
 * Days since 1970-01-01 of a date in the proleptic Gregorian calendar; year 0 is 1 BC.
 *
 * Counts in eras of 400 years that begin on March 1, so that the leap day is an era's last.
 * Source of the method: https://howardhinnant.github.io/date_algorithms.html
 */
export function toEpochDays(year: number, month: number, day: number): number {
  const shiftedYear = month > 2 ? year : year - 1;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - DAYS_BEFORE_EPOCH;
}

/**
 * A day as `YYYY-MM-DD`; outside the years 0 to 9999 the year has a sign and at least six digits, as in ECMAScript.
 *
 * @param epochDays days since 1970-01-01, a whole number
 */
export function formatDate(epochDays: number): string {
  const shifted = epochDays + DAYS_BEFORE_EPOCH;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${formatYear(year)}-${twoDigits(month)}-${twoDigits(day)}`;
}

/** Days since 1970-01-01 of what {@link formatDate} writes; rejects dates that do not exist. */
export function parseDate(text: string): number {
  const match = DATE_TEXT.exec(text);
  if (!match) return reject('is not a date of the form YYYY-MM-DD');
  const year = Number(match[1]);
  const month = Number(match[2]);
  const day = Number(match[3]);
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return reject('is not a date that exists');
  return toEpochDays(year, month, day);
}

/** Two decimal digits of a number from 0 to 99. */
export function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

function formatYear(year: number): string {
  if (year >= 0 && year <= 9999) return String(year).padStart(4, '0');
  return `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`;
}

function daysInMonth(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeap ? 29 : (MONTH_LENGTHS[month - 1] ?? 0);
}
