import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completeVersion, describeRows, VERSION_SCHEMA, versionBatches } from '@millrace/test-fixtures';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Accelerated, accelerate, CONTEXT, refresh, scanAll } from './accelerate.ts';

const COUNT = 50;
const ROW_COUNT = 3_000;
/** Four that write, and eight that wait for the next scan. */
const MAX_THREADS = 12;
/** What the system tells of this process; elsewhere that part is not measured. */
const TASKS = '/proc/self/task';
const PATIENCE = { timeout: 60_000, interval: 50 };

describe('many copies in memory', () => {
  let folder: string;
  const opened: Accelerated[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-many-'));
  });
  afterEach(async () => {
    await closeAll();
    rmSync(folder, { recursive: true });
  });

  const closeAll = () => Promise.all(opened.splice(0).map(({ accelerator }) => accelerator.shutdown()));
  async function open(index: number): Promise<Accelerated> {
    const accelerated = await accelerate({ folder, schema: VERSION_SCHEMA, name: { table: `orders_${index}` } });
    opened.push(accelerated);
    return accelerated;
  }
  const countThreads = () => (existsSync(TASKS) ? readdirSync(TASKS).length : 0);
  /** Reads all copies at the same time. */
  const read = (copies: readonly Accelerated[]) =>
    Promise.all(copies.map(async ({ table }) => describeRows(await scanAll(table))));

  it('share a few threads, and have nothing else in common', async () => {
    if (!existsSync(TASKS)) console.info(`threads are not counted: there is no ${TASKS}`);
    // Threads that Node starts with the first files and workers are there from then on.
    const first = await open(0);
    await refresh(first.table, versionBatches(1, ROW_COUNT));
    await read([first]);
    await closeAll();
    const idle = countThreads();

    const copies = await Promise.all(Array.from({ length: COUNT }, (_, index) => open(index)));
    // All of them are in a transaction at the same time.
    const sessions = await Promise.all(
      copies.map(({ table }) => table.beginRefresh({ mode: { kind: 'overwrite' } }, CONTEXT)),
    );
    const writers = await Promise.all(sessions.map((session) => session.writer()));
    await Promise.all(
      writers.map(async (writer, index) => {
        for (const batch of versionBatches(index, ROW_COUNT)) await writer.write(batch);
        await writer.finish();
      }),
    );
    expect(countThreads() - idle).toBeLessThanOrEqual(MAX_THREADS);
    const [abandoned, ...kept] = sessions;
    await abandoned?.abort();
    await Promise.all(kept.map((session) => session.commit({ refreshedAtMs: Date.now(), bootstrapComplete: true })));
    await refresh(copies[0]!.table, versionBatches(0, ROW_COUNT));

    const expected = copies.map((_, index) => completeVersion(index, ROW_COUNT));
    expect(await read(copies)).toEqual(expected);
    await expect.poll(() => countThreads() - idle, PATIENCE).toBeLessThanOrEqual(MAX_THREADS);

    // A fourth of the others is in the thread that one writer leaves.
    const [closed, ...others] = copies.slice(0, 9);
    opened.splice(opened.indexOf(closed!), 1);
    await closed!.accelerator.shutdown();
    await Promise.all(others.map(({ table }) => refresh(table, versionBatches(COUNT, ROW_COUNT))));
    expect(await read(others)).toEqual(others.map(() => completeVersion(COUNT, ROW_COUNT)));

    await closeAll();
    await expect.poll(countThreads, PATIENCE).toBeLessThanOrEqual(idle);
  });
});
