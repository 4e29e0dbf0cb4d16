import { dataTypes, type Expr, type ScalarFunction } from '@millrace/core';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Dialect, planSelect, type SqlTable, type SqlText } from '../src/index.ts';
import { bindSqlite, SQLITE_DIALECT } from './sample-targets.ts';

const ROW_COUNT = 2_000;
const INT = dataTypes.int64();

/** SQLite as it is without json_each: every value needs a parameter of its own. */
const PLAIN: Dialect = { ...SQLITE_DIALECT, listTest: () => undefined, maxListLength: 5_000 };
const WITH_ARRAYS: Dialect = {
  ...SQLITE_DIALECT,
  listTest: ({ value, list, test: wanted }) =>
    `${value} ${wanted === 'in' ? 'IN' : 'NOT IN'} (SELECT value FROM json_each(${list}))`,
};

const sqlite = new Database(':memory:');
beforeAll(() => {
  sqlite.exec('CREATE TABLE t (n INTEGER, w TEXT COLLATE NOCASE)');
  const insert = sqlite.prepare('INSERT INTO t VALUES (?, ?)');
  for (let row = 0; row < ROW_COUNT; row++) insert.run(row === 7 ? null : row, `Text ${row}`);
});
afterAll(() => sqlite.close());

function tableWith(dialect: Dialect): SqlTable {
  return {
    dialect,
    profile: {
      column: ({ collation }) =>
        collation === undefined
          ? { equality: 'same', order: 'same', pattern: 'same' }
          : { equality: 'wider', order: 'unknown', pattern: 'wider' },
      isEqualFunction: () => false,
    },
    from: 't',
    columns: [
      { name: 'n', field: { name: 'n', type: INT, nullable: true }, sourceType: 'INTEGER' },
      {
        name: 'w',
        field: { name: 'w', type: dataTypes.utf8(), nullable: true },
        sourceType: 'TEXT',
        collation: 'NOCASE',
      },
    ],
    component: 'lists',
  };
}

const n: Expr = { kind: 'column', path: ['n'], type: INT };
const w: Expr = { kind: 'column', path: ['w'], type: dataTypes.utf8() };
const call = (name: ScalarFunction, ...args: readonly Expr[]): Expr => ({
  kind: 'call',
  function: name,
  args,
  type: dataTypes.bool(),
});
const isIn = (value: Expr, items: readonly (bigint | string | null)[]): Expr =>
  call('in', value, ...items.map((item): Expr => ({ kind: 'literal', value: item, type: value.type })));

/** Every third number, many of them beyond the rows, some twice. */
const numbers = (count: number): readonly bigint[] =>
  Array.from({ length: count }, (_, index) => BigInt((index * 3) % (count * 2)));

function rowCount({ sql, parameters }: SqlText): number {
  const bound = parameters.map(({ value, type }) =>
    Array.isArray(value)
      ? `[${value.map((one) => (typeof one === 'string' ? JSON.stringify(one) : one)).join()}]`
      : bindSqlite(value, type.typeId),
  );
  return sqlite
    .prepare(sql)
    .raw()
    .all(...bound).length;
}

function expectedCount(items: readonly bigint[], wanted: 'in' | 'not_in'): number {
  const set = new Set(items);
  return Array.from({ length: ROW_COUNT }, (_, row) => BigInt(row)).filter(
    (row) => row !== 7n && set.has(row) === (wanted === 'in'),
  ).length;
}

test.each([1, 2, 16, 17, 1_000, 5_001, 32_000])('a list of %i values is pushed value by value', (count) => {
  const items = numbers(count);
  for (const [filter, wanted] of [
    [isIn(n, items), 'in'],
    [call('not', isIn(n, items)), 'not_in'],
  ] as const) {
    const planned = planSelect(tableWith(PLAIN), { projection: [0], filters: [filter] });
    expect(planned.applied.filters).toEqual(['exact']);
    expect(rowCount(planned.statement())).toBe(expectedCount(items, wanted));
  }
});

test.each([17, 40_000, 100_000])('a list of %i values is bound as one array where the dialect can', (count) => {
  const items = numbers(count);
  for (const [filter, wanted] of [
    [isIn(n, items), 'in'],
    [call('not', isIn(n, items)), 'not_in'],
  ] as const) {
    const planned = planSelect(tableWith(WITH_ARRAYS), { projection: [0], filters: [filter] });
    expect(planned.applied.filters).toEqual(['exact']);
    const statement = planned.statement();
    expect(statement.parameters.length).toBe(1);
    expect(rowCount(statement)).toBe(expectedCount(items, wanted));
  }
});

