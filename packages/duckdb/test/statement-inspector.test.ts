import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { isMillraceError } from '@millrace/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TableName } from '../src/plan/planned-query.ts';
import type { StatementInfo } from '../src/statement/statement-info.ts';
import { createStatementInspector, type StatementInspector } from '../src/statement/statement-inspector.ts';
import { ACCEPTED_STATEMENTS, ACCEPTED_TABLES } from './accepted-statements.ts';

let inspector: StatementInspector;
let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  inspector = await createStatementInspector();
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  for (const sql of ACCEPTED_TABLES) await connection.run(sql);
});
afterAll(async () => {
  connection.closeSync();
  instance.closeSync();
  await inspector.close();
});

function dotted({ schemaName, table }: TableName): string {
  return schemaName === undefined ? table : `${schemaName}.${table}`;
}

async function failure(sql: string): Promise<{ code: string; message: string; line?: number; column?: number }> {
  try {
    await inspector.inspect(sql);
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    const { code, message, location } = error;
    return { code, message, ...(location && { line: location.line, column: location.column }) };
  }
  throw new Error(`accepted: ${sql}`);
}

describe('accepted statements', () => {
  test('there are many', () => {
    expect(ACCEPTED_STATEMENTS.length).toBeGreaterThanOrEqual(120);
  });

  test.each(ACCEPTED_STATEMENTS)('%s', async (sql, ...tables) => {
    const info = await inspector.inspect(sql);
    expect(info.kind).toBe('query');
    expect(info.tables.map(dotted)).toEqual(tables);
    (await connection.prepare(info.sql)).destroySync();
  });

  test('the tables are those that DuckDB itself finds', () => {
    let compared = 0;
    const unanswered: string[] = [];
    for (const [sql, ...tables] of ACCEPTED_STATEMENTS) {
      if (/summarize|information_schema|recursive/i.test(sql)) continue;
      const expected = connection.getTableNames(sql, false);
      if (expected.length === 0 && tables.length > 0) {
        unanswered.push(sql);
        continue;
      }
      expect(new Set(tables.map((name) => name.split('.').at(-1))), sql).toEqual(new Set(expected));
      compared++;
    }
    expect(compared).toBeGreaterThan(100);
    // DuckDB's answer is empty where its extraction of names fails, for example with parameters.
    expect(unanswered.length).toBeLessThan(20);
  });
});

describe('kinds of statements', () => {
  test.each<[string, Partial<StatementInfo>]>([
    ['EXPLAIN SELECT * FROM orders', { kind: 'explain', sql: 'SELECT * FROM orders', tables: [{ table: 'orders' }] }],
    [' explain (SELECT 1);', { kind: 'explain', sql: '(SELECT 1)' }],
    ['EXPLAIN SUMMARIZE orders', { kind: 'explain', sql: 'SUMMARIZE orders' }],
    ['DESCRIBE orders', { kind: 'describe', sql: 'FROM orders', tables: [{ table: 'orders' }] }],
    ['DESC sales.orders', { kind: 'describe', sql: 'FROM sales.orders' }],
    ['SHOW "Odd Name";', { kind: 'describe', sql: 'FROM "Odd Name"', tables: [{ table: 'Odd Name' }] }],
    ['DESCRIBE SELECT id, ? FROM orders', { kind: 'describe', sql: 'SELECT id, ? FROM orders' }],
    ['DESCRIBE (SELECT 1)', { kind: 'describe', sql: '(SELECT 1)' }],
    ['DESCRIBE WITH c AS (SELECT 1) FROM c', { kind: 'describe', sql: 'WITH c AS (SELECT 1) FROM c', tables: [] }],
    ['DESCRIBE TABLE orders', { kind: 'describe', sql: 'TABLE orders' }],
    ['DESCRIBE FROM orders', { kind: 'describe', sql: 'FROM orders' }],
    ['DESCRIBE VALUES (1)', { kind: 'describe', sql: 'VALUES (1)' }],
    ['SHOW TABLES', { kind: 'show_tables', detail: 'names', tables: [] }],
    ['SHOW ALL TABLES', { kind: 'show_tables', detail: 'columns' }],
    ['DESCRIBE', { kind: 'show_tables', detail: 'columns' }],
    ['SHOW TABLES FROM sales', { kind: 'show_tables', detail: 'names', schemaName: 'sales' }],
    ['SELECT 1 ; -- done', { kind: 'query', sql: 'SELECT 1' }],
    ['-- first\nSELECT 1 /* last */', { kind: 'query', sql: '-- first\nSELECT 1' }],
  ])('%s', async (sql, expected) => {
    expect(await inspector.inspect(sql)).toMatchObject(expected);
  });
});

