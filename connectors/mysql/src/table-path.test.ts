import { expect, test } from 'vitest';
import { parseTablePath } from './table-path.ts';

const parse = (path: string, database?: string) => parseTablePath(path, database, 'dataset t');

test('a table is named alone, with its database, or in backticks', () => {
  expect(parse('orders', 'shop')).toEqual({ database: 'shop', table: 'orders' });
  expect(parse('shop.order lines')).toEqual({ database: 'shop', table: 'order lines' });
  expect(parse('`a.b`.`c``d`')).toEqual({ database: 'a.b', table: 'c`d' });
});

test('anything else is refused with words', () => {
  for (const path of ['', 'a.b.c', 'a..b', '`a', 'a.', '.a', '`a`b'])
    expect(() => parse(path, 'shop')).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  expect(() => parse('orders')).toThrow(expect.objectContaining({ hint: expect.stringContaining('mysql_db') }));
});
