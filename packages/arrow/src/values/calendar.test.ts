import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDate, parseDate, toEpochDays } from './calendar.ts';

const MILLISECONDS_PER_DAY = 86_400_000;

describe('dates', () => {
  it('are those of the proleptic Gregorian calendar of ECMAScript', () => {
    fc.assert(
      fc.property(fc.integer({ min: -99_999_999, max: 99_999_999 }), (days) => {
        const text = new Date(days * MILLISECONDS_PER_DAY).toISOString().slice(0, -'T00:00:00.000Z'.length);
        expect(formatDate(days)).toBe(text);
        expect(parseDate(text)).toBe(days);
      }),
    );
  });

  it.each([
    ['0001-01-01', -719_162],
    ['1582-10-04', -141_438],
    ['1582-10-15', -141_427],
    ['1969-12-31', -1],
    ['1970-01-01', 0],
    ['9999-12-31', 2_932_896],
    ['+5881580-07-11', 2 ** 31 - 1],
    ['-5877641-06-23', -(2 ** 31)],
    ['0000-02-29', -719_469],
  ])('%s is day %i', (text, days) => {
    expect(parseDate(text)).toBe(days);
    expect(formatDate(days)).toBe(text);
  });

  it.each(['2023-02-29', '1900-02-29', '2024-00-01', '2024-13-01', '2024-04-31', '2024-1-1', '24-01-01', 'today', ''])(
    'refuses %s',
    (text) => {
      expect(() => parseDate(text)).toThrow();
    },
  );

  it('counts from 1970-01-01', () => {
    expect(toEpochDays(2000, 3, 1)).toBe(11_017);
  });
});
