import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitRange } from './row-id-ranges.ts';

const id = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

test('ranges follow one another without gap, and the outer ones are open', () => {
  fc.assert(
    fc.property(id, id, fc.integer({ min: 1, max: 8 }), (a, b, wanted) => {
      const [low, high] = a < b ? [a, b] : [b, a];
      const ranges = splitRange(low, high, wanted);
      expect(ranges.length).toBeLessThanOrEqual(Math.max(wanted, 1));
      if (ranges.length === 1) {
        expect(ranges).toEqual([undefined]);
        return;
      }
      expect([ranges[0]!.start, ranges.at(-1)!.end]).toEqual([undefined, undefined]);
      for (let index = 1; index < ranges.length; index++) expect(ranges[index]!.start).toBe(ranges[index - 1]!.end);
      const edges = ranges.slice(1).map((range) => BigInt(range!.start!));
      expect(edges.every((edge) => edge > low && edge <= high)).toBe(true);
    }),
  );
});

test('a small table is one range', () => {
  expect(splitRange(1n, 150_000n, 4)).toEqual([undefined]);
  expect(splitRange(1n, 200_000n, 4)).toEqual([{ end: '100001' }, { start: '100001' }]);
});
