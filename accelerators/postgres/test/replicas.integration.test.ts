import { setTimeout as sleep } from 'node:timers/promises';
import { missingPostgres, type PostgresDatabase, serviceTitle, sharedPostgres } from '@millrace/services';
import { completeVersion, describeRows, VERSION_SCHEMA, versionBatches, versionBound } from '@millrace/test-fixtures';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Accelerated,
  type AccelerateRequest,
  accelerate,
  CONTEXT,
  errorOf,
  reach,
  refresh,
  scanAll,
} from './accelerate.ts';

/** Longer than anything here takes on a busy machine. */
const TIMEOUT_MS = 180_000;

const missing = missingPostgres();
describe.skipIf(missing !== undefined)(serviceTitle('processes that share a copy', missing), () => {
  let database: PostgresDatabase;
  let dataset = 0;
  const opened: Accelerated[] = [];
  beforeAll(async () => {
    database = await (await sharedPostgres()).createDatabase();
  });
  afterAll(async () => {
    await database?.drop();
  });
  beforeEach(() => {
    dataset += 1;
  });
  afterEach(async () => {
    for (const { accelerator } of opened.splice(0)) await accelerator.shutdown();
  });

  /** Opens the dataset of the test as a process of some name does: connections of different names have nothing in common in here. */
  async function open(process: string, request: Partial<AccelerateRequest> = {}): Promise<Accelerated> {
    const given = { ...reach(database), pg_application_name: process };
    const accelerated = await accelerate({ given, schema: VERSION_SCHEMA, name: { table: `d${dataset}` }, ...request });
    opened.push(accelerated);
    return accelerated;
  }

  /** Tables of the dataset of the test. */
  async function versions(): Promise<number> {
    const [row] = await database.sql(
      "SELECT count(*)::int AS n FROM pg_class WHERE relkind = 'r' AND relname LIKE $1",
      [`\\_\\_millrace\\_d${dataset}\\_\\_v%`],
    );
    return Number(row?.n);
  }

  async function untilVersions(count: number): Promise<void> {
    while ((await versions()) !== count) await sleep(50);
  }

  it('what one commits the others see with their next scan, checkpoint included', async () => {
    const [one, other] = [await open('one'), await open('other')];
    expect(describeRows(await scanAll(other.table)).rowCount).toBe(0);
    await refresh(one.table, versionBatches(1, 500), 1);
    expect(describeRows(await scanAll(other.table))).toEqual(completeVersion(1, 500));
    expect(other.table.checkpoint?.refreshedAtMs).toBe(1);
    await refresh(other.table, versionBatches(2, 300), 2, versionBound(2));
    expect(describeRows(await scanAll(one.table))).toEqual(completeVersion(2, 300));
    expect(one.table.checkpoint).toMatchObject({ refreshedAtMs: 2, rowCount: 300n });
    const third = await open('third');
    expect(third.status.kind).toBe('ready');
    expect(describeRows(await scanAll(third.table))).toEqual(completeVersion(2, 300));
    await untilVersions(1);
  });

  it(
    'refreshes at the same time come one after the other, and readers see complete versions',
    async () => {
      const replicas = [await open('one'), await open('other')];
      await refresh(replicas[0]!.table, versionBatches(1, 1_001), 1);
      let isDone = false;
      const read = async ({ table }: Accelerated): Promise<void> => {
        while (!isDone) {
          const rows = describeRows(await scanAll(table));
          expect(rows).toEqual(completeVersion(rows.versions[0]!, 1_000 + rows.versions[0]!));
        }
      };
      const readers = replicas.map(read);
      const write = async ({ table }: Accelerated, first: number): Promise<void> => {
        for (let version = first; version < first + 8; version += 2)
          await refresh(
            table,
            versionBatches(version, 1_000 + version),
            version,
            version % 4 < 2 ? undefined : { kind: 'overwrite_where', filters: [] },
          );
      };
      try {
        await Promise.all(replicas.map((replica, index) => write(replica, 2 + index)));
      } finally {
        isDone = true;
      }
      await Promise.all(readers);
      for (const { table } of replicas) {
        const rows = describeRows(await scanAll(table));
        expect([8, 9]).toContain(rows.versions[0]);
        expect(table.checkpoint?.rowCount).toBe(BigInt(rows.rowCount));
      }
      await untilVersions(1);
    },
    TIMEOUT_MS,
  );

  it('a refresh waits for that of another process, and the wait can be cancelled', async () => {
    const [one, other] = [await open('one'), await open('other')];
    const session = await one.table.beginRefresh({ mode: { kind: 'overwrite' } }, CONTEXT);
    const abort = new AbortController();
    const waiting = errorOf(() => other.table.beginRefresh({ mode: { kind: 'overwrite' } }, { signal: abort.signal }));
    await sleep(50);
    abort.abort();
    expect((await waiting).code).toBe('cancelled');
    const next = refresh(other.table, versionBatches(2, 20), 2);
    await session.abort();
    await next;
    expect(describeRows(await scanAll(one.table))).toEqual(completeVersion(2, 20));
  });

  it(
    'a scan that pauses holds up neither refreshes nor new scans, and its version goes when it ends',
    async () => {
      const { table } = await open('one');
      await refresh(table, versionBatches(1, 200_000, 20_000), 1);
      const plan = await table.scan({ projection: [0, 1, 2], filters: [] }, CONTEXT);
      const stream = plan.execute(plan.partitions[0]!, CONTEXT)[Symbol.asyncIterator]();
      const first = await stream.next();
      const batches = first.done ? [] : [first.value];
      for (const version of [2, 3, 4]) {
        await refresh(table, versionBatches(version, 10), version);
        expect(describeRows(await scanAll(table))).toEqual(completeVersion(version, 10));
      }
      // Nobody reads versions 2 and 3.
      await untilVersions(2);
      for (let next = await stream.next(); !next.done; next = await stream.next()) batches.push(next.value);
      expect(describeRows(batches)).toEqual(completeVersion(1, 200_000));
      await untilVersions(1);
    },
    TIMEOUT_MS,
  );

  it('scans that hold every connection of the pool hold up no refresh', async () => {
    const given = { ...reach(database), pg_application_name: 'narrow', connection_pool_size: '1' };
    const { table } = await open('narrow', { given });
    await refresh(table, versionBatches(1, 100_000, 20_000), 1);
    const plan = await table.scan({ projection: [0, 1, 2], filters: [] }, CONTEXT);
    const stream = plan.execute(plan.partitions[0]!, CONTEXT)[Symbol.asyncIterator]();
    const first = await stream.next();
    const batches = first.done ? [] : [first.value];
    await refresh(table, versionBatches(2, 10), 2);
    await refresh(table, versionBatches(3, 10), 3, versionBound(3));
    await open('narrow', { given, name: { table: `d${dataset} too` } });
    for (let next = await stream.next(); !next.done; next = await stream.next()) batches.push(next.value);
    expect(describeRows(batches)).toEqual(completeVersion(1, 100_000));
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(3, 10));
    await untilVersions(1);
  }, 180_000);

  it(
    'processes with different definitions have copies of their own, until nobody has one open',
    async () => {
      const old = await open('old');
      await refresh(old.table, versionBatches(1, 100), 1);
      const young = await open('young', { definitionHash: 'h2' });
      expect(young.status.kind).toBe('discarded');
      expect(young.table.checkpoint).toBeUndefined();
      await refresh(young.table, versionBatches(2, 200), 2);
      expect(describeRows(await scanAll(old.table))).toEqual(completeVersion(1, 100));
      await refresh(old.table, versionBatches(3, 300), 3);
      expect(describeRows(await scanAll(young.table))).toEqual(completeVersion(2, 200));
      await untilVersions(2);
      await old.accelerator.shutdown();
      await refresh(young.table, versionBatches(4, 400), 4);
      await untilVersions(1);
      expect((await open('old again')).status.kind).toBe('discarded');
      expect(describeRows(await scanAll(young.table))).toEqual(completeVersion(4, 400));
    },
    TIMEOUT_MS,
  );

  it('a refresh may give the table other columns; the old copy gives way', async () => {
    const { table, command } = await open('one');
    await refresh(table, versionBatches(1, 100), 1);
    const plan = await table.scan({ projection: [0, 1, 2], filters: [] }, CONTEXT);
    const redefine = { ...command, schema: { fields: VERSION_SCHEMA.fields.slice(0, 2) }, definitionHash: 'h2' };
    await using session = await table.beginRefresh({ mode: { kind: 'overwrite' }, redefine }, CONTEXT);
    await using writer = await session.writer();
    for (const { numRows, data } of versionBatches(2, 50))
      await writer.write({ schema: redefine.schema, numRows, data: { children: data.children.slice(0, 2) } });
    await writer.finish();
    await session.commit({ refreshedAtMs: 2, bootstrapComplete: true });
    expect(table.schema.fields).toHaveLength(2);
    expect((await scanAll(table)).reduce((sum, { numRows }) => sum + numRows, 0)).toBe(50);
    const error = await errorOf(async () => {
      for await (const _ of plan.execute(plan.partitions[0]!, CONTEXT)) expect.unreachable();
    });
    expect(error.code).toBe('conflict');
    await untilVersions(1);
  });

  it('a copy that is dropped leaves nothing behind, once no process has it open', async () => {
    const [one, other] = [await open('one'), await open('other')];
    await refresh(one.table, versionBatches(1, 100), 1);
    await one.accelerator.drop?.(one.command, CONTEXT);
    expect(describeRows(await scanAll(other.table))).toEqual(completeVersion(1, 100));
    expect(await other.accelerator.readCheckpoint?.(other.command, CONTEXT)).toMatchObject({ rowCount: 100n });
    await other.accelerator.drop?.(other.command, CONTEXT);
    await untilVersions(0);
    expect((await open('third')).status.kind).toBe('empty');
  });

  it('rows that somebody removes at the server are an error, never none and never a part, until they are loaded anew', async () => {
    const { table } = await open('one');
    const removals = [
      'DELETE FROM millrace.__millrace_checkpoint',
      `DO $$ DECLARE found text; BEGIN
        SELECT relation INTO found FROM millrace.__millrace_checkpoint WHERE dataset LIKE '%"d${dataset}"%';
        EXECUTE format('DROP TABLE millrace.%I', found); END $$`,
      'DROP SCHEMA millrace CASCADE',
    ];
    for (const [index, removal] of removals.entries()) {
      await refresh(table, versionBatches(1, 100), 1);
      await database.sql(removal);
      expect((await errorOf(() => scanAll(table))).code).toBe('not_found');
      const append = () => refresh(table, versionBatches(2, 10), 2, versionBound(2));
      expect(await errorOf(append)).toMatchObject({ code: 'not_found', retryable: true });
      expect(table.checkpoint).toBeUndefined();
      await refresh(table, versionBatches(3 + index, 20), 3);
      expect(describeRows(await scanAll(table))).toEqual(completeVersion(3 + index, 20));
    }
  });
});
