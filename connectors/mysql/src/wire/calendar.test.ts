import { expect, test } from 'vitest';
import { dateFromDays, daysFromDate, daysInMonth } from './calendar.ts';

test('days and dates agree with those of JavaScript, from year 1 to 9999', () => {
  const wrong: number[] = [];
  for (let days = -719_162; days <= 2_932_896; days += 1) {
    const date = new Date(days * 86_400_000);
    const [wantedYear, wantedMonth, wantedDay] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
    const { year, month, day } = dateFromDays(days);
    if (year !== wantedYear || month !== wantedMonth || day !== wantedDay) wrong.push(days);
    if (daysFromDate(wantedYear, wantedMonth, wantedDay) !== days) wrong.push(days);
  }
  expect(wrong).toEqual([]);
});

test('months have their days', () => {
  expect([2000, 1900, 2024, 2023].map((year) => daysInMonth(year, 2))).toEqual([29, 28, 29, 28]);
  expect(Array.from({ length: 12 }, (_, month) => daysInMonth(2023, month + 1))).toEqual([
    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31,
  ]);
});