test('a list beyond the bounds becomes the range of its values, and its negation is not pushed', () => {
  const items = Array.from({ length: 40_000 }, (_, index) => BigInt(100 + index));
  const planned = planSelect(tableWith(PLAIN), {
    projection: [0],
    filters: [isIn(n, items), call('not', isIn(n, items))],
  });
  expect(planned.applied.filters).toEqual(['inexact', 'none']);
  expect(planned.statement().sql).toBe('SELECT "n" FROM t WHERE ("n" >= ? AND "n" <= ?)');
  expect(rowCount(planned.statement())).toBe(ROW_COUNT - 100);
});

test('a long list under OR weakens the whole, and one of a linguistic order is not pushed as a range', () => {
  const texts = Array.from({ length: 40_000 }, (_, index) => `text ${index}`);
  const isNull = call('is_null', n);
  const planned = planSelect(tableWith(PLAIN), {
    projection: [0],
    filters: [call('or', isIn(n, numbers(40_000)), isNull), isIn(w, texts), call('and', isNull, isIn(w, texts))],
  });
  expect(planned.applied.filters).toEqual(['inexact', 'none', 'inexact']);
  expect(planned.statement().parameters.length).toBe(2);
});

test('a list that fits only once is written for the index alone', () => {
  const base = tableWith(PLAIN);
  const table: SqlTable = {
    ...base,
    profile: {
      ...base.profile,
      column: (column) => ({ ...base.profile.column(column), asBytes: (sql) => `${sql} COLLATE BINARY` }),
    },
  };
  const texts = Array.from({ length: 20_000 }, (_, index) => `${index % 2 === 0 ? 'T' : 't'}ext ${index}`);
  const planned = planSelect(table, { projection: [0], filters: [isIn(w, texts)] });
  expect(planned.applied.filters).toEqual(['inexact']);
  expect(planned.statement().parameters.length).toBe(20_000);
  expect(rowCount(planned.statement())).toBe(ROW_COUNT);
  const half = planSelect(table, { projection: [0], filters: [isIn(w, texts.slice(0, 10_000))] });
  expect(half.applied.filters).toEqual(['exact']);
  expect(rowCount(half.statement())).toBe(ROW_COUNT / 2);
});

test('many lists together stay within the bounds of one statement', () => {
  const filters = Array.from({ length: 12 }, (_, index) => isIn(n, numbers(4_000 + 3 * index)));
  const planned = planSelect(tableWith(PLAIN), { projection: [0], filters });
  const { sql, parameters } = planned.statement();
  expect(parameters.length).toBeLessThanOrEqual(PLAIN.maxParameters);
  expect(Buffer.byteLength(sql)).toBeLessThanOrEqual(PLAIN.maxStatementBytes);
  expect(planned.applied.filters.filter((degree) => degree === 'exact').length).toBe(8);
  expect(planned.applied.filters.filter((degree) => degree === 'inexact').length).toBe(4);
  expect(rowCount({ sql, parameters })).toBeGreaterThan(0);
});

test('a statement of many bytes is refused a filter, a short one is not', () => {
  const tight = tableWith({ ...PLAIN, maxStatementBytes: 8_000 });
  const planned = planSelect(tight, { projection: [0], filters: [isIn(n, numbers(3_000)), call('is_not_null', n)] });
  expect(planned.applied.filters).toEqual(['inexact', 'exact']);
});

test('a chain of 5,000 conditions is not deeper than a parser’s stack', () => {
  const one = (index: number): Expr => call('eq', n, { kind: 'literal', value: BigInt(index), type: INT });
  const planned = planSelect(tableWith(PLAIN), {
    projection: [0],
    filters: [call('or', ...Array.from({ length: 5_000 }, (_, index) => one(index)))],
  });
  expect(planned.applied.filters).toEqual(['exact']);
  expect(rowCount(planned.statement())).toBe(ROW_COUNT - 1);
  let deep = one(1);
  for (let level = 0; level < 5_000; level++) deep = call('not', deep);
  expect(planSelect(tableWith(PLAIN), { projection: [0], filters: [deep] }).applied.filters).toEqual(['none']);
});
