/** Days from 1970-01-01 to a date of the proleptic Gregorian calendar. Source: H. Hinnant, "chrono-compatible low-level date algorithms". */
export function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** `YYYY-MM-DD` as days since 1970-01-01, the years 0000 to 9999; undefined for any other text. */
export function parseDate(text: string): number | undefined {
  return text.length === 10 ? dateAt(text) : undefined;
}

/** `HH:MM`, `HH:MM:SS` or with a fraction of up to six digits (further zeros apart), as microseconds since midnight. */
export function parseTime(text: string): number | undefined {
  const time = timeAt(text, 0);
  return time !== undefined && time.end === text.length ? time.micros : undefined;
}

/**
 * A timestamp as microseconds since 1970-01-01: a date, then nothing or a space or `T` and a time.
 *
 * @param zone `none`: the text may carry no offset; `required`: it must end in `Z` or `±HH:MM`, and the result is in UTC.
 */
export function parseTimestamp(text: string, zone: 'none' | 'required'): bigint | undefined {
  const days = dateAt(text);
  if (days === undefined) return undefined;
  if (text.length === 10) return zone === 'none' ? BigInt(days) * DAY_MICROS : undefined;
  const separator = text.charCodeAt(10);
  if (separator !== 0x20 && separator !== 0x54) return undefined;
  const time = timeAt(text, 11);
  if (time === undefined) return undefined;
  const offset = offsetAt(text, time.end);
  if (offset === undefined || (offset === 'absent') !== (zone === 'none')) return undefined;
  const offsetMicros = offset === 'absent' ? 0 : offset * 60_000_000;
  return BigInt(days) * DAY_MICROS + BigInt(time.micros - offsetMicros);
}

/** A date as SQLite's text; undefined outside of the years 0000 to 9999, which do not compare as text. */
export function formatDate(days: number): string | undefined {
  if (!Number.isInteger(days) || days < -719_528 || days > 2_932_896) return undefined;
  return new Date(days * 86_400_000).toISOString().replace(/^\+00/, '').slice(0, 10);
}

const DAY_MICROS = 86_400_000_000n;

/** The number that `length` digits make; NaN where there is another character. */
function digitsAt(text: string, start: number, length: number): number {
  let value = 0;
  for (let index = start; index < start + length; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function dateAt(text: string): number | undefined {
  if (text.charCodeAt(4) !== 0x2d || text.charCodeAt(7) !== 0x2d) return undefined;
  const yearMonth = digitsAt(text, 0, 4) * 12 + digitsAt(text, 5, 2) - 1;
  const day = digitsAt(text, 8, 2);
  if (yearMonth !== lastMonth.yearMonth && !enterMonth(yearMonth, digitsAt(text, 5, 2))) return undefined;
  return day >= 1 && day <= lastMonth.dayCount ? lastMonth.daysBefore + day : undefined;
}

/** Dates of one table are mostly near one another: the month of the last one is known already. */
const lastMonth = { yearMonth: -1, dayCount: 0, daysBefore: 0 };

/** Makes another month the last one; false where there is none of that number. */
function enterMonth(yearMonth: number, month: number): boolean {
  if (!(yearMonth >= 0 && month >= 1 && month <= 12)) return false;
  const year = Math.floor(yearMonth / 12);
  lastMonth.yearMonth = yearMonth;
  lastMonth.dayCount = daysInMonth(year, month);
  lastMonth.daysBefore = daysFromCivil(year, month, 1) - 1;
  return true;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function timeAt(text: string, start: number): { readonly micros: number; readonly end: number } | undefined {
  if (text.charCodeAt(start + 2) !== 0x3a) return undefined;
  const hour = digitsAt(text, start, 2);
  const minute = digitsAt(text, start + 3, 2);
  if (!(hour <= 23 && minute <= 59)) return undefined;
  let micros = (hour * 60 + minute) * 60_000_000;
  if (text.charCodeAt(start + 5) !== 0x3a) return { micros, end: start + 5 };
  const second = digitsAt(text, start + 6, 2);
  if (!(second <= 59)) return undefined;
  micros += second * 1_000_000;
  if (text.charCodeAt(start + 8) !== 0x2e) return { micros, end: start + 8 };
  let unit = 100_000;
  let end = start + 9;
  for (; end < text.length; end++) {
    const digit = text.charCodeAt(end) - 48;
    if (!(digit >= 0 && digit <= 9)) break;
    // What is finer than a microsecond cannot be held.
    if (unit < 1 && digit !== 0) return undefined;
    micros += unit < 1 ? 0 : digit * unit;
    unit /= 10;
  }
  return end === start + 9 ? undefined : { micros, end };
}

/** Minutes east of UTC, `absent` at the end of the text, undefined for anything else. */
function offsetAt(text: string, start: number): number | 'absent' | undefined {
  if (start === text.length) return 'absent';
  const sign = text.charCodeAt(start);
  if (sign === 0x5a && text.length === start + 1) return 0;
  if ((sign !== 0x2b && sign !== 0x2d) || text.length !== start + 6 || text.charCodeAt(start + 3) !== 0x3a) {
    return undefined;
  }
  const hour = digitsAt(text, start + 1, 2);
  const minute = digitsAt(text, start + 4, 2);
  if (!(hour <= 23 && minute <= 59)) return undefined;
  return (sign === 0x2d ? -1 : 1) * (hour * 60 + minute);
}
