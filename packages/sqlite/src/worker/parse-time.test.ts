import { describe, expect, test } from 'vitest';
import { daysFromCivil, formatDate, parseDate, parseTime, parseTimestamp } from './parse-time.ts';

test('days are those of Date, over ten thousand years', () => {
  for (let days = -719_528; days <= 2_932_896; days += 97) {
    const date = new Date(days * 86_400_000);
    expect(daysFromCivil(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate())).toBe(days);
    expect(parseDate(formatDate(days)!)).toBe(days);
  }
  expect([formatDate(-719_529), formatDate(2_932_897), formatDate(0.5)]).toEqual([undefined, undefined, undefined]);
});

describe('what is no date or time is refused', () => {
  test.each([
    '',
    '2024-1-01',
    '2024-13-01',
    '2024-00-10',
    '2024-04-31',
    '2023-02-29',
    '1900-02-29',
    '+024-01-01',
    '2024/01/01',
    '2024-01-01 ',
    'ab24-01-01',
  ])('%j', (text) => {
    expect(parseDate(text)).toBeUndefined();
    expect(parseTimestamp(text === '2024-01-01 ' ? text : `${text} 00:00`, 'none')).toBeUndefined();
  });
  test.each(['', '1:00', '24:00', '00:60', '00:00:60', '00:00:00.', '00:00:00.0000001', '00:00:00x', '00:00Z'])(
    '%j',
    (text) => {
      expect(parseTime(text)).toBeUndefined();
      expect(parseTimestamp(`2024-01-01 ${text}`, 'none')).toBeUndefined();
    },
  );
});

test('offsets are minutes east of UTC', () => {
  const noon = parseTimestamp('2024-06-01 12:00', 'none')!;
  expect(parseTimestamp('2024-06-01T12:00Z', 'required')).toBe(noon);
  expect(parseTimestamp('2024-06-01 17:45+05:45', 'required')).toBe(noon);
  expect(parseTimestamp('2024-06-01 08:00:00.000000-04:00', 'required')).toBe(noon);
  for (const text of [
    '2024-06-01 12:00',
    '2024-06-01',
    '2024-06-01 12:00+5',
    '2024-06-01 12:00+0545',
    '2024-06-01 12:00+24:00',
  ])
    expect(parseTimestamp(text, 'required')).toBeUndefined();
});

test('fractions are exact to the microsecond', () => {
  expect(parseTime('00:00:00.000001')).toBe(1);
  expect(parseTime('23:59:59.999999')).toBe(86_399_999_999);
  expect(parseTime('00:00:00.1')).toBe(100_000);
  expect(parseTimestamp('9999-12-31 23:59:59.999999', 'none')).toBe(253_402_300_799_999_999n);
  expect(parseTimestamp('0000-01-01', 'none')).toBe(-62_167_219_200_000_000n);
});
