import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordBatch } from '@millrace/core';
import {
  ConcurrentReaders,
  completeVersion,
  describeRows,
  testRefreshes,
  VERSION_SCHEMA,
  versionBatches,
} from '@millrace/test-fixtures';
import * as runner from 'vitest';
import { type Accelerated, accelerate, CONTEXT, refresh, scanAll } from './accelerate.ts';

const { afterAll, beforeAll, describe, expect, it } = runner;
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

  testRefreshes({ runner, open, rowCount: 80_000 });

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
});
