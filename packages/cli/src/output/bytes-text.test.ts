import { expect, it } from 'vitest';
import { bytesText } from './bytes-text.ts';

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [99_949, '99.9 kB'],
  [99_950, '100 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [4_120_000, '4.1 MB'],
  [12e9, '12.0 GB'],
  [5e20, '500000 PB'],
])('writes %d bytes as %s', (byteCount, text) => {
  expect(bytesText(byteCount)).toBe(text);
});
