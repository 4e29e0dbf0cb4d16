import { expect, test } from 'vitest';
import { isMillraceError } from './error.ts';
import { parseBytes, parseDuration } from './quantity.ts';

test.each([
  ['500ms', 500],
  ['10s', 10_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['1d', 86_400_000],
  ['2w', 1_209_600_000],
  ['1h30m', 5_400_000],
  ['1h 30m', 5_400_000],
  [' 1.5s ', 1_500],
  ['0.29s', 290],
  ['0s', 0],
])('duration %s is %d ms', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

test.each(['', '10', '-1s', '1x', 's', '1h1h', '30m1h', '0.5ms', '1e3s', '10s!', '99999999999999w', '1 000s', 'NaNs'])(
  '%j is no duration',
  (text) => {
    expect(() => parseDuration(text)).toThrow(/duration: the text is not a number with a unit/);
  },
);

test.each([
  ['512', 512],
  ['512B', 512],
  ['64KiB', 65_536],
  ['1MB', 1_000_000],
  ['1mib', 1_048_576],
  ['1.5 GB', 1_500_000_000],
  ['2TiB', 2_199_023_255_552],
])('size %s is %d bytes', (text, expected) => {
  expect(parseBytes(text)).toBe(expected);
});

test.each(['', 'KB', '-1', '1.5', '1 KX', '0x10', '1e3', '9999999TiB', '1,5MB'])('%j is no size', (text) => {
  expect(() => parseBytes(text)).toThrow(/size: the text is not a size in bytes/);
});

test('the errors have a code and never repeat the text', () => {
  for (const parse of [parseDuration, parseBytes]) {
    try {
      parse('hunter2');
      expect.unreachable();
    } catch (error) {
      expect(isMillraceError(error) && error.code).toBe('invalid_argument');
      expect(String(error)).not.toContain('hunter2');
    }
  }
});
