import { describe, expect, it } from 'vitest';
import { divideMemory, type MemoryClaim } from './divide-memory.ts';

const MIB = 2 ** 20;

function claim(minMib: number, maxMib: number, rank: MemoryClaim['rank'] = 'other'): MemoryClaim {
  return { minBytes: minMib * MIB, maxBytes: maxMib * MIB, rank };
}

function divideMib(mib: number, claims: readonly MemoryClaim[]): readonly number[] {
  return divideMemory(mib * MIB, claims).map((bytes) => bytes / MIB);
}

describe('divideMemory', () => {
  const main = claim(64, Number.POSITIVE_INFINITY, 'main');

  it('leaves everything to the main one that others have no use for', () => {
    expect(divideMib(1024, [main])).toEqual([1024]);
    expect(divideMib(1024, [main, claim(32, 100), claim(32, 32)])).toEqual([892, 100, 32]);
  });

  it('gives the others half of what nobody needs, alike', () => {
    expect(divideMib(1024, [main, claim(32, 1000), claim(32, 1000)])).toEqual([512, 256, 256]);
    expect(divideMib(1024, [main, claim(32, 40), claim(32, 1000)])).toEqual([512, 40, 472]);
  });

  it('gives all of it to the others where there is no main one', () => {
    expect(divideMib(100, [claim(10, Number.POSITIVE_INFINITY), claim(10, Number.POSITIVE_INFINITY)])).toEqual([
      50, 50,
    ]);
    expect(divideMib(100, [claim(10, 20)])).toEqual([20]);
    expect(divideMib(100, [])).toEqual([]);
  });

  it('never divides more than there is, and never gives less than is needed', () => {
    const claims = [main, claim(32, 1000), claim(7, 9), claim(1, Number.POSITIVE_INFINITY)];
    for (let mib = 104; mib < 5000; mib += 97) {
      const parts = divideMib(mib, claims);
      expect(parts.reduce((total, part) => total + part, 0)).toBeLessThanOrEqual(mib);
      for (const [index, { minBytes, maxBytes }] of claims.entries()) {
        expect(parts[index]).toBeGreaterThanOrEqual(minBytes / MIB);
        expect(parts[index]).toBeLessThanOrEqual(maxBytes / MIB);
      }
    }
    expect(divideMib(10, [main, claim(32, 1000)])).toEqual([64, 32]);
  });
});
