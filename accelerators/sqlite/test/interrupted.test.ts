import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { AcceleratedTable, RefreshSession, WriteMode } from '@millrace/core';
import { SqliteFailure, WorkerPool, WriterClient } from '@millrace/sqlite';
import { completeVersion, describeRows, OpenCopies, VERSION_SCHEMA, versionBatches } from '@millrace/test-fixtures';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Accelerated,
  type AccelerateRequest,
  accelerate,
  CONTEXT,
  createAccelerator,
  refresh,
  scanAll,
} from './accelerate.ts';

const FULL = { kind: 'overwrite' } as const;
const ROW_COUNT = 100;
const CHECKPOINT = { refreshedAtMs: 1, bootstrapComplete: true } as const;
const KEYED = { primaryKey: ['i'] } as const;
const PATIENCE = { timeout: 60_000, interval: 20 };
const WRITE_BACK = 'PRAGMA wal_checkpoint(TRUNCATE)';

type Statements = Parameters<WriterClient['run']>[0];

/** Puts something around the next request to a writer that has a statement. */
function onNext(
  statement: string,
  instead: (client: WriterClient, run: () => ReturnType<WriterClient['run']>) => ReturnType<WriterClient['run']>,
): void {
  const run = WriterClient.prototype.run;
  const spy = vi.spyOn(WriterClient.prototype, 'run').mockImplementation(function (
    this: WriterClient,
    statements: Statements,
  ) {
    if (!statements.includes(statement)) return run.call(this, statements);
    spy.mockRestore();
    return instead(this, () => run.call(this, statements));
  });
}

