import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDecimal, parseDecimal, readDecimal, writeDecimal } from './decimal.ts';

describe('decimals', () => {
  it('survive text and words', () => {
    const limit = 10n ** 76n - 1n;
    fc.assert(
      fc.property(fc.bigInt({ min: -limit, max: limit }), fc.integer({ min: -5, max: 76 }), (unscaled, scale) => {
        expect(parseDecimal(formatDecimal(unscaled, Math.max(scale, 0)), Math.max(scale, 0))).toBe(unscaled);
        const words = new Uint32Array(16);
        writeDecimal(words, 1, 8, unscaled);
        expect(readDecimal(words, 1, 8)).toBe(unscaled);
      }),
    );
  });

  it.each([
    [0n, 2, '0.00'],
    [-1n, 2, '-0.01'],
    [-1250n, 2, '-12.50'],
    [5n, 0, '5'],
    [5n, -2, '500'],
    [0n, -2, '0'],
    [10n ** 38n - 1n, 38, `0.${'9'.repeat(38)}`],
  ])('%s at scale %i is %s', (unscaled, scale, text) => {
    expect(formatDecimal(unscaled, scale)).toBe(text);
    expect(parseDecimal(text, scale)).toBe(unscaled);
  });

  it.each([
    ['1.5e3', 2, 150_000n],
    ['150e-2', 1, 15n],
    ['+.5', 1, 5n],
    ['5.', 1, 50n],
    ['1.500', 1, 15n],
    ['-0', 3, 0n],
    ['0e500', 3, 0n],
    ['1200', -2, 12n],
  ])('%s at scale %i is %s unscaled', (text, scale, unscaled) => {
    expect(parseDecimal(text, scale)).toBe(unscaled);
  });

  it.each(['', '.', '-', '1,5', '0x10', '1_000', 'NaN', ' 1', '1.55', '1e', '5e-9'])(
    'refuses %s at scale 1',
    (text) => {
      expect(() => parseDecimal(text, 1)).toThrow();
    },
  );

  it.each([2n ** 53n, -(2n ** 53n), 2n ** 63n, -(2n ** 63n) - 1n, 2n ** 64n, -(2n ** 64n), -1n, 2n ** 127n - 1n])(
    'keeps %s in four words',
    (unscaled) => {
      const words = new Uint32Array(4);
      writeDecimal(words, 0, 4, unscaled);
      expect(readDecimal(words, 0, 4)).toBe(unscaled);
    },
  );
});
