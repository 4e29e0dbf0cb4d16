import type { RowKey } from '@millrace/arrow';
import { expect, it } from 'vitest';
import { KeyIndex } from '../src/key-index.ts';

it('finds every key of every kind, as a map would', () => {
  const keys: RowKey[] = [0, Number.NaN, true, false, '', 'a', '0', 0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 0.5, -1e300];
  for (let number = 1; number < 5_000; number++) keys.push(number, BigInt(number) << 31n, `key ${number}`, number / 7);
  const map = new Map<RowKey, number>();
  const index = new KeyIndex(keys.length, (place) => keys[place]);
  expect(index.isEmpty).toBe(true);
  for (const [place, key] of keys.entries()) {
    expect(index.get(key)).toBe(map.get(key));
    map.set(key, place);
    index.set(key, place);
  }
  expect(keys.filter((key) => index.get(key) !== map.get(key))).toEqual([]);
  expect(index.get(-0)).toBe(0);
  expect(index.get('nowhere')).toBeUndefined();
  expect(index.isEmpty).toBe(false);
});
