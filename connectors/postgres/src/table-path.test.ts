import { expect, test } from 'vitest';
import { parseTablePath, spellings } from './table-path.ts';

test.each([
  ['orders', ['orders']],
  ['public.orders', ['public', 'orders']],
  ['shop.public.orders', ['shop', 'public', 'orders']],
  ['"a.b"."c""d"', ['a.b', 'c"d']],
  ['public." leading and trailing "', ['public', ' leading and trailing ']],
])('%s is read as %j', (path, parts) => {
  const { database, schema, table } = parseTablePath(path, 'dataset t');
  expect([database, schema, table].flatMap((part) => (part === undefined ? [] : [part.text]))).toEqual(parts);
});

test.each(['', '.', 'a.', '.a', 'a..b', '"a', '"a"b', 'a"b"', 'a.b.c.d', '""'])('%j is refused', (path) => {
  expect(() => parseTablePath(path, 'dataset t')).toThrow('is no name of a table');
});

test('an unquoted name is tried as written and folded, a quoted one as written', () => {
  expect(spellings({ text: 'Orders', isQuoted: false })).toEqual(['Orders', 'orders']);
  expect(spellings({ text: 'Orders', isQuoted: true })).toEqual(['Orders']);
  expect(spellings({ text: 'orders', isQuoted: false })).toEqual(['orders']);
});
