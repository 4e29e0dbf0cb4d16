import { expect, test } from 'vitest';
import { dateFromDays, daysFromDate, daysInMonth } from './calendar.ts';

test('days and dates agree with those of JavaScript, from year 1 to 9999', () => {
  for (let days = -719_162; days <= 2_932_896; days += 13) {
    const date = new Date(days * 86_400_000);
    const expected = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
    expect(dateFromDays(days)).toEqual(expected);
    expect(daysFromDate(expected.year, expected.month, expected.day)).toBe(days);
  }
});

test('months have their days', () => {
  expect([2000, 1900, 2024, 2023].map((year) => daysInMonth(year, 2))).toEqual([29, 28, 29, 28]);
  expect(Array.from({ length: 12 }, (_, month) => daysInMonth(2023, month + 1))).toEqual([
    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31,
  ]);
});
