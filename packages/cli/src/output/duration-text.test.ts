import { expect, it } from 'vitest';
import { durationText } from './duration-text.ts';

it.each([
  [0, '0s'],
  [-5_000, '0s'],
  [8_999, '8s'],
  [60_000, '1m'],
  [61_000, '1m 1s'],
  [3_600_000 + 5_000, '1h'],
  [2 * 86_400_000 + 3 * 3_600_000 + 59 * 60_000, '2d 3h'],
])('writes %i ms as %s', (durationMs, text) => {
  expect(durationText(durationMs)).toBe(text);
});
