import { dataTypes, type ErrorCode, field, isMillraceError, type Schema } from '@millrace/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPlanner, type PlannedScan, type Planner } from '../../src/plan/index.ts';
import { expressionText } from './expression-sql.ts';

const orders: Schema = {
  fields: [field('id', dataTypes.int64()), field('status', dataTypes.utf8()), field('placed', dataTypes.timestamp())],
};

let planner: Planner;

beforeEach(async () => {
  planner = await createPlanner();
  await planner.defineTable({ table: 'orders' }, orders);
});

afterEach(async () => {
  await planner.close();
});

async function scans(sql: string): Promise<readonly PlannedScan[]> {
  const planned = await planner.plan(sql);
  expect(planned.kind).toBe('planned');
  return planned.kind === 'planned' ? planned.scans : [];
}

async function filtersOf(sql: string): Promise<readonly string[]> {
  return (await scans(sql)).flatMap((scan) => scan.filters.map(expressionText));
}

async function codeOf(call: Promise<unknown>): Promise<ErrorCode | undefined> {
  try {
    await call;
  } catch (error) {
    if (isMillraceError(error)) return error.code;
    throw error;
  }
  return undefined;
}

describe('definitions', () => {
  test('names are found whatever their case, and come back as they were defined', async () => {
    await planner.defineTable({ schemaName: 'Sales', table: 'Big "Ones"' }, orders);
    const [scan] = await scans('SELECT ID FROM sales."BIG ""ones""" WHERE STATUS = \'open\'');
    expect(scan?.table).toEqual({ schemaName: 'Sales', table: 'Big "Ones"' });
    expect(scan?.columns).toEqual(['id', 'status']);
    expect(scan?.filters.map(expressionText)).toEqual(["eq(status,'open')"]);
  });

  test('tables of one name in two schemas stay apart', async () => {
    await planner.defineTable({ schemaName: 'old', table: 'orders' }, orders);
    const found = await scans('SELECT a.id FROM orders a JOIN old.orders b ON a.id = b.id WHERE b.id > 5');
    expect(found.map(({ table, referenceCount }) => [table.schemaName, referenceCount])).toEqual([
      [undefined, 1],
      ['old', 1],
    ]);
  });

  test('a replaced table has the new columns, also behind a view', async () => {
    await planner.defineView({ table: 'open' }, "SELECT * FROM orders WHERE status = 'open'");
    expect((await filtersOf('SELECT id FROM open WHERE id > 5')).toSorted()).toEqual(["eq(status,'open')", 'gt(id,5)']);
    await planner.defineTable(
      { table: 'orders' },
      { fields: [field('status', dataTypes.utf8()), field('id', dataTypes.int32()), field('note', dataTypes.utf8())] },
    );
    const [scan] = await scans('SELECT note FROM open WHERE id > 5');
    expect(scan?.columns).toEqual(['status', 'id', 'note']);
    expect(scan?.filters.map(expressionText).toSorted()).toEqual(["eq(status,'open')", 'gt(id,5)']);
  });

  test('a view replaces a table and a table a view', async () => {
    await planner.defineTable({ table: 'lines' }, orders);
    await planner.defineView({ table: 'lines' }, 'SELECT id FROM orders');
    expect((await scans('SELECT * FROM lines')).map((scan) => scan.table.table)).toEqual(['orders']);
    await planner.defineTable({ table: 'lines' }, orders);
    expect((await scans('SELECT * FROM lines')).map((scan) => scan.table.table)).toEqual(['lines']);
  });

  test('a dropped name is unknown, and dropping it again does nothing', async () => {
    await planner.drop({ table: 'orders' });
    await planner.drop({ table: 'orders' });
    expect(await codeOf(planner.plan('SELECT * FROM orders'))).toBe('unknown_table');
  });

  test('a table that cannot be defined leaves the others usable', async () => {
    const twice: Schema = { fields: [field('a', dataTypes.int32()), field('A', dataTypes.int32())] };
    expect(await codeOf(planner.defineTable({ table: 'twice' }, twice))).toBe('invalid_data');
    expect(await filtersOf('SELECT id FROM orders WHERE id = 3')).toEqual(['eq(id,3)']);
  });

  test('a column that DuckDB cannot hold rejects', async () => {
    const wide: Schema = { fields: [field('a', dataTypes.decimal(60, 2))] };
    expect(await codeOf(planner.defineTable({ table: 'wide' }, wide))).toBe('unsupported_type');
  });

  test('a view is checked when it is defined', async () => {
    expect(await codeOf(planner.defineView({ table: 'v' }, 'SELECT * FROM nowhere'))).toBe('unknown_table');
    expect(await codeOf(planner.defineView({ table: 'v' }, 'SELEC 1'))).toBe('sql_syntax');
    expect(await codeOf(planner.defineView({ table: 'v' }, 'SELECT 1; DROP TABLE orders'))).toBe('sql_error');
    expect(await filtersOf('SELECT id FROM orders WHERE id = 3')).toEqual(['eq(id,3)']);
  });
});

