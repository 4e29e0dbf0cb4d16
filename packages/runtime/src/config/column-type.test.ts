import { expect, it } from 'vitest';
import { isColumnTypeText } from './column-type.ts';

it.each([
  'BIGINT',
  'DECIMAL(10, 2)',
  'timestamp with time zone',
  'INTEGER[]',
  'DOUBLE[3]',
  'STRUCT("a b" INTEGER, c VARCHAR[])',
  'MAP(VARCHAR, STRUCT(x INT)[])',
  "ENUM('a;b', 'it''s')",
  ' INT ',
  'UNION(n INT, s VARCHAR)',
])('accepts %s', (text) => {
  expect(isColumnTypeText(text)).toBe(true);
});

it.each([
  '',
  ' ',
  'INT; DROP TABLE x',
  'INT)',
  '(INT',
  'INT[)',
  'INT -- x',
  'INT /* x */',
  "ENUM('a)",
  'STRUCT("a INT)',
  'INT DEFAULT 1 + 1',
  '10',
  'INT = 1',
])('refuses %j', (text) => {
  expect(isColumnTypeText(text)).toBe(false);
});
