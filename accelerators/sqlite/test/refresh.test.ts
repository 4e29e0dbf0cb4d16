import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataTypes, field, MillraceError, type RecordBatch } from '@millrace/core';
import {
  ConcurrentReaders,
  completeVersion,
  describeRows,
  VERSION_SCHEMA,
  versionBatches,
} from '@millrace/test-fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Accelerated, accelerate, CONTEXT, refresh, scanAll } from './accelerate.ts';

const IS_FULL = process.env.MILLRACE_TEST_FULL !== undefined;
const REFRESH_COUNT = IS_FULL ? 50 : 15;
const ROW_COUNT = IS_FULL ? 200_000 : 5_000;

describe.each(['memory', 'file'] as const)('refreshes in mode %s', (mode) => {
  let folder: string;
  let nextTable = 0;
  const opened: Accelerated[] = [];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-refresh-'));
  });
  afterAll(async () => {
    await Promise.all(opened.map(({ accelerator }) => accelerator.shutdown()));
    rmSync(folder, { recursive: true });
  });

  async function open(command = {}): Promise<Accelerated['table']> {
    nextTable += 1;
    const name = { schemaName: 'sales', table: `t${nextTable}` };
    const accelerated = await accelerate({ folder, mode, name, schema: VERSION_SCHEMA, command });
    opened.push(accelerated);
    expect(accelerated.status).toEqual({ kind: 'empty' });
    return accelerated.table;
  }

  const begin = (table: Accelerated['table'], signal = CONTEXT.signal) =>
    table.beginRefresh({ mode: { kind: 'overwrite' } }, { signal });

  it('an empty table is readable before its first refresh, and says that it is not loaded', async () => {
    const table = await open();
    expect(table.checkpoint).toBeUndefined();
    expect(await scanAll(table)).toEqual([]);
  });

  it(`8 readers of ${REFRESH_COUNT} refreshes of ${ROW_COUNT} rows see complete versions alone`, async () => {
    const table = await open();
    await refresh(table, versionBatches(0, ROW_COUNT));
    const readers = new ConcurrentReaders(8, async () => {
      const rows = describeRows(await scanAll(table));
      expect(rows).toEqual(completeVersion(rows.versions[0]!, ROW_COUNT));
      return rows.versions[0]!;
    });
    for (let version = 1; version <= REFRESH_COUNT; version++) {
      expect(await refresh(table, versionBatches(version, ROW_COUNT))).toBe(BigInt(ROW_COUNT));
      if (version % 4 === 0) await readers.untilSeen(version);
    }
    await readers.stop();
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(REFRESH_COUNT, ROW_COUNT));
  }, 600_000);

  it('a scan that began before a refresh reads its version to the end', async () => {
    const table = await open();
    await refresh(table, versionBatches(1, 60_000));
    const plan = await table.scan({ projection: [0, 1, 2], filters: [] }, CONTEXT);
    const batches: RecordBatch[] = [];
    for await (const batch of plan.execute(plan.partitions[0]!, CONTEXT)) {
      if (batches.length === 0) await refresh(table, versionBatches(2, 10));
      batches.push(batch);
    }
    expect(describeRows(batches)).toEqual(completeVersion(1, 60_000));
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(2, 10));
  });

  it('paused scans block neither refreshes nor further scans', async () => {
    const table = await open();
    await refresh(table, versionBatches(1, 60_000));
    const paused = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const plan = await table.scan({ projection: [0, 1, 2], filters: [] }, CONTEXT);
        const batches = plan.execute(plan.partitions[0]!, CONTEXT)[Symbol.asyncIterator]();
        const first = await batches.next();
        return { batches, first: first.value as RecordBatch };
      }),
    );
    for (const version of [2, 3]) await refresh(table, versionBatches(version, 100));
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(3, 100));
    const [one, ...others] = paused;
    const rest = [one!.first];
    for (let next = await one!.batches.next(); !next.done; next = await one!.batches.next()) rest.push(next.value);
    expect(describeRows(rest)).toEqual(completeVersion(1, 60_000));
    for (const { batches } of others) await batches.return?.();
  });

  const failures: readonly (readonly [string, (table: Accelerated['table']) => Promise<unknown>, string])[] = [
    [
      'a source that fails midway',
      (table) =>
        refresh(
          table,
          (async function* () {
            yield* versionBatches(2, 60_000, 20_000);
            throw new MillraceError({ code: 'unavailable', component: 'source', message: 'the source went away' });
          })(),
        ),
      'unavailable',
    ],
    [
      'batches of another type',
      (table) => {
        const schema = { fields: [...VERSION_SCHEMA.fields.slice(0, 2), field('text', dataTypes.int32())] };
        const [batch] = versionBatches(2, 1);
        const other = { ...batch!.data.children[1]!, type: dataTypes.int32() };
        const children = [...batch!.data.children.slice(0, 2), other];
        return refresh(table, [{ schema, numRows: 1, data: { children } }]);
      },
      'schema_mismatch',
    ],
    [
      'a cancellation in the middle',
      async (table) => {
        const abort = new AbortController();
        await using session = await begin(table, abort.signal);
        await using writer = await session.writer();
        for (const [index, batch] of versionBatches(2, 100_000, 20_000).entries()) {
          if (index === 2) abort.abort();
          await writer.write(batch);
        }
        await writer.finish();
        return await session.commit({ refreshedAtMs: 0, bootstrapComplete: true });
      },
      'cancelled',
    ],
    [
      'a commit without rows',
      async (table) => {
        await using session = await begin(table);
        return await session.commit({ refreshedAtMs: 0, bootstrapComplete: true });
      },
      'invalid_state',
    ],
    [
      'a writer that was given up',
      async (table) => {
        await using session = await begin(table);
        {
          await using writer = await session.writer();
          await writer.write(versionBatches(2, 10)[0]!);
        }
        return await session.commit({ refreshedAtMs: 0, bootstrapComplete: true });
      },
      'invalid_state',
    ],
  ];
  it.each(failures)('%s keeps the old rows and leaves nothing behind', async (_, fail, code) => {
    const table = await open();
    await refresh(table, versionBatches(1, 3_000), 42);
    const { checkpoint } = table;
    await expect(fail(table)).rejects.toMatchObject({ code });
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(1, 3_000));
    expect(table.checkpoint).toBe(checkpoint);
    expect(checkpoint).toMatchObject({ refreshedAtMs: 42, rowCount: 3_000n, bootstrapComplete: true });
    await refresh(table, versionBatches(3, 100));
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(3, 100));
  });

  it('a writer that was given up makes room for another one', async () => {
    const table = await open();
    await using session = await begin(table);
    {
      await using first = await session.writer();
      for (const batch of versionBatches(1, 30_000, 10_000)) await first.write(batch);
    }
    await using second = await session.writer();
    for (const batch of versionBatches(2, 500)) await second.write(batch);
    await second.finish();
    await expect(session.writer()).rejects.toMatchObject({ code: 'invalid_state' });
    await session.commit({ refreshedAtMs: 0, bootstrapComplete: true });
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(2, 500));
  });

  it('one refresh runs at a time, and only as a whole', async () => {
    const table = await open();
    const session = await begin(table);
    await expect(begin(table)).rejects.toMatchObject({ code: 'conflict' });
    await session.abort();
    await session.abort();
    await expect(table.beginRefresh({ mode: { kind: 'append' } }, CONTEXT)).rejects.toMatchObject({
      code: 'unsupported',
    });
    await refresh(table, versionBatches(1, 1));
  });

  it('makes indexes, and a refresh that breaks a unique one fails', async () => {
    const table = await open({ primaryKey: ['i'], indexes: [{ columns: ['v', 'text'], unique: true }] });
    expect(table.constraints).toEqual([
      { kind: 'primary_key', columns: ['i'], enforced: true },
      { kind: 'unique', columns: ['v', 'text'], enforced: true },
    ]);
    for (const version of [1, 2]) await refresh(table, versionBatches(version, 3_000));
    const [first] = versionBatches(3, 100);
    await expect(refresh(table, [first!, first!])).rejects.toMatchObject({ code: 'integrity' });
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(2, 3_000));
  });

  it('refuses nulls in a column that the source declared to have none', async () => {
    const [i, ...rest] = VERSION_SCHEMA.fields;
    const table = await open({ schema: { fields: [{ ...i!, nullable: false }, ...rest] } });
    const [batch] = versionBatches(1, 2);
    const nulls = { ...batch!.data.children[0]!, nullCount: 2, nullBitmap: new Uint8Array(1) };
    const broken = { ...batch!, data: { children: [nulls, ...batch!.data.children.slice(1)] } };
    await expect(refresh(table, [broken])).rejects.toMatchObject({ code: 'integrity' });
    expect(await scanAll(table)).toEqual([]);
  });
});
