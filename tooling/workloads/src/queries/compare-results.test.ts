import { expect, test } from 'vitest';
import { compareResults } from './compare-results.ts';

test('results are equal as multisets', () => {
  expect(compareResults([], [])).toBeUndefined();
  expect(
    compareResults(
      [
        [1, 'a'],
        [2, null],
      ],
      [
        [2, null],
        [1, 'a'],
      ],
    ),
  ).toBeUndefined();
  expect(compareResults([[1], [1], [2]], [[1], [2], [2]])).toBe(
    '3 rows on the left, 3 on the right; 1 more on the left of [1]',
  );
  expect(compareResults([[1]], [[1], [1]])).toBe('1 rows on the left, 2 on the right; 1 more on the right of [1]');
  expect(compareResults([], [['x'.repeat(900)]])?.length).toBeLessThan(500);
});

test('NaN equals itself, and the zeros each other', () => {
  expect(compareResults([[Number.NaN], [-0]], [[0], [Number.NaN]])).toBeUndefined();
});

test.each([
  [1, 1n],
  [1, '1'],
  [null, 'null'],
  [true, 'true'],
  ['1.0', '1.00'],
  ['a', 'a '],
  ['é', 'e\u0301'],
  [9_007_199_254_740_992n, 9_007_199_254_740_993n],
  [0.1 + 0.2, 0.3],
  [Number.NaN, null],
  [new Uint8Array([1]), new Uint8Array([1, 0])],
  [new Uint8Array([]), ''],
  [
    [1, 2],
    [2, 1],
  ],
  [{ a: 1 }, { b: 1 }],
  [{ a: 1, b: null }, { a: 1 }],
  [
    { months: 1, days: 0, nanoseconds: 0n },
    { months: 0, days: 30, nanoseconds: 0n },
  ],
] as const)('%s is not %s', (left, right) => {
  expect(compareResults([[left]], [[right]])).toBeDefined();
  expect(compareResults([[left]], [[left]])).toBeUndefined();
});
