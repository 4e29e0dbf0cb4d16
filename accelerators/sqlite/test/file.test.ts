import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dataTypes, field } from '@millrace/core';
import {
  ConcurrentReaders,
  completeVersion,
  describeRows,
  OpenCopies,
  VERSION_SCHEMA,
  versionBatches,
  withoutPrivileges,
} from '@millrace/test-fixtures';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Accelerated, type AccelerateRequest, accelerate, CONTEXT, refresh, scanAll } from './accelerate.ts';

const require = createRequire(import.meta.url);
const REFRESH_COUNT = process.env.MILLRACE_TEST_FULL ? 100 : 25;

describe('files', () => {
  let copies: OpenCopies;
  let folder: string;
  let opened: Accelerated[];
  beforeEach(() => {
    copies = new OpenCopies();
    ({ folder, opened } = copies);
  });
  afterEach(async () => {
    await copies[Symbol.asyncDispose]();
  });

  const closeAll = () => copies.closeAll();

  async function open(request: Partial<AccelerateRequest> = {}): Promise<Accelerated> {
    const accelerated = await accelerate({ folder, mode: 'file', schema: VERSION_SCHEMA, ...request });
    opened.push(accelerated);
    return accelerated;
  }

  const path = () => join(folder, 'data/orders.sqlite');

  it('keeps rows and checkpoint for the next process, under the same version', async () => {
    const first = await open();
    expect(first.accelerator.accelerationLayout).toEqual({ kind: 'file', path: path() });
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
    await using session = await table.beginRefresh({ mode: { kind: 'overwrite' } }, CONTEXT);
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
    await using session = await table.beginRefresh({ mode: { kind: 'overwrite' } }, CONTEXT);
    await using writer = await session.writer();
    await writer.write(versionBatches(1, 10)[0]!);
    await writer.finish();
    await session.commit({ refreshedAtMs: 0, bootstrapComplete: false });
    await closeAll();
    expect((await open()).status).toMatchObject({ kind: 'discarded', reason: expect.stringContaining('completely') });
  });

  it('drops versions that were left over, and leaves a file that any program reads', async () => {
    await refresh((await open()).table, versionBatches(1, 10));
    await closeAll();
    const database = new Database(path());
    database.exec('CREATE TABLE "__millrace_orders__v7" (i); CREATE TABLE "__millrace_orders2__v7" (i)');
    database.close();
    await refresh((await open()).table, versionBatches(2, 20));
    await closeAll();
    const after = new Database(path(), { readonly: true });
    const names = after.prepare("SELECT name FROM sqlite_schema WHERE type <> 'index' ORDER BY 1").pluck().all();
    expect(names).toEqual(['__millrace_checkpoint', '__millrace_orders2__v7', '__millrace_orders__v3', 'orders']);
    expect(after.prepare('SELECT count(*), min(v), max(text) FROM orders').raw().get()).toEqual([
      20,
      2,
      'text of version 2, row 9',
    ]);
    expect(after.pragma('integrity_check', { simple: true })).toBe('ok');
    after.close();
  });

  it('is shared by datasets, which take turns', async () => {
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    const files = ['real/shared.sqlite', 'link/shared.sqlite', './real/../real/shared.sqlite'];
    const names = [{ table: 'a' }, { schemaName: 'temp', table: 'a' }, { schemaName: 'main', table: 'b "quoted" . é' }];
    const tables = await Promise.all(names.map((name, i) => open({ file: files[i]!, name })));
    for (let round = 1; round <= 3; round++)
      await Promise.all(tables.map(({ table }, i) => refresh(table, versionBatches(round * 10 + i, 5_000))));
    for (const [i, { table }] of tables.entries())
      expect(describeRows(await scanAll(table))).toEqual(completeVersion(30 + i, 5_000));
    await tables[0]!.accelerator.shutdown();
    await refresh(tables[1]!.table, versionBatches(99, 7));
    // A dataset that is there is opened while another one is refreshed.
    const session = await tables[1]!.table.beginRefresh({ mode: { kind: 'overwrite' } }, CONTEXT);
    const first = await open({ file: files[0]!, name: names[0]! });
    expect(describeRows(await scanAll(first.table))).toEqual(completeVersion(30, 5_000));
    const abort = new AbortController();
    const waiting = first.table.beginRefresh({ mode: { kind: 'overwrite' } }, { signal: abort.signal });
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await session.abort();
    await closeAll();
    const other = await open({ file: files[1]!, name: names[1]! });
    expect(describeRows(await scanAll(other.table))).toEqual(completeVersion(99, 7));
  });

  it('keeps a dataset with a point in its name apart from one in a schema, though they have one file', async () => {
    const names = [{ table: 'a.b' }, { schemaName: 'a', table: 'b' }];
    const tables = await Promise.all(names.map((name) => open({ name })));
    for (const [i, { table }] of tables.entries()) await refresh(table, versionBatches(i, 10));
    for (const [i, { table }] of tables.entries())
      expect(describeRows(await scanAll(table))).toEqual(completeVersion(i, 10));
    await tables[0]!.accelerator.drop?.(tables[0]!.command, CONTEXT);
    expect(describeRows(await scanAll(tables[1]!.table))).toEqual(completeVersion(1, 10));
  });

  it('leaves a database of another program alone', async () => {
    const file = join(folder, 'own.sqlite');
    const database = new Database(file);
    database.exec('CREATE TABLE people AS SELECT 1 AS i');
    database.close();
    const size = statSync(file).size;
    await expect(open({ file })).rejects.toMatchObject({
      code: 'already_exists',
      message: expect.stringContaining(file),
    });
    expect(statSync(file).size).toBe(size);
    const after = new Database(file, { readonly: true });
    expect(after.pragma('journal_mode', { simple: true })).toBe('delete');
    after.close();
  });

  it('says that another process has it open, and another copy of the package', async () => {
    await refresh((await open()).table, versionBatches(1, 10));
    await closeAll();
    const script = `const Database = require(process.argv[1]); const held = new Database(process.argv[2]);
      held.exec('BEGIN EXCLUSIVE'); console.log('open'); setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ['-e', script, require.resolve('better-sqlite3'), `${path()}.lock`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(holder.stdout, 'data');
      await expect(open()).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining(path()),
        retryable: true,
      });
    } finally {
      holder.kill('SIGKILL');
      await once(holder, 'exit');
    }
    expect(describeRows(await scanAll((await open()).table))).toEqual(completeVersion(1, 10));
    await closeAll();
    const owners = (globalThis as Record<symbol, unknown>)[Symbol.for('millrace.accelerator-sqlite.owners')];
    (owners as Map<string, object>).set(path(), {});
    await expect(open()).rejects.toMatchObject({ code: 'conflict', component: 'dataset orders' });
    (owners as Map<string, object>).delete(path());
  });

  it('is locked against another process that opens it with this package', async () => {
    const { table } = await open();
    await refresh(table, versionBatches(1, 10));
    const script = `const Database = require(process.argv[1]);
      try { new Database(process.argv[2], { timeout: 0 }).exec('BEGIN EXCLUSIVE'); console.log('got it'); } catch (e) { console.log(e.code); }`;
    const other = spawn(process.execPath, ['-e', script, require.resolve('better-sqlite3'), `${path()}.lock`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [output] = await once(other.stdout, 'data');
    expect(String(output).trim()).toBe('SQLITE_BUSY');
  });

  it.each([
    ['text', () => 'this is no database, and longer than its header '.repeat(500)],
    ['a sound header and nothing behind it', undefined],
  ])('names a file that holds %s', async (_, text) => {
    if (text) {
      mkdirSync(join(folder, 'data'));
      writeFileSync(path(), text());
    } else {
      await refresh((await open()).table, versionBatches(1, 20_000));
      await closeAll();
      truncateSync(path(), 12_288);
    }
    const found = open().then(async ({ table }) => scanAll(table));
    await expect(found).rejects.toMatchObject({ code: 'invalid_data', message: expect.stringContaining(path()) });
  });

  it('names a place where no file can be', async () => {
    writeFileSync(join(folder, 'plain'), '');
    await expect(open({ file: 'plain/x.sqlite' })).rejects.toMatchObject({ code: 'io' });
    mkdirSync(join(folder, 'folder.sqlite'));
    await expect(open({ file: 'folder.sqlite' })).rejects.toMatchObject({ code: 'io' });
  });

  it('names a file that may not be written to', async () => {
    await refresh((await open()).table, versionBatches(1, 10));
    await closeAll();
    chmodSync(path(), 0o444);
    chmodSync(join(folder, 'data'), 0o555);
    chmodSync(folder, 0o755);
    await withoutPrivileges(async () => {
      await expect(open()).rejects.toMatchObject({ code: 'io', message: expect.stringContaining(path()) });
    });
    chmodSync(join(folder, 'data'), 0o755);
  });

  it.skipIf(process.platform === 'win32')(
    'keeps the old rows when the disk takes no more, and goes on (skipped where a shell sets no limits)',
    async () => {
      const script = fileURLToPath(new URL('limited-process.ts', import.meta.url));
      const command = 'ulimit -f 8192; exec "$0" "$@"';
      const node = [process.execPath, '--conditions=millrace-source', '--import=tsx', script, folder, '500', '300000'];
      const limited = spawn('sh', ['-c', command, ...node], {
        stdio: ['ignore', 'pipe', 'inherit'],
        cwd: fileURLToPath(new URL('..', import.meta.url)),
      });
      let output = '';
      limited.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
      await once(limited, 'close');
      expect(JSON.parse(output)).toEqual([
        { outcome: 'loaded', found: 500, versions: [1], refreshedAtMs: 1 },
        { outcome: { code: 'io', retryable: true }, found: 500, versions: [1], refreshedAtMs: 1 },
        { outcome: 'loaded', found: 500, versions: [3], refreshedAtMs: 3 },
      ]);
    },
  );

  it('refuses a file in mode memory, and leaves nothing of that mode behind', async () => {
    await expect(open({ mode: 'memory', file: 'x.sqlite' })).rejects.toMatchObject({ code: 'invalid_config' });
    const rowFolders = () =>
      readdirSync(tmpdir()).filter((name) => name.includes(`-${process.pid}-`) && name.startsWith('millrace-rows-'));
    const { table, accelerator } = await open({ mode: 'memory' });
    await refresh(table, versionBatches(1, 10));
    expect(accelerator.accelerationLayout).toEqual({ kind: 'memory' });
    expect(rowFolders()).toHaveLength(1);
    await accelerator.shutdown();
    expect(rowFolders()).toEqual([]);
    const { status } = await open({ mode: 'memory' });
    expect(status).toEqual({ kind: 'empty' });
  });

  it(`stays bounded over ${REFRESH_COUNT} refreshes with 8 readers`, async () => {
    const rowCount = 20_000;
    await refresh((await open()).table, versionBatches(0, rowCount, 10_000));
    await closeAll();
    const oneVersion = statSync(path()).size;
    const { table } = await open();
    let current = 0;
    const readers = new ConcurrentReaders(8, async () => {
      const begunWith = current;
      const plan = await table.scan({ projection: [1], filters: [], limit: 500n }, CONTEXT);
      let rowsRead = 0;
      for await (const { numRows } of plan.execute(plan.partitions[0]!, CONTEXT)) rowsRead += numRows;
      expect(rowsRead).toBe(500);
      return begunWith;
    });
    let largest = 0;
    const sizeNow = (): number =>
      ['', '-wal', '-shm'].reduce(
        (sum, end) => sum + (statSync(path() + end, { throwIfNoEntry: false })?.size ?? 0),
        0,
      );
    for (let version = 1; version <= REFRESH_COUNT; version++) {
      await refresh(table, versionBatches(version, rowCount, 10_000));
      current = version;
      await readers.untilSeen(version);
      largest = Math.max(largest, sizeNow());
    }
    await readers.stop();
    // How long the last readers of a version take depends on how busy the machine is, so that a short run measures without them.
    for (const version of [1, 2, 3]) await refresh(table, versionBatches(version, rowCount, 10_000));
    console.info(
      `sqlite file: ${(largest / oneVersion).toFixed(2)} versions at most after a refresh, ${readers.readCount} reads`,
    );
    expect((process.env.MILLRACE_TEST_FULL ? largest : sizeNow()) / oneVersion).toBeLessThanOrEqual(6);
  }, 300_000);
});
