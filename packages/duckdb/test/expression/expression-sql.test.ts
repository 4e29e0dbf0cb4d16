import { type DataType, dataTypes, type Expr, field, type LiteralValue, type ScalarFunction } from '@millrace/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  canRaise,
  type DuckDbDatabase,
  EXTENSION,
  extensionMetadata,
  openDatabase,
  toConjunctionSql,
  toExpressionSql,
  toSortKeySql,
} from '../../src/index.ts';

const INT = dataTypes.int32();
const TEXT = dataTypes.utf8();
const BOOL = dataTypes.bool();

const column = (...path: [string, ...string[]]): Expr => ({ kind: 'column', path, type: INT });
const literal = (value: LiteralValue, type: DataType): Expr => ({ kind: 'literal', value, type });
const call = (name: ScalarFunction, args: readonly Expr[], type: DataType = BOOL): Expr => ({
  kind: 'call',
  function: name,
  args,
  type,
});
const unknownField = () => undefined;

let database: DuckDbDatabase;

beforeAll(async () => {
  database = await openDatabase({ path: ':memory:' });
});

afterAll(async () => {
  await database.close();
});

async function evaluate(sql: string | undefined, from = ''): Promise<unknown> {
  const rows = await database.withConnection((connection) => connection.rows(`SELECT ${sql} ${from}`));
  return rows.map(([value]) => value);
}

describe('values', () => {
  test.each<[string, Expr, unknown]>([
    ['division is of floats', call('div', [literal(7, INT), literal(2, INT)], dataTypes.float64()), 3.5],
    ['the remainder has the sign of the dividend', call('mod', [literal(-7, INT), literal(3, INT)], INT), -1],
    ['twice negative', call('neg', [call('neg', [literal(-7, INT)], INT)], INT), -7],
    ['like without escape', call('like', [literal('a\\b', TEXT), literal('a\\_', TEXT), literal('', TEXT)]), true],
    ['like with escape', call('like', [literal('a%', TEXT), literal('a!%', TEXT), literal('!', TEXT)]), true],
    [
      'case',
      call('case', [literal(false, BOOL), literal(1, INT), literal(true, BOOL), literal(2, INT), literal(3, INT)], INT),
      2,
    ],
    ['case else', call('case', [literal(null, BOOL), literal(1, INT), literal(3, INT)], INT), 3],
    ['in an empty list', call('in', [literal(1, INT)]), false],
    ['no conjunct', call('and', []), true],
    ['no disjunct', call('or', []), false],
    [
      'text that would end a literal',
      call('eq', [literal("'; DROP TABLE t; --\0", TEXT), literal("'; DROP TABLE t; --\0", TEXT)]),
      true,
    ],
    ['cast', call('cast', [literal('1.25', TEXT)], dataTypes.decimal(5, 2)), '1.25'],
  ])('%s', async (_, expr, value) => {
    expect(await evaluate(toExpressionSql(expr, unknownField))).toEqual([value]);
  });
});

test('a path leads into structs and not to another table', async () => {
  const sql = toExpressionSql(column('odd "name"', "it's", 'x'), unknownField);
  const source = `FROM (SELECT {'it''s': {'x': 5}} AS "odd ""name""") AS t`;
  expect(await evaluate(sql, source)).toEqual([5]);
});

test('literals take the exact type of the column beside them', () => {
  const uuid = { ...field('u', dataTypes.fixedSizeBinary(16)), metadata: extensionMetadata(EXTENSION.uuid) };
  const bytes = literal(new Uint8Array(16), uuid.type);
  const expr = call('in', [{ kind: 'column', path: ['u'], type: uuid.type }, bytes]);
  expect(toExpressionSql(expr, ([name]) => (name === 'u' ? uuid : undefined))).toContain('AS UUID');
  expect(toExpressionSql(expr, unknownField)).toContain('AS BLOB');
});

test.each<[string, Expr]>([
  ['volatile functions', call('gt', [call('random', [], dataTypes.float64()), literal(0.5, dataTypes.float64())])],
  ['the clock', call('now', [], dataTypes.timestamp())],
  ['a function of a later vocabulary', call('later' as ScalarFunction, [literal(1, INT)])],
])('%s cannot be said', (_, expr) => {
  expect(toExpressionSql(expr, unknownField)).toBeUndefined();
  expect(toExpressionSql(call('not', [call('or', [literal(true, BOOL), expr])]), unknownField)).toBeUndefined();
  expect(toSortKeySql({ expr, descending: false, nullsFirst: false }, unknownField)).toBeUndefined();
});

test('sort keys say where nulls stand', async () => {
  for (const descending of [true, false])
    for (const nullsFirst of [true, false]) {
      const key = toSortKeySql({ expr: column('a'), descending, nullsFirst }, unknownField);
      const sorted = descending ? [2, 1] : [1, 2];
      const expected = nullsFirst ? [null, ...sorted] : [...sorted, null];
      expect(await evaluate('a', `FROM (VALUES (1), (NULL), (2)) t(a) ORDER BY ${key}`)).toEqual(expected);
    }
});

test('a conjunct that can raise is evaluated behind those that cannot, wherever they stand', async () => {
  const guard = call('like', [column('s'), literal('1%', TEXT), literal('', TEXT)]);
  const cast = call('gt', [call('cast', [column('s')], INT), literal(5, INT)]);
  expect([guard, cast].map(canRaise)).toEqual([false, true]);
  const values = `FROM (SELECT CASE WHEN i % 7 = 0 THEN 'x' || i ELSE '1' || i END AS s FROM range(5000) t(i))`;
  for (const conjuncts of [
    [guard, cast],
    [cast, guard],
    [cast, guard, cast],
  ]) {
    const where = toConjunctionSql(conjuncts.map((expr) => ({ expr, sql: toExpressionSql(expr, unknownField)! })));
    expect(await evaluate('count(*)', `${values} WHERE ${where}`)).toEqual([4285n]);
  }
  expect(toConjunctionSql([])).toBeUndefined();
});
