import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDecimalStore } from './decimal-words.ts';

function store(value: number | bigint | string, precision: number, scale: number): bigint | undefined {
  const words = new Uint32Array(4);
  if (!createDecimalStore({ precision, scale })(words, 0, value)) return undefined;
  return BigInt.asIntN(
    128,
    words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n),
  );
}

test('the double nearest to a decimal of 15 digits is that decimal', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n }),
      fc.integer({ min: 0, max: 15 }),
      (unscaled, scale) => {
        expect(store(Number(`${unscaled}e-${scale}`), 15, scale)).toBe(unscaled);
      },
    ),
  );
});

test('integers of any size, and reals beside them, are exact in 38 digits', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.integer({ min: 0, max: 18 }),
      (value, scale) => {
        expect(store(value, 38, scale)).toBe(value * 10n ** BigInt(scale));
      },
    ),
  );
  expect(store(1e30, 38, 2)).toBe(BigInt(1e30) * 100n);
  expect(store(-12345678901.2345, 18, 4)).toBe(-123456789012345n);
});

test.each([
  [0.1 + 0.2, 15, 2],
  [0.125, 4, 2],
  [100, 4, 2],
  [100n, 4, 2],
  [Number.POSITIVE_INFINITY, 15, 2],
  [Number.POSITIVE_INFINITY, 38, 2],
  [1e39, 38, 0],
  ['1.00', 4, 2],
] as const)('%s is no decimal(%d, %d)', (value, precision, scale) => {
  expect(store(value, precision, scale)).toBeUndefined();
});