describe('limits of rows', () => {
  test.each<[StatementInfo['limits'], readonly string[]]>([
    [
      'none',
      [
        'SELECT DISTINCT a FROM orders ORDER BY a',
        'SELECT count(DISTINCT a) FROM (SELECT DISTINCT a FROM orders)',
        'SELECT a FROM orders UNION SELECT b FROM items',
        'SELECT row_number() OVER (ORDER BY a) AS n FROM orders QUALIFY n < 3',
        'SHOW TABLES',
      ],
    ],
    [
      'at_root',
      [
        'SELECT * FROM orders JOIN items USING (id) LIMIT 3',
        'SELECT * FROM orders OFFSET ?',
        'SELECT * FROM orders LIMIT 10%',
        'SELECT * FROM orders FETCH FIRST 3 ROWS ONLY',
        'SELECT DISTINCT ON (a) * FROM orders ORDER BY a, b LIMIT 3',
        '(SELECT * FROM orders LIMIT 3)',
        'FROM orders LIMIT (SELECT max(id) FROM items)',
        'TABLE orders LIMIT 3',
        'VALUES (1), (2) LIMIT 1',
        'WITH c AS (SELECT 1) FROM c LIMIT 3',
        'SELECT a FROM orders UNION ALL SELECT b FROM items LIMIT 3',
        'EXPLAIN SELECT * FROM orders LIMIT 3',
        'DESCRIBE SELECT * FROM orders LIMIT 3',
      ],
    ],
    [
      'below_root',
      [
        'SELECT * FROM (SELECT * FROM orders LIMIT 3)',
        'SELECT * FROM (SELECT * FROM orders OFFSET 1)',
        'SELECT * FROM (SELECT * FROM orders LIMIT 10%) LIMIT 3',
        'SELECT * FROM (SELECT * FROM orders LIMIT ?)',
        'SELECT * FROM (SELECT * FROM orders FETCH FIRST 3 ROWS ONLY)',
        'SELECT * FROM (SELECT DISTINCT ON (a) * FROM orders)',
        'SELECT * FROM orders WHERE id IN (SELECT id FROM items LIMIT 3)',
        'SELECT (SELECT id FROM items ORDER BY id LIMIT 1) FROM orders',
        'SELECT * FROM orders, LATERAL (SELECT * FROM items WHERE items.id = orders.id LIMIT 1)',
        'FROM orders LIMIT (SELECT id FROM items LIMIT 1)',
        'FROM orders ORDER BY (SELECT id FROM items LIMIT 1)',
        'WITH c AS (SELECT * FROM orders LIMIT 3) FROM c',
        'WITH c AS MATERIALIZED (WITH d AS (FROM orders LIMIT 3) FROM d) FROM c',
        'WITH RECURSIVE c AS (SELECT 1 AS i UNION ALL (SELECT i + 1 FROM c LIMIT 1)) FROM c LIMIT 3',
        '(SELECT a FROM orders LIMIT 3) UNION ALL SELECT b FROM items',
        'SELECT a FROM orders EXCEPT (SELECT b FROM items ORDER BY b LIMIT 3) LIMIT 1',
        'SUMMARIZE SELECT * FROM orders LIMIT 3',
        'EXPLAIN FROM (FROM orders LIMIT 3)',
      ],
    ],
  ])('%s', async (limits, statements) => {
    for (const sql of statements)
      expect({ sql, limits: (await inspector.inspect(sql)).limits }).toEqual({ sql, limits });
  });

  test('are told apart from joins', async () => {
    for (const [sql, hasJoin] of [
      ['SELECT * FROM orders LIMIT 3', false],
      ['SELECT * FROM (SELECT id FROM orders UNION SELECT id FROM items)', false],
      ['SELECT * FROM orders, items', true],
      ['SELECT * FROM orders JOIN items USING (id)', true],
      ['SELECT * FROM (FROM orders ASOF LEFT JOIN items USING (id))', true],
      ['WITH c AS (FROM orders POSITIONAL JOIN items) FROM c', true],
      ['SELECT * FROM orders WHERE id IN (FROM items)', true],
      ['SELECT (SELECT max(id) FROM items) FROM orders', true],
    ] as const) {
      expect({ sql, hasJoin: (await inspector.inspect(sql)).hasJoin }).toEqual({ sql, hasJoin });
    }
  });

  test('are found in a statement that names catalogs, too', async () => {
    const place = () => 'shop.main';
    for (const [sql, limits] of [
      ['SELECT * FROM shop.orders LIMIT 3', 'at_root'],
      ['SELECT * FROM (SELECT * FROM shop.orders LIMIT 3)', 'below_root'],
    ] as const) {
      expect(await inspector.inspect(sql, place)).toMatchObject({ limits });
    }
  });
});

