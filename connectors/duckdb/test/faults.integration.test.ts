import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataTypes } from '@millrace/core';
import { openDatabase } from '@millrace/duckdb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  openWorkbench,
  parametersOf,
  readPlan,
  readTable,
  scanContext,
  type Workbench,
  wholeTable,
} from './open-table.ts';

const ROWS = 300_000;
const MANY = `CREATE TABLE t AS SELECT i AS v, 'row ' || i AS w FROM range(${ROWS}) r(i)`;

let bench: Workbench;
beforeEach(async () => {
  bench = await openWorkbench();
});
afterEach(() => bench[Symbol.asyncDispose]());

test('what is no database is said to be, and what is missing is named with the nearest name', async () => {
  writeFileSync(join(bench.folder, 'text.duckdb'), 'a text file that is long enough to have a header'.repeat(500));
  await expect(bench.table('text.duckdb', 't')).rejects.toMatchObject({ code: 'invalid_data', connector: 'duckdb' });
  await bench.write(
    'shop.duckdb',
    'CREATE TABLE orders (id INTEGER)',
    'CREATE SCHEMA sales',
    'CREATE TABLE sales.lines (id INTEGER)',
  );
  await expect(bench.table('shob.duckdb', 't')).rejects.toMatchObject({
    code: 'not_found',
    hint: 'Did you mean shop.duckdb?',
  });
  await expect(bench.table('shop.duckdb', 'order')).rejects.toMatchObject({
    code: 'not_found',
    hint: 'Did you mean main.orders?',
  });
  await expect(bench.table('shop.duckdb', 'xyzxyz')).rejects.toMatchObject({ hint: 'It has main.orders, sales.lines' });
  await expect(bench.table('shop.duckdb', 'a.b.c.d')).rejects.toMatchObject({ code: 'invalid_argument' });
  await expect(bench.table(':memory:', 't')).rejects.toMatchObject({ code: 'invalid_parameter' });
  mkdirSync(join(bench.folder, 'folder.duckdb'));
  await expect(bench.table('folder.duckdb', 't')).rejects.toMatchObject({ connector: 'duckdb' });
  expect((await bench.table('shop.duckdb', 'SALES.Lines')).schema.fields.length).toBe(1);
  expect((await bench.table('shop.duckdb', 'shop.sales.lines')).schema.fields.length).toBe(1);
});

test('a truncated file is an error, and never fewer rows', async () => {
  const path = await bench.write('cut.duckdb', MANY);
  truncateSync(path, 300_000);
  const reading = async () => readTable(await bench.table('cut.duckdb', 't'));
  await expect(reading()).rejects.toMatchObject({ connector: 'duckdb' });
});

test('a file that is replaced, altered or deleted between plan and read is read anew, or refused', async () => {
  const path = await bench.write('old.duckdb', 'CREATE TABLE t AS SELECT 1 AS v');
  const table = await bench.table('old.duckdb', 't');
  const plan = await table.scan(wholeTable(table), scanContext());
  renameSync(await bench.write('new.duckdb', 'CREATE TABLE t AS SELECT 2 AS v'), path);
  expect(await readPlan(plan)).toEqual([[2]]);
  renameSync(await bench.write('other.duckdb', "CREATE TABLE t AS SELECT 'x' AS v"), path);
  await expect(readPlan(plan)).rejects.toMatchObject({ code: 'schema_mismatch' });
  renameSync(await bench.write('less.duckdb', 'CREATE TABLE u AS SELECT 1 AS v'), path);
  await expect(readPlan(plan)).rejects.toMatchObject({ code: 'schema_mismatch' });
  rmSync(path);
  await expect(readPlan(plan)).rejects.toMatchObject({ code: 'not_found' });
});

test('a file that changes under a scan fails it', async () => {
  const path = await bench.write('change.duckdb', MANY);
  const table = await bench.table('change.duckdb', 't');
  const plan = await table.scan(wholeTable(table), scanContext());
  const stream = plan.execute(plan.partitions[0]!, scanContext())[Symbol.asyncIterator]();
  await stream.next();
  const copy = join(bench.folder, 'copy.duckdb');
  copyFileSync(path, copy);
  renameSync(copy, path);
  const drain = async () => {
    while ((await stream.next()).done !== true);
  };
  await expect(drain()).rejects.toMatchObject({ code: 'conflict', retryable: true });
});

