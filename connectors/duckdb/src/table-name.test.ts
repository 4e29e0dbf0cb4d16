import { expect, test } from 'vitest';
import { parseTableName } from './table-name.ts';

const around = { fileName: 'shop', component: 'dataset test' };

test.each([
  ['orders', { schemaName: 'main', table: 'orders' }],
  ['sales.orders', { schemaName: 'sales', table: 'orders' }],
  ['shop.sales.orders', { schemaName: 'sales', table: 'orders' }],
  ['"a.b"."c ""d"""', { schemaName: 'a.b', table: 'c "d"' }],
  ['with space', { schemaName: 'main', table: 'with space' }],
  ['"カラム"', { schemaName: 'main', table: 'カラム' }],
])('%s', (path, name) => {
  expect(parseTableName(path, around)).toEqual(name);
});

test.each(['', '.', 'a.', '.a', 'a..b', 'other.sales.orders', '"open', 'a"b', '""'])('%j is no name', (path) => {
  expect(() => parseTableName(path, around)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
});
