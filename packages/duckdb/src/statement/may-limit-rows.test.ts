import { expect, it } from 'vitest';
import { mayLimitRows } from './may-limit-rows.ts';

it.each([
  'SELECT * FROM t LIMIT 3',
  'SELECT * FROM (FROM t\nlimit\t10%)',
  'SELECT * FROM t OFFSET 2',
  'SELECT * FROM t FETCH FIRST 3 ROWS ONLY',
  'SELECT DISTINCT ON (a) a, b FROM t',
  'SELECT DISTINCT /* the last */ -- of each\n ON (a) a, b FROM t',
  'SELECT limit FROM t',
])('takes %j for a statement that limits rows', (sql) => {
  expect(mayLimitRows(sql)).toBe(true);
});

it.each([
  'SELECT 1',
  'SELECT DISTINCT a FROM t JOIN u ON t.a = u.a',
  'SELECT count(DISTINCT a) FROM t',
  "SELECT * FROM read_parquet('limit/offset.parquet') -- LIMIT 3",
  'SELECT credit_limit, "limit" FROM t WHERE a IS DISTINCT FROM b',
])('takes %j for one that does not', (sql) => {
  expect(mayLimitRows(sql)).toBe(false);
});
