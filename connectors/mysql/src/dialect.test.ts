import { dataTypes, TimeUnit } from '@millrace/core';
import { expect, test } from 'vitest';
import { createDialect, quoteIdentifier } from './dialect.ts';
import { cutRange } from './partitions.ts';
import { readMembers } from './type-mapping.ts';

const dialect = createDialect(1 << 20, () => true);

test('names are quoted as written, and what the server does not take is refused', () => {
  expect(quoteIdentifier('a`b "c" \\')).toBe('`a``b "c" \\`');
  expect(quoteIdentifier('x'.repeat(64))).toHaveLength(66);
  for (const name of ['', 'x'.repeat(65), 'trailing ', 'a\0b', '😀'])
    expect(() => quoteIdentifier(name)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
});

test('limits and null order have their forms', () => {
  expect(dialect.limitClause({ limit: 5n, offset: 2n })).toBe(' LIMIT 5 OFFSET 2');
  expect(dialect.limitClause({ offset: 2n })).toBe(' LIMIT 18446744073709551615 OFFSET 2');
  expect(dialect.limitClause({ limit: 2n ** 70n })).toBe(' LIMIT 18446744073709551615');
  expect(dialect.sortKey({ sql: 'c', descending: false, nullsFirst: true })).toBe('c');
  expect(dialect.sortKey({ sql: 'c', descending: false, nullsFirst: false })).toBe('ISNULL(c), c');
  expect(dialect.sortKey({ sql: 'c', descending: true, nullsFirst: true })).toBe('ISNULL(c) DESC, c DESC');
  expect(dialect.sortKey({ sql: 'c', descending: true, nullsFirst: false })).toBe('c DESC');
});

test('times outside of the server’s calendar are not bound', () => {
  const canBind = (value: number | bigint, type: ReturnType<typeof dataTypes.date>) =>
    dialect.canBind?.({ value, type });
  expect([-719_163, -719_162, 2_932_896, 2_932_897].map((days) => canBind(days, dataTypes.date()))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(canBind(253_402_300_799_999_999n, dataTypes.timestamp())).toBe(true);
  expect(canBind(253_402_300_800_000_000n, dataTypes.timestamp())).toBe(false);
  expect(canBind(253_402_300_799_999_999n, dataTypes.timestamp(TimeUnit.Microsecond, 'UTC'))).toBe(false);
  expect(canBind(1n, dataTypes.duration())).toBe(false);
});

test('ranges are disjoint, cover every key, and are open at the ends', () => {
  expect(cutRange(1n, 10n, 3)).toEqual([{ end: '4' }, { start: '4', end: '7' }, { start: '7' }]);
  expect(cutRange(-(2n ** 63n), 2n ** 63n - 1n, 2)).toEqual([{ end: '0' }, { start: '0' }]);
  expect(cutRange(5n, 5n, 4)).toEqual([]);
  expect(cutRange(1n, 2n, 4)).toEqual([{ end: '2' }, { start: '2' }]);
});

test('members of an enumeration are read as declared', () => {
  expect(readMembers("enum('a','it''s','b,c','')")).toEqual(['a', "it's", 'b,c', '']);
});
