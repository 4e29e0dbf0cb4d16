import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dataTypes, field } from '@millrace/core';
import { type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import { completeVersion, describeRows, OpenCopies, VERSION_SCHEMA, versionBatches } from '@millrace/test-fixtures';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Accelerated, type AccelerateRequest, accelerate, refresh, scanAll } from './accelerate.ts';

const require = createRequire(import.meta.url);
const REFRESH_COUNT = process.env.MILLRACE_TEST_FULL ? 100 : 30;

describe('files', () => {
  let copies: OpenCopies<DuckDbDatabase>;
  let folder: string;
  let engines: DuckDbDatabase[];
  let opened: Accelerated[];
  beforeEach(() => {
    copies = new OpenCopies();
    ({ folder, engines, opened } = copies);
  });
  afterEach(async () => {
    await copies[Symbol.asyncDispose]();
  });

  const closeAll = () => copies.closeAll();

  async function open(request: Partial<AccelerateRequest> = {}): Promise<Accelerated> {
    const engine = request.engine ?? (await openDatabase({ path: ':memory:', threads: 2 }));
    if (engine !== request.engine) engines.push(engine);
    const accelerated = await accelerate({ folder, mode: 'file', schema: VERSION_SCHEMA, ...request, engine });
    opened.push(accelerated);
    return accelerated;
  }

  it('keeps rows and checkpoint for the next process, under the same version', async () => {
    const first = await open();
    expect(first.accelerator.accelerationLayout).toEqual({ kind: 'file', path: join(folder, 'data/orders.duckdb') });
    await refresh(first.table, versionBatches(1, 10));
    await refresh(first.table, versionBatches(2, 2_000), 1_700_000_000_000);
    const { checkpoint } = first.table;
    await closeAll();
    const { status, table, accelerator } = await open();
    expect(status).toEqual({ kind: 'ready', checkpoint });
    expect(table.checkpoint).toEqual(checkpoint);
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(2, 2_000));
    await refresh(table, versionBatches(3, 5));
    await accelerator.shutdown();
    await accelerator.shutdown();
    expect(describeRows(await scanAll((await open()).table))).toEqual(completeVersion(3, 5));
  });

  it('keeps watermark and offset', async () => {
    const { table } = await open();
    await using session = await table.beginRefresh(
      { mode: { kind: 'overwrite' } },
      { signal: new AbortController().signal },
    );
    await using writer = await session.writer();
    await writer.finish();
    const given = { refreshedAtMs: 1, bootstrapComplete: true, watermark: '2024-01-31', offset: { lsn: ['0/1', 2] } };
    await session.commit(given);
    await closeAll();
    expect((await open()).table.checkpoint).toMatchObject(given);
  });

  const changes: readonly (readonly [string, Partial<AccelerateRequest>, string])[] = [
    ['another definition', { definitionHash: 'h2' }, 'definition'],
    ['other columns', { schema: { fields: [...VERSION_SCHEMA.fields, field('more', dataTypes.bool())] } }, 'columns'],
  ];
  it.each(changes)('discards what belongs to %s', async (_, change, reason) => {
    await refresh((await open()).table, versionBatches(1, 10));
    await closeAll();
    const { status, table } = await open(change);
    expect(status).toMatchObject({ kind: 'discarded', reason: expect.stringContaining(reason) });
    expect(table.checkpoint).toBeUndefined();
    expect(await scanAll(table)).toEqual([]);
    await closeAll();
    expect((await open(change)).status).toEqual({ kind: 'empty' });
  });

  it('discards what was not loaded completely', async () => {
    const { table } = await open();
    await using session = await table.beginRefresh(
      { mode: { kind: 'overwrite' } },
      { signal: new AbortController().signal },
    );
    await using writer = await session.writer();
    await writer.write(versionBatches(1, 10)[0]!);
    await writer.finish();
    await session.commit({ refreshedAtMs: 0, bootstrapComplete: false });
    await closeAll();
    expect((await open()).status).toMatchObject({ kind: 'discarded', reason: expect.stringContaining('completely') });
  });

  it('drops versions that a crash left', async () => {
    await refresh((await open()).table, versionBatches(1, 10));
    await closeAll();
    const path = join(folder, 'data/orders.duckdb');
    const database = await openDatabase({ path });
    await database.withConnection((connection) =>
      connection.run(
        'CREATE TABLE "__millrace_orders__v7" AS FROM range(10); CREATE TABLE "__millrace_orders2__v7" (i INT)',
      ),
    );
    await database.close();
    await refresh((await open()).table, versionBatches(2, 20));
    await closeAll();
    const after = await openDatabase({ path });
    const names = await after.withConnection((connection) =>
      connection.rows('SELECT table_name FROM duckdb_tables() ORDER BY 1'),
    );
    await after.close();
    expect(names).toEqual([['__millrace_checkpoint'], ['__millrace_orders2__v7'], ['__millrace_orders__v3']]);
  });

  it('is shared by datasets of one engine, which refresh at the same time', async () => {
    const engine = await openDatabase({ path: ':memory:', threads: 2 });
    engines.push(engine);
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    const files = ['real/shared.duckdb', 'link/shared.duckdb', './real/../real/shared.duckdb'];
    const names = [
      { table: 'a' },
      { schemaName: 'temp', table: 'a' },
      { schemaName: 'memory', table: 'b "quoted" . é' },
    ];
    const tables = await Promise.all(names.map((name, i) => open({ engine, file: files[i]!, name })));
    for (let round = 1; round <= 5; round++)
      await Promise.all(tables.map(({ table }, i) => refresh(table, versionBatches(round * 10 + i, 20_000))));
    for (const [i, { table }] of tables.entries())
      expect(describeRows(await scanAll(table))).toEqual(completeVersion(50 + i, 20_000));
    await tables[0]!.accelerator.shutdown();
    await refresh(tables[1]!.table, versionBatches(99, 7));
    await closeAll();
    const first = await open({ file: files[0]!, name: names[0]! });
    expect(describeRows(await scanAll(first.table))).toEqual(completeVersion(50, 20_000));
    const other = await open({ engine: engines[0]!, file: files[1]!, name: names[1]! });
    expect(describeRows(await scanAll(other.table))).toEqual(completeVersion(99, 7));
  });

  it('leaves tables and views of others alone', async () => {
    const path = join(folder, 'own.duckdb');
    const database = await openDatabase({ path });
    await database.withConnection((connection) =>
      connection.run('CREATE TABLE orders AS SELECT 1 AS i; CREATE VIEW customers AS FROM orders'),
    );
    await database.close();
    for (const table of ['Orders', 'customers'])
      await expect(open({ file: 'own.duckdb', name: { table } })).rejects.toMatchObject({ code: 'already_exists' });
    await refresh((await open({ file: 'own.duckdb', name: { table: 'more' } })).table, versionBatches(1, 1));
    await closeAll();
    const after = await openDatabase({ path });
    expect(await after.withConnection((connection) => connection.rows('FROM customers'))).toEqual([[1]]);
    await after.close();
  });

  it('says that another engine of this process has it open', async () => {
    await open();
    await expect(open()).rejects.toMatchObject({
      code: 'conflict',
      component: 'dataset orders',
      message: expect.stringContaining(join(folder, 'data/orders.duckdb')),
    });
    await closeAll();
  });

  it('says that another process has it open', async () => {
    await refresh((await open()).table, versionBatches(1, 10));
    await closeAll();
    const path = join(folder, 'data/orders.duckdb');
    const script = `const { DuckDBInstance } = require(process.argv[1]);
      DuckDBInstance.create(process.argv[2]).then((kept) => { globalThis.kept = kept; console.log('open'); setInterval(() => {}, 1000); });`;
    const driver = createRequire(require.resolve('@millrace/duckdb/package.json')).resolve('@duckdb/node-api');
    const holder = spawn(process.execPath, ['-e', script, driver, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(holder.stdout, 'data');
      await expect(open()).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining(path),
        retryable: true,
      });
    } finally {
      holder.kill('SIGKILL');
      await once(holder, 'exit');
    }
    expect(describeRows(await scanAll((await open()).table))).toEqual(completeVersion(1, 10));
  });

  it.each([
    ['text', () => 'this is no database, and longer than its header '.repeat(500)],
    ['a sound header and nothing behind it', undefined],
  ])('names a file that holds %s', async (_, text) => {
    const path = join(folder, 'data/orders.duckdb');
    if (text) {
      mkdirSync(join(folder, 'data'));
      writeFileSync(path, text());
    } else {
      await refresh((await open()).table, versionBatches(1, 50_000));
      await closeAll();
      truncateSync(path, 12_288);
    }
    const found = open().then(async ({ table }) => scanAll(table));
    await expect(found).rejects.toMatchObject({ code: 'invalid_data', message: expect.stringContaining(path) });
  });

  it('refuses a file of rows, of which DuckDB would make an empty database in memory, and leaves it as it is', async () => {
    const path = join(folder, 'rows.csv');
    writeFileSync(path, 'a,b\n1,2\n');
    await expect(open({ file: 'rows.csv' })).rejects.toMatchObject({ code: 'invalid_data' });
    expect(readFileSync(path, 'utf8')).toBe('a,b\n1,2\n');
  });

  it('names a place where no file can be', async () => {
    writeFileSync(join(folder, 'plain'), '');
    await expect(open({ file: 'plain/x.duckdb' })).rejects.toMatchObject({ code: 'io' });
    mkdirSync(join(folder, 'folder.duckdb'));
    await expect(open({ file: 'folder.duckdb' })).rejects.toMatchObject({ code: 'io' });
  });

  it('refuses a file in mode memory', async () => {
    await expect(open({ mode: 'memory', file: 'x.duckdb' })).rejects.toMatchObject({ code: 'invalid_config' });
  });

  it('goes on when the engine has closed the file system to SQL', async () => {
    const engine = await openDatabase({ path: ':memory:', threads: 2 });
    engines.push(engine);
    const { table, accelerator } = await open({ engine, file: 'elsewhere/orders.duckdb' });
    await engine.restrictFileAccess({ paths: [], directories: [join(folder, 'data')] });
    for (const version of [1, 2]) await refresh(table, versionBatches(version, 150_000, 50_000));
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(2, 150_000));
    // A file in the data directory can still be opened, one elsewhere not.
    await refresh((await open({ engine, name: { table: 'late' } })).table, versionBatches(3, 10));
    await expect(open({ engine, file: 'late.duckdb' })).rejects.toMatchObject({ code: 'unauthorized' });
    const session = await table.beginRefresh({ mode: { kind: 'overwrite' } }, { signal: new AbortController().signal });
    const sql = `FROM read_csv('${join(folder, 'x.csv')}')`;
    writeFileSync(join(folder, 'x.csv'), 'i,v,text\n1,2,x\n');
    expect(
      await session.loadNative?.({ kind: 'sql', engine: 'duckdb', sql, paths: [] }, ['i', 'v', 'text']),
    ).toBeUndefined();
    await using writer = await session.writer();
    for (const batch of versionBatches(4, 10)) await writer.write(batch);
    await writer.finish();
    await session.commit({ refreshedAtMs: 0, bootstrapComplete: true });
    await accelerator.shutdown();
    await closeAll();
    expect(describeRows(await scanAll((await open({ file: 'elsewhere/orders.duckdb' })).table))).toEqual(
      completeVersion(4, 10),
    );
  });

  it(`stays bounded over ${REFRESH_COUNT} refreshes with readers`, async () => {
    const path = join(folder, 'data/orders.duckdb');
    const rowCount = 20_000;
    await refresh((await open()).table, versionBatches(0, rowCount, 10_000));
    await closeAll();
    const oneVersion = statSync(path).size;
    const { table } = await open();
    const relation = await table.nativeRelation?.({ signal: new AbortController().signal });
    if (relation?.kind !== 'engine_table') throw new TypeError('the table does not live in the engine');
    const sql = `SELECT count(*), min(v) = max(v), sum(i)::BIGINT FROM "${relation.catalog}".main.orders`;
    const [engine] = engines;
    let isDone = false;
    const readers = Array.from({ length: 4 }, async () => {
      while (!isDone) {
        const rows = await engine!.withConnection((connection) => connection.rows(sql));
        expect(rows).toEqual([[BigInt(rowCount), true, (BigInt(rowCount) * BigInt(rowCount - 1)) / 2n]]);
        await sleep(2);
      }
    });
    for (let version = 1; version <= REFRESH_COUNT; version++)
      await refresh(table, versionBatches(version, rowCount, 10_000));
    isDone = true;
    await Promise.all(readers);
    // How much space is free by now depends on how long the last readers took, and so on how busy the machine is; without readers, the next
    // versions go where the old ones were. The whole run takes the readers as they come.
    if (!process.env.MILLRACE_TEST_FULL)
      for (const version of [1, 2, 3]) await refresh(table, versionBatches(version, rowCount, 10_000));
    const size = statSync(path).size + (statSync(`${path}.wal`, { throwIfNoEntry: false })?.size ?? 0);
    expect(size / oneVersion).toBeLessThanOrEqual(6);
  });
});
