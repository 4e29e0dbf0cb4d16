import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  openWorkbench,
  readPartition,
  readPlan,
  readTable,
  scanContext,
  type Workbench,
  wholeTable,
} from './open-table.ts';
import { startWriter } from './writer-process.ts';

const NUMBERS = (count: number): string =>
  `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count}) INSERT INTO t (v, w) SELECT i, 'row ' || i FROM n`;
const CREATE = 'CREATE TABLE t (v INTEGER, w TEXT)';

let bench: Workbench;
beforeEach(async () => {
  bench = await openWorkbench();
});
afterEach(() => bench[Symbol.asyncDispose]());

test('what is no database, or is damaged, is said to be', async () => {
  writeFileSync(
    join(bench.folder, 'text.db'),
    'this is a text file, and long enough to have a header of its own, as databases have',
  );
  await expect(bench.table('text.db', 't')).rejects.toMatchObject({ code: 'invalid_data', connector: 'sqlite' });
  mkdirSync(join(bench.folder, 'folder.db'));
  await expect(bench.table('folder.db', 't')).rejects.toMatchObject({ code: 'invalid_argument' });

  const file = bench.write('damaged.db', CREATE, NUMBERS(50_000));
  const pages = readFileSync(file);
  pages.fill(0x5a, 4096 * 10, 4096 * 60);
  writeFileSync(file, pages);
  const table = await bench.table('damaged.db', 't');
  await expect(readTable(table)).rejects.toMatchObject({
    code: 'invalid_data',
    message: expect.stringContaining('SQLITE_CORRUPT'),
  });
});

test('a missing file, folder or table is named, with the nearest name', async () => {
  bench.write('shop.db', 'CREATE TABLE orders (id)', 'CREATE TABLE customers (id)');
  await expect(bench.table('shob.db', 'orders')).rejects.toMatchObject({
    code: 'not_found',
    hint: 'Did you mean shop.db?',
  });
  await expect(bench.table('nowhere/shop.db', 'orders')).rejects.toMatchObject({ code: 'not_found' });
  await expect(bench.table('shop.db', 'order')).rejects.toMatchObject({
    code: 'not_found',
    hint: 'Did you mean orders?',
  });
  await expect(bench.table('shop.db', 'xyz')).rejects.toMatchObject({ hint: 'It has customers, orders' });
  await expect(bench.table('file:shop.db?mode=ro', 't')).rejects.toMatchObject({ code: 'invalid_parameter' });
  expect(await readTable(await bench.table(`file://${bench.folder}/shop.db`, 'orders'))).toEqual([]);
});

test('a file that is truncated while it is read fails, and gives no partial result', async () => {
  const file = bench.write('cut.db', CREATE, NUMBERS(200_000));
  const table = await bench.table('cut.db', 't');
  const plan = await table.scan(wholeTable(table), scanContext({ batchRowCount: 1_000 }));
  const stream = plan.execute(plan.partitions[0]!, scanContext())[Symbol.asyncIterator]();
  await stream.next();
  truncateSync(file, 4096 * 20);
  const drain = async () => {
    while ((await stream.next()).done !== true);
  };
  await expect(drain()).rejects.toMatchObject({
    connector: 'sqlite',
    code: expect.stringMatching(/^(invalid_data|io)$/),
  });
});

test('a file that is replaced or deleted between plan and read is read anew, or missed', async () => {
  const file = bench.write('old.db', CREATE, "INSERT INTO t VALUES (1, 'old')");
  const table = await bench.table('old.db', 't');
  const plan = await table.scan(wholeTable(table), scanContext());
  const newer = bench.write('new.db', CREATE, "INSERT INTO t VALUES (2, 'new')");
  renameSync(newer, file);
  expect(await readPlan(plan)).toEqual([[2n, 'new']]);
  const other = bench.write('other.db', 'CREATE TABLE t (w TEXT, v INTEGER)');
  renameSync(other, file);
  await expect(readPlan(plan)).rejects.toMatchObject({ code: 'schema_mismatch' });
  rmSync(file);
  await expect(readPlan(plan)).rejects.toMatchObject({ code: 'not_found' });
});

test('a change of the table between plan and read is an error; one of another table is not', async () => {
  bench.write('ddl.db', CREATE, "INSERT INTO t VALUES (1, 'a')", 'CREATE VIEW w AS SELECT v FROM t');
  const table = await bench.table('ddl.db', 't');
  const view = await bench.table('ddl.db', 'w');
  const plans = [
    await table.scan(wholeTable(table), scanContext()),
    await view.scan(wholeTable(view), scanContext()),
  ] as const;
  bench.write('ddl.db', 'CREATE INDEX i ON t (v)', 'CREATE TABLE other (x)');
  expect(await readPlan(plans[0])).toEqual([[1n, 'a']]);
  bench.write('ddl.db', 'ALTER TABLE t ADD COLUMN x');
  await expect(readPlan(plans[0])).rejects.toMatchObject({ code: 'schema_mismatch', hint: 'Load the dataset again' });
  await expect(readPlan(plans[1])).rejects.toMatchObject({ code: 'schema_mismatch' });
  bench.write('ddl.db', 'DROP VIEW w', 'DROP TABLE t');
  await expect(readPlan(plans[0])).rejects.toMatchObject({ code: 'schema_mismatch' });
});

test('a database that another process has locked is unavailable once the timeout is over', async () => {
  const file = bench.write('locked.db', CREATE, "INSERT INTO t VALUES (1, 'a')");
  const params = { busy_timeout: '100ms' };
  const table = await bench.table('locked.db', 't', { params });
  {
    await using _ = await startWriter(file, 'lock');
    const reading = readTable(table);
    await expect(reading).rejects.toMatchObject({
      code: 'unavailable',
      retryable: true,
      message: expect.stringContaining('SQLITE_BUSY'),
    });
  }
  expect(await readTable(table)).toEqual([[1n, 'a']]);
});

test.each(['wal', 'delete'])(
  'with journal mode %s, scans beside a process that writes see whole transactions, in partitions too',
  async (mode) => {
    const file = bench.write('busy.db', `PRAGMA journal_mode = ${mode}`, CREATE, NUMBERS(250_000));
    await using _ = await startWriter(file, 'insert');
    const table = await bench.table('busy.db', 't', { params: { busy_timeout: '30s' } });
    const notes: string[] = [];
    for (let round = 0; round < 5; round++) {
      const plan = await table.scan({ ...wholeTable(table), projection: [0] }, scanContext({ targetPartitions: 2 }));
      expect(plan.partitions.length).toBe(mode === 'wal' ? 2 : 1);
      notes.push(...(plan.explain().notes ?? []));
      const parts = await Promise.all(plan.partitions.map((partition) => readPartition(plan, partition)));
      const values = parts.flat().map(([value]) => value as bigint);
      // The writer adds n and -n in one transaction, so that any snapshot has this sum.
      expect(values.reduce((sum, value) => sum + value, 0n)).toBe((250_000n * 250_001n) / 2n);
      expect(new Set(values).size).toBe(values.length);
    }
    expect(notes.some((note) => note.includes(mode === 'wal' ? 'one snapshot' : 'WAL mode'))).toBe(true);
  },
);

test('a copy of a database in WAL mode without its log reads what it holds', async () => {
  const file = bench.write('wal.db', 'PRAGMA journal_mode = wal', CREATE, "INSERT INTO t VALUES (1, 'a')");
  copyFileSync(file, join(bench.folder, 'copy.db'));
  expect(await readTable(await bench.table('copy.db', 't'))).toEqual([[1n, 'a']]);
});