describe('parameters', () => {
  test.each<[string, unknown]>([
    ['SELECT 1', []],
    [
      'SELECT ?, ?',
      [
        { kind: 'positional', position: 1 },
        { kind: 'positional', position: 2 },
      ],
    ],
    [
      'SELECT $2, ?1, $2',
      [
        { kind: 'positional', position: 1 },
        { kind: 'positional', position: 2 },
      ],
    ],
    [
      'SELECT $Low, $high, $LOW',
      [
        { kind: 'named', name: 'Low' },
        { kind: 'named', name: 'high' },
      ],
    ],
    [`SELECT '?', "$1", $$ $2 $$, E'\\'?' -- ?\n, /* $3 /* ? */ */ a$4 FROM (SELECT 1 AS a$4)`, []],
    ['DESCRIBE SELECT $1', [{ kind: 'positional', position: 1 }]],
    ['EXPLAIN SELECT $n', [{ kind: 'named', name: 'n' }]],
  ])('%s', async (sql, expected) => {
    expect((await inspector.inspect(sql)).parameters).toEqual(expected);
  });

  test('mixed forms are refused', async () => {
    expect((await failure('SELECT ? + $1')).code).toBe('sql_refused');
    expect((await failure('SELECT $1 + $a')).message).toContain('mixes parameters');
  });
});

describe('errors', () => {
  test('a syntax error has its place, in characters', async () => {
    expect(await failure("SELECT 'é',\n  𝄞 bar baz")).toMatchObject({ code: 'sql_syntax', line: 2, column: 10 });
  });

  test('a refused table has its place, behind characters of several bytes', async () => {
    const { code, message, line, column } = await failure("SELECT 'é𝄞'\n, 2 FROM 'x.csv'");
    expect({ code, line, column }).toEqual({ code: 'sql_refused', line: 2, column: 10 });
    expect(message).toContain('Configure a dataset');
  });

  test('a refused statement is named, with what to do instead', async () => {
    expect((await failure('create table x (a int)')).message).toMatch(/CREATE is not allowed.*configuration/);
    expect((await failure('WITH c AS (SELECT 1) INSERT INTO x FROM c')).message).toMatch(/INSERT is not allowed/);
    expect((await failure('SELECT * FROM (PIVOT a ON b USING sum(c))')).message).toMatch(/PIVOT is not allowed/);
    expect((await failure('SELECT 1; SELECT 2')).message).toMatch(/more than one statement/);
  });

  test('a mistyped function is answered with the nearest one', async () => {
    expect((await failure('SELECT lowr(name) FROM orders')).message).toContain('Did you mean lower?');
    expect((await failure("SELECT getenv('HOME')")).message).toContain('session');
  });
});

describe('large and deep statements', () => {
  test('40,000 values in an IN list', async () => {
    const values = Array.from({ length: 40_000 }, (_, index) => index).join(',');
    expect((await inspector.inspect(`SELECT * FROM orders WHERE id IN (${values})`)).tables).toEqual([
      { table: 'orders' },
    ]);
  });

  test('what is nested too deep is an error and not a crash', async () => {
    for (const depth of [950, 5_000, 50_000]) {
      const sql = `SELECT ${Array(depth).fill('1').join(' + ')}`;
      const code = await inspector.inspect(sql).then(
        () => 'accepted',
        (error: unknown) => (isMillraceError(error) ? error.code : String(error)),
      );
      expect(code).toBe(depth < 1_000 ? 'accepted' : 'sql_syntax');
    }
    const chain = Array(20_000).fill('SELECT 1').join(' UNION ALL ');
    expect((await inspector.inspect(chain)).tables).toEqual([]);
  });
});

test('calls overlap, and a closed inspector says so', async () => {
  const own = await createStatementInspector();
  const infos = await Promise.all(
    Array.from({ length: 50 }, (_, index) => own.inspect(`SELECT * FROM t${index} WHERE a = ${index}`)),
  );
  expect(infos.map(({ tables }) => tables[0]?.table)).toEqual(infos.map((_, index) => `t${index}`));
  const last = own.inspect('SELECT 1');
  await Promise.all([own.close(), own.close()]);
  expect((await last).kind).toBe('query');
  await expect(own.inspect('SELECT 1')).rejects.toMatchObject({ code: 'invalid_state' });
});
