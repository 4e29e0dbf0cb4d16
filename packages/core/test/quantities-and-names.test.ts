import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearestName } from '../src/nearest-name.ts';
import { parseBytes, parseDuration } from '../src/quantity.ts';

const RUNS = process.env.MILLRACE_TEST_FULL === undefined ? 300 : 10_000;

test('a duration is the sum of its parts', () => {
  const part = fc.integer({ min: 0, max: 10_000 });
  fc.assert(
    fc.property(part, part, part, part, part, (days, hours, minutes, seconds, millis) => {
      const text = `${days}d${hours}h ${minutes}m${seconds}s${millis}ms`;
      const expected = days * 86_400_000 + hours * 3_600_000 + minutes * 60_000 + seconds * 1_000 + millis;
      expect(parseDuration(text)).toBe(expected);
    }),
    { numRuns: RUNS },
  );
});

test('thousandths of a second are exact', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000_000 }), (millis) => {
      expect(parseDuration(`${(millis / 1000).toFixed(3)}s`)).toBe(millis);
      expect(parseBytes(`${(millis / 1000).toFixed(3)}KB`)).toBe(millis);
    }),
    { numRuns: RUNS },
  );
});

test('a name with one mistake is found again', () => {
  const name = fc.stringMatching(/^[a-z_]{3,12}$/);
  const mistake = fc.record({
    at: fc.nat(11),
    letter: fc.constantFrom(...'abcxyz'),
    kind: fc.constantFrom(0, 1, 2, 3),
  });
  fc.assert(
    fc.property(name, mistake, (original, { at, letter, kind }) => {
      const index = at % original.length;
      const [before, after] = [original.slice(0, index), original.slice(index)];
      const swapped = after.length > 1 ? `${after[1]}${after[0]}${after.slice(2)}` : after;
      const changed = [
        `${before}${letter}${after}`,
        `${before}${after.slice(1)}`,
        `${before}${letter}${after.slice(1)}`,
        `${before}${swapped}`,
      ];
      expect(nearestName(changed[kind]!, ['0000000000000', original])).toBe(original);
    }),
    { numRuns: RUNS },
  );
});