describe('what is interrupted', () => {
  let copies: OpenCopies;
  let folder: string;
  let opened: Accelerated[];
  beforeEach(() => {
    copies = new OpenCopies();
    ({ folder, opened } = copies);
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await copies[Symbol.asyncDispose]();
  });

  const closeAll = () => copies.closeAll();

  async function open(request: Partial<AccelerateRequest> = {}): Promise<Accelerated> {
    const accelerated = await accelerate({ folder, mode: 'file', schema: VERSION_SCHEMA, ...request });
    opened.push(accelerated);
    return accelerated;
  }

  /** A refresh of which nothing but the commit is left. */
  async function loaded(table: AcceleratedTable, version: number, mode: WriteMode = FULL): Promise<RefreshSession> {
    const session = await table.beginRefresh({ mode }, CONTEXT);
    const writer = await session.writer();
    for (const batch of versionBatches(version, ROW_COUNT)) await writer.write(batch);
    await writer.finish();
    return session;
  }

  describe.each(['overwrite', 'overwrite_where'] as const)('a commit that has to %s rows of a key', (kind) => {
    it.each(['abort', 'shutdown'] as const)('is carried out whole before it ends by %s', async (how) => {
      const { table, accelerator } = await open({ command: KEYED });
      await refresh(table, versionBatches(1, ROW_COUNT));
      const session = await loaded(table, 2, kind === 'overwrite' ? FULL : { kind, filters: [] });
      const committed = session.commit(CHECKPOINT);
      const ended = how === 'abort' ? session.abort() : accelerator.shutdown();
      expect(await committed).toEqual({ rowCount: BigInt(ROW_COUNT) });
      await ended;
      await closeAll();
      const { status, table: found } = await open({ command: KEYED });
      expect(status).toMatchObject({ kind: 'ready', checkpoint: { rowCount: BigInt(ROW_COUNT) } });
      expect(describeRows(await scanAll(found))).toEqual(completeVersion(2, ROW_COUNT));
    });
  });

  describe.each(['overwrite', 'overwrite_where'] as const)('a thread that ends while it commits an %s', (kind) => {
    it.each(['before', 'after'] as const)(
      '%s the commit leaves one version, and a table that goes on',
      async (moment) => {
        const { table, status } = await open();
        expect(status.kind).toBe('empty');
        await refresh(table, versionBatches(1, ROW_COUNT), 0);
        const session = await loaded(table, 2, kind === 'overwrite' ? FULL : { kind, filters: [] });
        onNext('COMMIT', async (client, run) => {
          if (moment === 'after') await run();
          await client.close();
          throw new SqliteFailure({ kind: 'lost', message: 'the worker ended' });
        });
        const committed = session.commit(CHECKPOINT);
        if (moment === 'after') expect(await committed).toEqual({ rowCount: BigInt(ROW_COUNT) });
        else await expect(committed).rejects.toMatchObject({ code: 'io', retryable: true });
        await session.abort();
        const version = moment === 'after' ? 2 : 1;
        expect(table.checkpoint).toMatchObject({ refreshedAtMs: version - 1, rowCount: BigInt(ROW_COUNT) });
        expect(describeRows(await scanAll(table))).toEqual(completeVersion(version, ROW_COUNT));
        await refresh(table, versionBatches(3, ROW_COUNT));
        expect(describeRows(await scanAll(table))).toEqual(completeVersion(3, ROW_COUNT));
      },
    );
  });

  it('a refresh that is ended while its second writer is made leaves no transaction to the next one', async () => {
    const { table } = await open();
    const session = await table.beginRefresh({ mode: FULL }, CONTEXT);
    await (await session.writer())[Symbol.asyncDispose]();
    const refused = expect(session.writer()).rejects.toMatchObject({ code: 'invalid_state' });
    await session.abort();
    await refused;
    await refresh(table, versionBatches(1, ROW_COUNT));
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(1, ROW_COUNT));
  });

  it('who waits for the refresh of another dataset in the file can be closed, and cancelled', async () => {
    const file = 'shared.sqlite';
    const first = await open({ file });
    const other = await open({ file, name: { table: 'items' } });
    const session = await first.table.beginRefresh({ mode: FULL }, CONTEXT);
    const waiting = other.table.beginRefresh({ mode: FULL }, CONTEXT);
    const refused = expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await other.accelerator.shutdown();
    await refused;

    const controller = new AbortController();
    const accelerator = await createAccelerator({ folder, file });
    const command = { ...other.command, name: { table: 'parts' } };
    const opening = expect(accelerator.init(command, controller)).rejects.toMatchObject({ code: 'cancelled' });
    controller.abort();
    await opening;
    await session.abort();
    expect(await accelerator.init(command, CONTEXT)).toEqual({ kind: 'empty' });
    await accelerator.shutdown();
  });

  it('a file that somebody else opens while its last dataset is dropped stays', async () => {
    // The names of files are cut, so that both have one.
    const [dropped, other] = ['a', 'b'].map((end) => ({ table: `${'long'.repeat(50)}${end}` }));
    const { accelerator, command } = await open({ name: dropped! });
    const path = accelerator.filePath(command)!;
    let opening: Promise<Accelerated> | undefined;
    onNext('COMMIT', async (_, run) => {
      const asked = vi.spyOn(WorkerPool.prototype, 'use');
      opening = open({ name: other! });
      await expect.poll(() => asked.mock.calls.length, PATIENCE).toBeGreaterThan(0);
      return run();
    });
    await accelerator.drop?.(command, CONTEXT);
    const { table, ...opened } = await opening!;
    await refresh(table, versionBatches(1, ROW_COUNT));
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(1, ROW_COUNT));
    expect(existsSync(path)).toBe(true);
    await opened.accelerator.drop?.(opened.command, CONTEXT);
    expect(readdirSync(join(folder, 'data'))).toEqual([]);
  });

  it('a log that cannot be written back keeps no copy from being opened', async () => {
    onNext(WRITE_BACK, async () => {
      throw new SqliteFailure({ kind: 'sqlite', code: 'SQLITE_FULL', message: 'database or disk is full' });
    });
    const { table } = await open();
    await refresh(table, versionBatches(1, ROW_COUNT));
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(1, ROW_COUNT));
  });

  it('a log that readers kept is written back though the next refresh is given up', async () => {
    const { table } = await open();
    const log = `${join(folder, 'data/orders.sqlite')}-wal`;
    await refresh(table, versionBatches(1, ROW_COUNT));
    const plan = await table.scan({ projection: [0], filters: [] }, CONTEXT);
    const reading = plan.execute(plan.partitions[0]!, { ...CONTEXT, batchRowCount: 1 })[Symbol.asyncIterator]();
    await reading.next();
    await refresh(table, versionBatches(2, ROW_COUNT));
    expect(statSync(log).size).toBeGreaterThan(0);
    const session = await table.beginRefresh({ mode: FULL }, CONTEXT);
    // The log is tried again meanwhile.
    await setTimeout(300);
    await reading.return?.();
    await session.abort();
    await expect.poll(() => statSync(log).size, PATIENCE).toBe(0);
  });
});