async function startWriter(path: string): Promise<ChildProcess> {
  const kit = import.meta.resolve('@millrace/duckdb');
  const script = `import { openDatabase } from ${JSON.stringify(kit)}; await openDatabase({ path: ${JSON.stringify(path)} }); process.stdout.write('ready'); setInterval(() => {}, 1000);`;
  const child = spawn(
    process.execPath,
    ['--conditions=millrace-source', `--import=${import.meta.resolve('tsx')}`, '--input-type=module', '-e', script],
    {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = once(child, 'exit');
  await Promise.race([
    once(child.stdout!, 'data'),
    ended.then(() => Promise.reject(new Error('the writer ended early'))),
  ]);
  return child;
}

test('a file that another process has open for writing is unavailable until it is closed there', async () => {
  const path = await bench.write('locked.duckdb', 'CREATE TABLE t AS SELECT 1 AS v');
  const child = await startWriter(path);
  try {
    await expect(bench.table('locked.duckdb', 't')).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  expect(await readTable(await bench.table('locked.duckdb', 't'))).toEqual([[1]]);
});

test('a file that this process has open is a conflict, and the connector gives an idle file up', async () => {
  const path = await bench.write('shared.duckdb', 'CREATE TABLE t AS SELECT 1 AS v');
  const table = await bench.table('shared.duckdb', 't');
  const plan = await table.scan(wholeTable(table), scanContext());
  for await (const _ of plan.execute(plan.partitions[0]!, scanContext()))
    await expect(openDatabase({ path })).rejects.toMatchObject({ code: 'conflict' });
  await expect
    .poll(
      () =>
        openDatabase({ path }).then(
          (database) => database.close().then(() => 'opened'),
          () => 'conflict',
        ),
      { interval: 500 },
    )
    .toBe('opened');
  {
    await using _ = await openDatabase({ path });
    await expect(bench.table('shared.duckdb', 't')).rejects.toMatchObject({ code: 'conflict', retryable: false });
  }
  expect(await readTable(table)).toEqual([[1]]);
});

test('two connectors share a file, and a closed one leaves it to the other', async () => {
  await bench.write('two.duckdb', 'CREATE TABLE t AS SELECT 1 AS v');
  await using other = await openWorkbench();
  const mine = await bench.table('two.duckdb', 't');
  const theirs = await other.table(join(bench.folder, 'two.duckdb'), 't');
  expect(await Promise.all([readTable(mine), readTable(theirs)])).toEqual([[[1]], [[1]]]);
  await other.connector.close();
  expect(await readTable(mine)).toEqual([[1]]);
});

test('abort before and within a scan, leaving it, and a closed connector end it', async () => {
  await bench.write(
    'big.duckdb',
    MANY,
    'CREATE VIEW slow AS SELECT count(*) AS n FROM t a, t b WHERE a.v * b.v % 7 = 3',
  );
  const table = await bench.table('big.duckdb', 't');
  const plan = await table.scan(wholeTable(table), scanContext());
  const early = new AbortController();
  early.abort();
  await expect(readPlan(plan, scanContext({ signal: early.signal }))).rejects.toMatchObject({ code: 'cancelled' });
  const within = new AbortController();
  const reading = async () => {
    for await (const _ of plan.execute(plan.partitions[0]!, scanContext({ signal: within.signal }))) within.abort();
  };
  await expect(reading()).rejects.toMatchObject({ code: 'cancelled' });
  const slow = await bench.table('big.duckdb', 'slow');
  const silent = new AbortController();
  const pending = readPlan(await slow.scan(wholeTable(slow), scanContext()), scanContext({ signal: silent.signal }));
  setTimeout(() => silent.abort(), 100);
  const start = performance.now();
  await expect(pending).rejects.toMatchObject({ code: 'cancelled' });
  console.info(`cancelled after ${Math.round(performance.now() - start - 100)} ms`);
  for (let round = 0; round < 20; round++) {
    for await (const _ of plan.execute(plan.partitions[0]!, scanContext())) break;
  }
  expect((await readPlan(plan)).length).toBe(ROWS);
  await bench.connector.close();
  await bench.connector.close();
  await expect(readPlan(plan)).rejects.toMatchObject({ code: 'invalid_state' });
  await expect(bench.table('big.duckdb', 't')).rejects.toMatchObject({ code: 'invalid_state' });
});

test('a view reads files beside its database, and none elsewhere', async () => {
  writeFileSync(join(bench.folder, 'beside.csv'), 'a\n1\n');
  await bench.write(
    'views.duckdb',
    `CREATE VIEW beside AS SELECT * FROM read_csv('${join(bench.folder, 'beside.csv')}')`,
    "CREATE VIEW elsewhere AS SELECT * FROM read_text('/etc/hostname')",
    'CREATE TABLE gone (v INTEGER)',
    'CREATE VIEW broken AS SELECT * FROM gone',
    'DROP TABLE gone',
  );
  expect(await readTable(await bench.table('views.duckdb', 'beside'))).toEqual([[1n]]);
  await expect(bench.table('views.duckdb', 'elsewhere')).rejects.toMatchObject({ code: 'unauthorized' });
  await expect(bench.table('views.duckdb', 'broken')).rejects.toMatchObject({ code: 'invalid_data' });
});

test('partitions are disjoint and together the table; statistics are exact', async () => {
  await bench.write(
    'parts.duckdb',
    'CREATE TABLE t AS SELECT i AS v FROM range(1_100_000) r(i)',
    'DELETE FROM t WHERE v % 10 = 0',
    'CREATE TABLE e (v INTEGER)',
  );
  const table = await bench.table('parts.duckdb', 't');
  const plan = await table.scan(wholeTable(table), scanContext({ targetPartitions: 2 }));
  expect(plan.partitions.length).toBe(2);
  const rows = (await readPlan(plan)).flat();
  expect(rows.length).toBe(990_000);
  expect(new Set(rows).size).toBe(990_000);
  expect(await plan.statistics!()).toEqual({ rowCount: { value: 990_000n, exact: true } });
  const empty = await bench.table('parts.duckdb', 'e');
  expect(await (await empty.scan(wholeTable(empty), scanContext())).statistics!()).toEqual({
    rowCount: { value: 0n, exact: true },
  });
  const column = { kind: 'column', path: ['v'], type: dataTypes.int64() } as const;
  const filters = [
    {
      kind: 'call',
      function: 'lt',
      args: [column, { kind: 'literal', value: 5n, type: column.type }],
      type: dataTypes.bool(),
    },
  ] as const;
  const filtered = await table.scan({ projection: [], filters }, scanContext({ targetPartitions: 2 }));
  expect([filtered.partitions.length, filtered.statistics]).toEqual([1, undefined]);
  let count = 0;
  for await (const batch of filtered.execute(filtered.partitions[0]!, scanContext())) {
    expect(batch.data.children).toEqual([]);
    count += batch.numRows;
  }
  expect(count).toBe(4);
});

test('the catalog tells schemas, tables, views, keys, comments and nullability', async () => {
  await bench.write(
    'catalog.duckdb',
    'CREATE SCHEMA "odd.schema"',
    'CREATE TABLE "odd.schema"."Odd ""name" (id INTEGER PRIMARY KEY, "two words" VARCHAR NOT NULL UNIQUE)',
    'CREATE TABLE child (parent INTEGER, g INTEGER GENERATED ALWAYS AS (parent * 2), CHECK (parent > 0))',
    'CREATE VIEW v AS SELECT * FROM child',
    `COMMENT ON TABLE child IS 'the child'`,
    `COMMENT ON COLUMN child.parent IS 'its parent'`,
    'CREATE TABLE p (id INTEGER PRIMARY KEY)',
    'CREATE TABLE q (p INTEGER REFERENCES p (id))',
  );
  const source = { name: 'c', path: '', parameters: parametersOf('catalog.duckdb'), include: [], exclude: [] };
  const catalog = await bench.connector.catalogProvider!(source, scanContext());
  const namespaces = [];
  for await (const namespace of catalog.namespaces([], scanContext())) namespaces.push(namespace);
  expect(namespaces).toEqual([['main'], ['odd.schema']]);
  const listed = [];
  for await (const one of catalog.tables(['main'], scanContext())) listed.push([one.reference.name, one.tableType]);
  expect(listed).toEqual([
    ['child', 'base'],
    ['p', 'base'],
    ['q', 'base'],
    ['v', 'view'],
  ]);
  const odd = await catalog.table({ namespace: ['odd.schema'], name: 'Odd "name' }, scanContext());
  expect(odd!.schema.fields.map(({ name, nullable }) => [name, nullable])).toEqual([
    ['id', false],
    ['two words', false],
  ]);
  expect(odd!.constraints).toEqual([
    { kind: 'primary_key', columns: ['id'], enforced: true },
    { kind: 'unique', columns: ['two words'], enforced: true },
  ]);
  const child = await catalog.table({ namespace: ['main'], name: 'child' }, scanContext());
  expect(child!.properties).toEqual({ comment: 'the child', 'comment.parent': 'its parent' });
  expect(child!.schema.fields.map(({ name }) => name)).toEqual(['parent', 'g']);
  const q = await catalog.table({ namespace: ['main'], name: 'q' }, scanContext());
  expect(q!.constraints).toEqual([
    {
      kind: 'foreign_key',
      columns: ['p'],
      references: { table: { namespace: ['main'], name: 'p' }, columns: ['id'] },
      enforced: true,
    },
  ]);
  expect(await catalog.table({ namespace: ['main'], name: 'CHILD' }, scanContext())).toBeUndefined();
  expect(await catalog.table({ namespace: ['nowhere'], name: 'child' }, scanContext())).toBeUndefined();
});
