import { TimeUnit } from '@millrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTime, formatTimestamp, parseTime, parseTimestamp } from './time-text.ts';

const { Second, Millisecond, Microsecond, Nanosecond } = TimeUnit;

describe('timestamps', () => {
  it('are those of ECMAScript in milliseconds', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), (date) => {
        const text = date.toISOString();
        const count = BigInt(date.getTime());
        expect(parseTimestamp(text, Millisecond, 'required')).toBe(count);
        const written = formatTimestamp(count, Millisecond);
        expect(`${written}Z`.replace(/(:\d\d)Z$/, '$1.000Z')).toBe(text);
      }),
    );
  });

  it.each([
    [253_402_300_799_999_999n, Microsecond, '9999-12-31T23:59:59.999999'],
    [-1n, Microsecond, '1969-12-31T23:59:59.999999'],
    [-1n, Second, '1969-12-31T23:59:59'],
    [1n, Nanosecond, '1970-01-01T00:00:00.000000001'],
    [-(2n ** 63n), Nanosecond, '1677-09-21T00:12:43.145224192'],
    [2n ** 63n - 1n, Nanosecond, '2262-04-11T23:47:16.854775807'],
    [120_000_000n, Microsecond, '1970-01-01T00:02:00'],
    [-(2n ** 63n), Microsecond, '-290308-12-21T19:59:05.224192'],
  ])('%s in unit %i is %s', (count, unit, text) => {
    expect(formatTimestamp(count, unit)).toBe(text);
    expect(parseTimestamp(text, unit, 'none')).toBe(count);
  });

  it.each([
    ['2024-01-31T12:00:00+02:00', '2024-01-31T10:00:00'],
    ['2024-01-31 12:00:00-0530', '2024-01-31T17:30:00'],
    ['2024-01-31 12:00+00', '2024-01-31T12:00:00'],
    ['2024-01-31T12:00:00.5 Z', '2024-01-31T12:00:00.500000'],
    ['1890-01-01T00:00:00+00:19:32', '1889-12-31T23:40:28'],
  ])('takes the instant %s', (text, utc) => {
    expect(formatTimestamp(parseTimestamp(text, Microsecond, 'required'), Microsecond)).toBe(utc);
  });

  it('takes a date alone as midnight', () => {
    expect(parseTimestamp('1970-01-02', Second, 'none')).toBe(86_400n);
  });

  it.each([
    ['2024-01-31T12:00:00', 'required', /offset/],
    ['2024-01-31', 'required', /offset/],
    ['2024-01-31T12:00:00Z', 'none', /offset/],
    ['2024-01-31T12:00:00.1234567', 'none', /digits/],
    ['2024-01-31T24:00:01', 'none', /time of day/],
    ['2024-01-31T12:60:00', 'none', /time of day/],
    ['2024-02-30T12:00:00', 'none', /date/],
    ['Jan 1 2000', 'none', /form/],
    ['2024-01-31T12', 'none', /form/],
  ] as const)('refuses %s where a zone is %s', (text, zone, reason) => {
    expect(() => parseTimestamp(text, Microsecond, zone)).toThrow(reason);
  });
});

describe('times', () => {
  it.each([
    [0n, Second, '00:00:00'],
    [86_399_999_999n, Microsecond, '23:59:59.999999'],
    [86_400_000n, Millisecond, '24:00:00'],
    [1n, Nanosecond, '00:00:00.000000001'],
    [1_500n, Millisecond, '00:00:01.500'],
  ])('%s in unit %i is %s', (count, unit, text) => {
    expect(formatTime(count, unit)).toBe(text);
    expect(parseTime(text, unit)).toBe(count);
  });

  it.each(['24:00:01', '12:00:60', '25:00:00', '1:00', '12', '12:00:00.0000001', '838:59:59', '-01:00:00'])(
    'refuses %s',
    (text) => {
      expect(() => parseTime(text, Microsecond)).toThrow();
    },
  );
});
