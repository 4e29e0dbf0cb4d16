import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHalfBits, toHalfBits } from './half-float.ts';

describe('half floats', () => {
  it('give back all 65,536 patterns but the payload of NaN', () => {
    const changed = Array.from({ length: 0x10000 }, (_, bits) => bits).filter((bits) => {
      const value = fromHalfBits(bits);
      return toHalfBits(value) !== (Number.isNaN(value) ? 0x7e00 : bits);
    });
    expect(changed).toEqual([]);
  });

  it('round to the nearest, ties to even', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x7bfe }), fc.double({ min: 0, max: 1, noNaN: true }), (bits, part) => {
        const [low, high] = [fromHalfBits(bits), fromHalfBits(bits + 1)];
        const value = low + (high - low) * part;
        const nearest =
          value - low < high - value || (value - low === high - value && bits % 2 === 0) ? bits : bits + 1;
        expect(toHalfBits(value)).toBe(nearest);
      }),
    );
    expect([65_504, 65_519.9, 65_520, -1e9].map(toHalfBits)).toEqual([0x7bff, 0x7bff, 0x7c00, 0xfc00]);
  });
});