describe('errors of the query', () => {
  test.each<[string, ErrorCode]>([
    ['SELEC 1', 'sql_syntax'],
    ['SELECT * FROM nowhere', 'unknown_table'],
    ['SELECT nothing FROM orders', 'sql_error'],
    ['SELECT no_such_function(id) FROM orders', 'sql_error'],
    ['SELECT id + status FROM orders', 'sql_error'],
    ["SELECT * FROM 'file.csv'", 'sql_refused'],
  ])('%s', async (sql, code) => {
    expect(await codeOf(planner.plan(sql))).toBe(code);
  });

  test('an error does not disturb the next query', async () => {
    await codeOf(planner.plan('SELECT * FROM nowhere'));
    expect(await filtersOf('SELECT id FROM orders WHERE id = 3')).toEqual(['eq(id,3)']);
  });
});

describe('plans that cannot be read', () => {
  test.each([
    ['a BIT constant, which DuckDB writes as broken JSON', "SELECT id FROM orders WHERE status::BIT = '101'::BIT"],
    ['more than one statement', 'SELECT id FROM orders; SELECT id FROM orders'],
    ['an operator without serialization', 'EXPLAIN SELECT id FROM orders'],
  ])('%s', async (_, sql) => {
    expect((await planner.plan(sql)).kind).toBe('unreadable');
  });
});

describe('scans', () => {
  test('a table whose references all fold away is empty', async () => {
    const [scan] = await scans('SELECT count(*) FROM orders WHERE id > 5 AND id < 3');
    expect(scan).toMatchObject({ empty: true, referenceCount: 0, columns: [], filters: [] });
  });

  test('a table behind an unused CTE is empty, one behind a view is found', async () => {
    await planner.defineTable({ table: 'lines' }, orders);
    await planner.defineView({ table: 'v' }, 'SELECT id FROM lines WHERE false');
    const found = await scans('WITH w AS (SELECT * FROM orders) SELECT * FROM v');
    expect(found.map(({ table, empty }) => [table.table, empty]).sort()).toEqual([
      ['lines', true],
      ['orders', true],
    ]);
  });

  test('a clock inside a view is not read while planning', async () => {
    await planner.defineView(
      { table: 'recent' },
      'SELECT id, status FROM orders WHERE placed > now() - INTERVAL 1 HOUR',
    );
    expect(await filtersOf('SELECT id FROM recent WHERE id > 5')).toEqual(['gt(id,5)']);
  });

  test('literals carry the type and the exact value', async () => {
    const [scan] = await scans(
      "SELECT id FROM orders WHERE id = 9007199254740993 AND placed > TIMESTAMP '2024-01-31 12:00:00.123456'",
    );
    const literals = scan?.filters.map((filter) => (filter.kind === 'call' ? filter.args[1] : undefined));
    expect(literals).toContainEqual({ kind: 'literal', value: 9007199254740993n, type: dataTypes.int64() });
    expect(literals).toContainEqual({ kind: 'literal', value: 1706702400123456n, type: dataTypes.timestamp() });
  });

  test('notes name what stays and never a value', async () => {
    const [scan] = await scans(
      "SELECT id FROM orders WHERE status ~ 'secret' AND placed < now() AND id::VARCHAR > 'secret'",
    );
    expect(scan?.filters).toEqual([]);
    expect(scan?.notes).toHaveLength(3);
    expect(scan?.notes.join()).toMatch(/regexp.*|now\(\)|cast/);
    expect(scan?.notes.join()).not.toContain('secret');
  });

  test('the session decides what a text means: its time zone moves an instant', async () => {
    const instants: Schema = { fields: [field('moment', dataTypes.timestamp(2, 'UTC'))] };
    const filters = async (timeZone: string): Promise<readonly string[]> => {
      await using zoned = await createPlanner({ settings: { TimeZone: timeZone } });
      await zoned.defineTable({ table: 'events' }, instants);
      const planned = await zoned.plan("SELECT * FROM events WHERE moment > '2024-01-31 00:00:00'");
      return planned.kind === 'planned' ? planned.scans.flatMap((scan) => scan.filters.map(expressionText)) : [];
    };
    expect(await filters('UTC')).toEqual(['gt(moment,1706659200000000)']);
    expect(await filters('Asia/Tokyo')).toEqual(['gt(moment,1706626800000000)']);
  });

  test('a long IN list is planned whole', async () => {
    const values = Array.from({ length: 5_000 }, (_, index) => index * 7);
    const [scan] = await scans(`SELECT status FROM orders WHERE id IN (${values.join()})`);
    const [filter] = scan?.filters ?? [];
    expect(filter?.kind === 'call' ? [filter.function, filter.args.length] : undefined).toEqual(['in', 5_001]);
  });
});

describe('life', () => {
  test('overlapping calls answer in order, a definition in between included', async () => {
    const calls = [
      planner.plan('SELECT id FROM orders WHERE id = 1'),
      planner.defineTable({ table: 'lines' }, orders),
      planner.plan('SELECT id FROM lines WHERE id = 2'),
      planner.drop({ table: 'lines' }),
      codeOf(planner.plan('SELECT id FROM lines')),
      planner.plan('SELECT id FROM orders WHERE id = 3'),
    ];
    const [first, , second, , missing, last] = await Promise.all(calls);
    const text = (planned: unknown): string =>
      JSON.stringify(planned, (_, value) => (typeof value === 'bigint' ? Number(value) : value));
    expect(text(first)).toContain('"value":1');
    expect(text(second)).toContain('"value":2');
    expect(missing).toBe('unknown_table');
    expect(text(last)).toContain('"value":3');
  });

  test('close may be called twice, and calls after it fail', async () => {
    await planner.close();
    await planner.close();
    await expect(planner.plan('SELECT 1')).rejects.toThrow(TypeError);
  });
});
