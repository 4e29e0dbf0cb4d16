import { dataTypes, type Expr, TypeId } from '@millrace/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  openWorkbench,
  readPartition,
  readPlan,
  readTable,
  scanContext,
  type Workbench,
  wholeTable,
} from './open-table.ts';

const ROWS = process.env.MILLRACE_TEST_FULL === undefined ? 300_000 : 10_000_000;
const FILE = 'scan.db';
const column = (name: string, type = dataTypes.int64()): Expr => ({ kind: 'column', path: [name], type });
const call = (name: 'eq' | 'gt' | 'lt' | 'starts_with' | 'like' | 'in', ...args: Expr[]): Expr => ({
  kind: 'call',
  function: name,
  args,
  type: dataTypes.bool(),
});
const integer = (value: bigint): Expr => ({ kind: 'literal', value, type: dataTypes.int64() });
const text = (value: string): Expr => ({ kind: 'literal', value, type: dataTypes.utf8() });

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
  bench.write(
    FILE,
    'PRAGMA journal_mode = wal',
    'CREATE TABLE big (id INTEGER PRIMARY KEY, v INTEGER, w TEXT)',
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS}) INSERT INTO big SELECT i, i % 1000, 'row ' || i FROM n`,
    'CREATE INDEX big_v ON big (v)',
    'CREATE VIEW sorted AS SELECT w || w AS x, v FROM big ORDER BY w DESC, v',
    'CREATE TABLE "keyed" (k TEXT PRIMARY KEY, v INTEGER) WITHOUT ROWID',
    "INSERT INTO keyed VALUES ('b', 2), ('a', 1)",
    'CREATE VIRTUAL TABLE words USING fts5(body)',
    "INSERT INTO words VALUES ('hello world')",
    'CREATE TABLE strict_one (a INT, b ANY, c TEXT NOT NULL) STRICT',
    "INSERT INTO strict_one VALUES (1, 1.5, 'x')",
    "CREATE TABLE made (a INTEGER, b AS (a * 2), c TEXT GENERATED ALWAYS AS (a || '!') STORED)",
    'INSERT INTO made (a) VALUES (4)',
    'CREATE TABLE empty (a INTEGER)',
    'CREATE TABLE mixed (n INTEGER, v INTEGER)',
    "INSERT INTO mixed VALUES (1, 5), (2, 'text'), (3, 1)",
  );
});
afterAll(() => bench[Symbol.asyncDispose]());

test(`${ROWS.toLocaleString('en-US')} rows come in batches, with flat memory, and not before they are asked for`, async () => {
  const table = await bench.table(FILE, 'big');
  const plan = await table.scan(wholeTable(table), scanContext());
  let rows = 0;
  let sum = 0n;
  let batches = 0;
  let highest = 0;
  for await (const { numRows, data } of plan.execute(plan.partitions[0]!, scanContext())) {
    rows += numRows;
    batches++;
    for (const value of (data.children[0]!.values as BigInt64Array).subarray(0, numRows)) sum += value;
    highest = Math.max(highest, process.memoryUsage.rss());
  }
  console.info(`${rows} rows in ${batches} batches, ${Math.round(highest / 2 ** 20)} MB at most`);
  expect(rows).toBe(ROWS);
  expect(sum).toBe((BigInt(ROWS) * BigInt(ROWS + 1)) / 2n);
  expect(batches).toBeGreaterThan(ROWS / 33_000);
  expect(highest).toBeLessThan(700 * 2 ** 20);
});

test('partitions are disjoint, together the table, and can be read again', async () => {
  const table = await bench.table(FILE, 'big');
  const request = { ...wholeTable(table), projection: [0] };
  const context = scanContext({ targetPartitions: 2 });
  const plan = await table.scan(request, context);
  expect(plan.partitions.length).toBe(2);
  expect(JSON.parse(JSON.stringify(plan.partitions))).toEqual(plan.partitions);
  expect((await table.scan(request, context)).partitions).toEqual(plan.partitions);
  for (let round = 0; round < 2; round++) {
    const parts = await Promise.all(plan.partitions.map((partition) => readPartition(plan, partition)));
    expect(parts.every((part) => part.length > 0)).toBe(true);
    expect(new Set(parts.flat().map(([id]) => id)).size).toBe(ROWS);
  }
  // One after the other as well.
  expect((await readPlan(plan)).length).toBe(ROWS);
  const filtered = await table.scan({ ...request, filters: [call('eq', column('v'), integer(5n))] }, context);
  expect(filtered.partitions.length).toBe(1);
}, 300_000);

test('the empty projection counts rows, a filter column needs not be read, columns come in the order asked for', async () => {
  const table = await bench.table(FILE, 'big');
  const filters = [call('eq', column('v'), integer(7n))];
  const plan = await table.scan({ projection: [], filters }, scanContext());
  let rows = 0;
  for await (const batch of plan.execute(plan.partitions[0]!, scanContext())) {
    expect(batch.data.children).toEqual([]);
    rows += batch.numRows;
  }
  expect(rows).toBe(ROWS / 1_000);
  const some = await readTable(table, {
    projection: [2, 0],
    filters,
    limit: 2n,
    order: [{ expr: column('id'), descending: true, nullsFirst: false }],
  });
  expect(some).toEqual([
    [`row ${ROWS - 993}`, BigInt(ROWS - 993)],
    [`row ${ROWS - 1993}`, BigInt(ROWS - 1993)],
  ]);
});

test('a selective filter uses the index, whatever stands beside it', async () => {
  const table = await bench.table(FILE, 'big');
  const plan = await table.scan({ projection: [0], filters: [call('eq', column('v'), integer(7n))] }, scanContext());
  expect(plan.applied.filters).toEqual(['exact']);
  const { statement } = plan.explain();
  expect(statement).toBe(
    'SELECT "id", "v" FROM "main"."big" WHERE (("rowid" & 4095 OR millrace_continue())) AND "v" = ?',
  );
});

test('a value that contradicts its type is reported also where only a filter meets it', async () => {
  const table = await bench.table(FILE, 'mixed');
  const above = readTable(table, { projection: [0], filters: [call('gt', column('v'), integer(2n))] });
  // A text is above every number for SQLite.
  await expect(above).rejects.toMatchObject({ code: 'invalid_data', message: expect.stringContaining('column v') });
  expect(await readTable(table, { projection: [0], filters: [call('lt', column('v'), integer(2n))] })).toEqual([[3n]]);
});

test.each([
  [
    'keyed',
    [
      ['a', 1n],
      ['b', 2n],
    ],
  ],
  ['words', [['hello world']]],
  ['strict_one', [[1n, '1.5', 'x']]],
  ['made', [[4n, '8', '4!']]],
  ['empty', []],
])('%s is read', async (name, rows) => {
  expect(await readTable(await bench.table(FILE, name))).toEqual(rows);
});

test('nullability is what SQLite keeps', async () => {
  const big = await bench.table(FILE, 'big');
  expect(big.schema.fields.map(({ nullable }) => nullable)).toEqual([false, true, true]);
  const strict = await bench.table(FILE, 'strict_one', { params: { type_conflict: 'null' } });
  expect(strict.schema.fields.map(({ nullable }) => nullable)).toEqual([true, true, false]);
});

test('abort before the first row, within the rows, and in a statement that yields none, ends the scan and frees the worker', async () => {
  const table = await bench.table(FILE, 'big');
  const early = new AbortController();
  early.abort();
  const plan = await table.scan(wholeTable(table), scanContext());
  await expect(readPlan(plan, scanContext({ signal: early.signal }))).rejects.toMatchObject({ code: 'cancelled' });

  const within = new AbortController();
  const reading = async () => {
    for await (const _ of plan.execute(plan.partitions[0]!, scanContext({ signal: within.signal }))) within.abort();
  };
  await expect(reading()).rejects.toMatchObject({ code: 'cancelled' });

  const never = [call('like', column('w', dataTypes.utf8()), text('%a%b%c%d%'), text('!'))];
  const view = await bench.table(FILE, 'sorted');
  for (const [slow, filters] of [
    [table, never],
    [view, []],
  ] as const) {
    const silent = new AbortController();
    const slowPlan = await slow.scan({ ...wholeTable(slow), filters }, scanContext());
    const pending = readPlan(slowPlan, scanContext({ signal: silent.signal }));
    setTimeout(() => silent.abort(), 20);
    const start = performance.now();
    const outcome = await pending.then(
      () => 'read',
      (error) => error.code,
    );
    // On a fast machine a small table may have been read before the abort.
    if (ROWS >= 10_000_000) expect(outcome).toBe('cancelled');
    else expect(['cancelled', 'read']).toContain(outcome);
    console.info(`${outcome} after ${Math.round(performance.now() - start)} ms`);
  }
  expect((await readTable(table, { limit: 3n })).length).toBe(3);
});

test('leaving the loop, throwing in it, and many scans at once leave every worker usable', async () => {
  const table = await bench.table(FILE, 'big');
  const plan = await table.scan(wholeTable(table), scanContext());
  for (let round = 0; round < 20; round++) {
    for await (const batch of plan.execute(plan.partitions[0]!, scanContext())) {
      expect(batch.numRows).toBeGreaterThan(0);
      break;
    }
  }
  const counts = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      readTable(table, { projection: [0], filters: [call('eq', column('v'), integer(BigInt(index)))] }),
    ),
  );
  expect(counts.map((rows) => rows.length)).toEqual(Array(20).fill(ROWS / 1_000));
});

test('order, offset and limit are exact, nulls where they are wanted', async () => {
  bench.write(
    'order.db',
    'CREATE TABLE t (v TEXT COLLATE NOCASE, n INTEGER)',
    "INSERT INTO t VALUES ('b', 1), ('A', 2), (NULL, 3), ('a', 4), ('B', 5)",
  );
  const table = await bench.table('order.db', 't');
  const order = (nullsFirst: boolean, descending: boolean) => [
    { expr: column('v', dataTypes.utf8()), descending, nullsFirst },
  ];
  expect(await readTable(table, { projection: [1], order: order(false, false) })).toEqual([
    [2n],
    [5n],
    [4n],
    [1n],
    [3n],
  ]);
  expect(await readTable(table, { projection: [1], order: order(true, true), limit: 2n, offset: 1n })).toEqual([
    [1n],
    [4n],
  ]);
  const plan = await table.scan(
    { projection: [1], filters: [], order: order(true, true), limit: 2n, offset: 1n },
    scanContext(),
  );
  expect(plan.applied).toMatchObject({ order: 'exact', limit: 'exact', offset: true });
});

test('views keep the collation of their columns, and expressions are text', async () => {
  bench.write(
    'view.db',
    'CREATE TABLE t (v TEXT COLLATE NOCASE, n INTEGER)',
    "INSERT INTO t VALUES ('a', 1), ('A', 2)",
    'CREATE VIEW w AS SELECT v, count(*) AS c, n FROM t GROUP BY n',
  );
  const table = await bench.table('view.db', 'w');
  expect(table.tableType).toBe('view');
  expect(table.schema.fields.map(({ type }) => type.typeId)).toEqual([TypeId.Utf8, TypeId.Utf8, TypeId.Int]);
  expect(await readTable(table, { filters: [call('eq', column('v', dataTypes.utf8()), text('a'))] })).toEqual([
    ['a', '1', 1n],
  ]);
});

test('a closed connector ends its scans, refuses new ones, and can be closed again', async () => {
  const other = await openWorkbench();
  other.write('t.db', 'CREATE TABLE t (v INTEGER)', 'INSERT INTO t VALUES (1)');
  const table = await other.table('t.db', 't');
  const plan = await table.scan(wholeTable(table), scanContext());
  await other.connector.close();
  await other.connector.close();
  await expect(readPlan(plan)).rejects.toMatchObject({ code: 'invalid_state' });
  await expect(other.table('t.db', 't')).rejects.toMatchObject({ code: 'invalid_state' });
  await other[Symbol.asyncDispose]();
});
