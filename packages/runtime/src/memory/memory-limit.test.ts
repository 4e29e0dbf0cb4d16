import { describe, expect, it } from 'vitest';
import { readMemoryLimit, toLimitBytes } from './memory-limit.ts';
import { usableMemory } from './usable-memory.ts';

const GIB = 2 ** 30;

function reader(totalBytes: number, constrainedBytes: number | undefined) {
  return { totalBytes: () => totalBytes, constrainedBytes: () => constrainedBytes };
}

describe('usableMemory', () => {
  it.each([
    ['a control group', reader(16 * GIB, 2 * GIB), 2 * GIB],
    ['a control group without a limit, as version 1 says it', reader(16 * GIB, 2 ** 63), 16 * GIB],
    ['a control group without a limit, as version 2 says it', reader(16 * GIB, 0), 16 * GIB],
    ['no control group', reader(16 * GIB, undefined), 16 * GIB],
  ])('%s', (_, from, bytes) => {
    expect(usableMemory(from)).toBe(bytes);
  });

  it('reads the machine', () => {
    expect(usableMemory()).toBeGreaterThan(0);
    expect(Number.isSafeInteger(usableMemory())).toBe(true);
  });
});

describe('memory limit', () => {
  it.each([
    ['2GiB', { kind: 'bytes', bytes: 2 * GIB }],
    ['134217728', { kind: 'bytes', bytes: 2 ** 27 }],
    ['50%', { kind: 'percent', percent: 50 }],
    [' 12.5 %', { kind: 'percent', percent: 12.5 }],
    ['100%', { kind: 'percent', percent: 100 }],
  ])('reads %s', (text, limit) => {
    expect(readMemoryLimit(text)).toEqual(limit);
  });

  it.each(['', 'much', '-1GiB', '0%', '101%', '127MiB', '%', '1e9', '50 % of it'])('refuses %j', (text) => {
    expect(readMemoryLimit(text)).toBeUndefined();
  });

  it('is a part of what the process may use', () => {
    expect(toLimitBytes({ kind: 'percent', percent: 25 }, reader(16 * GIB, 2 * GIB))).toBe(GIB / 2);
    expect(toLimitBytes(undefined, reader(16 * GIB, 10 * GIB))).toBe(6 * GIB);
    expect(toLimitBytes({ kind: 'bytes', bytes: GIB }, reader(16 * GIB, GIB / 2))).toBe(GIB);
  });

  it('has a least size, which a percentage has to reach', () => {
    const small = reader(16 * GIB, 200 * 2 ** 20);
    expect(toLimitBytes(undefined, small)).toBe(128 * 2 ** 20);
    expect(() => toLimitBytes({ kind: 'percent', percent: 50 }, small)).toThrow(
      expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining('50% comes to 100 MiB') }),
    );
  });
});
