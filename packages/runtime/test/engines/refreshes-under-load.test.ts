import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchFromColumns } from '@millrace/arrow';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import type { RecordBatch } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { ENGINE_MODES, ENGINES, openEngine } from '@millrace/engines';
import {
  ConcurrentReaders,
  completeVersion,
  describeRows,
  VERSION_SCHEMA,
  versionBatches,
} from '@millrace/test-fixtures';
import { afterEach, describe, expect, it } from 'vitest';
import { createRuntime, type Runtime } from '../../src/index.ts';

const isFull = process.env.MILLRACE_TEST_FULL === '1';
/** The whole counts are those of the acceptance: 50 refreshes of 200,000 rows, 100 of a table of 5 MB. */
const ATOMIC = isFull ? { refreshes: 50, rowCount: 200_000 } : { refreshes: 5, rowCount: 4_000 };
const SIZED = isFull ? { refreshes: 100, rowCount: 100_000 } : { refreshes: 5, rowCount: 10_000 };
const READERS = 8;
const STORE = 'refreshes-under-load';

const put = (version: number, rowCount: number): void => {
  memoryDatabase(STORE).put('a', { batches: versionBatches(version, rowCount, 20_000) });
};

/** Rows that no engine makes much smaller: 100,000 of them take 5 MB and more. */
function putDense(version: number, rowCount: number): void {
  let state = version + 1;
  const text = (): string => {
    let made = '';
    while (made.length < 60) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      made += state.toString(36);
    }
    return made;
  };
  const batches: RecordBatch[] = [];
  for (let start = 0; start < rowCount; start += 20_000) {
    const length = Math.min(20_000, rowCount - start);
    const columns = [
      Array.from({ length }, (_, row) => BigInt(start + row)),
      new Int32Array(length).fill(version),
      Array.from({ length }, text),
    ];
    batches.push(batchFromColumns(VERSION_SCHEMA, columns));
  }
  memoryDatabase(STORE).put('a', { batches });
}

/** What one statement says of the version that it read; all rows take part. */
async function readVersion(runtime: Runtime, rowCount: number): Promise<number> {
  const result = await runtime.sql(
    `SELECT count(*)::INTEGER AS n, sum(i)::BIGINT AS checksum, min(v) AS low, max(v) AS high,
            count(*) FILTER (NOT starts_with(text, concat('text of version ', v, ', row ', i)))::INTEGER AS strange FROM a`,
  );
  const [row] = await result.toRows();
  const { sum } = completeVersion(0, rowCount);
  expect(row).toEqual({ n: rowCount, checksum: sum, low: row?.high, high: row?.high, strange: 0 });
  return Number(row?.high);
}

describe.each(ENGINE_MODES)('refreshes of $engine in mode $mode', (engineMode) => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function start(): Promise<{
    readonly runtime: Runtime;
    readonly open: () => Promise<Runtime>;
    readonly folder: string;
  }> {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-load-'));
    closing.push(() => rmSync(folder, { recursive: true, force: true }));
    const { params, close } = await openEngine(engineMode.engine);
    closing.push(close);
    const acceleration = { ...engineMode, params };
    const open = async (): Promise<Runtime> => {
      const runtime = await createRuntime({
        config: { datasets: [{ from: 'memory:a', name: 'a', params: { memory_database: STORE }, acceleration }] },
        registry: createRegistry({ connectors: [memoryConnector], accelerators: ENGINES }),
        baseDirectory: folder,
        threads: 2,
      });
      closing.push(() => runtime.close());
      await runtime.ready();
      return runtime;
    };
    return { runtime: await open(), open, folder };
  }
  const title = `${engineMode.engine} ${engineMode.mode}`;

  it(`let ${READERS} readers see complete versions alone, ${ATOMIC.refreshes} times of ${ATOMIC.rowCount} rows`, async () => {
    const { refreshes, rowCount } = ATOMIC;
    put(0, rowCount);
    const { runtime } = await start();
    const seen = new Set<number>();
    const readers = new ConcurrentReaders(READERS, async () => {
      const version = await readVersion(runtime, rowCount);
      seen.add(version);
      return version;
    });
    for (let version = 1; version <= refreshes; version++) {
      put(version, rowCount);
      expect(await runtime.refresh('a')).toMatchObject({ rowCount: BigInt(rowCount), mode: 'full' });
      if (!isFull || version % 5 === 0) await readers.untilSeen(version);
    }
    await readers.stop();
    expect(await readVersion(runtime, rowCount)).toBe(refreshes);
    console.info(`${title}: ${readers.readCount} reads of ${seen.size} versions, each complete`);
  }, 3_600_000);

  it('let a result that is read slowly be, and it neither keeps queries nor refreshes waiting', async () => {
    const rowCount = 50_000;
    put(1, rowCount);
    const { runtime } = await start();
    const paused = await runtime.sql('SELECT * FROM a');
    const batches: RecordBatch[] = [];
    for await (const batch of paused) {
      if (batches.length === 0) {
        for (const version of [2, 3]) {
          put(version, rowCount);
          await runtime.refresh('a');
          expect(await readVersion(runtime, rowCount)).toBe(version);
        }
      }
      batches.push(batch);
    }
    expect(describeRows(batches)).toEqual(completeVersion(1, rowCount));
  });

  if (engineMode.mode !== 'file') return;

  it(`keep the file small over ${SIZED.refreshes} versions of ${SIZED.rowCount} rows, and no reader waits`, async () => {
    const { refreshes, rowCount } = SIZED;
    putDense(0, rowCount);
    const { runtime: first, open, folder } = await start();
    await first.close();
    const sizeNow = (): number => {
      const files = readdirSync(join(folder, '.millrace'), { withFileTypes: true }).filter((file) => file.isFile());
      return files.reduce((sum, { name }) => {
        return sum + (statSync(join(folder, '.millrace', name), { throwIfNoEntry: false })?.size ?? 0);
      }, 0);
    };
    const oneVersion = sizeNow();
    expect(oneVersion).toBeGreaterThan(rowCount * 30);
    const runtime = await open();
    const readers = new ConcurrentReaders(READERS, async (reader) => {
      const result = await runtime.sql('SELECT max(v) AS v FROM (SELECT v FROM a LIMIT 500) WHERE v >= $1', {
        parameters: [-reader],
      });
      return Number((await result.toRows())[0]?.v);
    });
    let largest = 0;
    for (let version = 1; version <= refreshes; version++) {
      putDense(version, rowCount);
      await runtime.refresh('a');
      // Readers are never kept out: somebody reads each version before the next one comes.
      await readers.untilSeen(version);
      largest = Math.max(largest, sizeNow());
    }
    await readers.stop();
    const atEnd = sizeNow();
    // Whether the space of old versions is free by now depends on how long the last readers of each take, and so on how busy the machine is;
    // once they have ended, the next versions go where the old ones were.
    for (const version of [refreshes + 1, refreshes + 2, refreshes + 3]) {
      putDense(version, rowCount);
      await runtime.refresh('a');
    }
    const versions = (size: number): string => (size / oneVersion).toFixed(2);
    console.info(
      `${title}: a version takes ${(oneVersion / 1e6).toFixed(1)} MB; with readers ${versions(largest)} versions at most, ${versions(atEnd)} at the end, ${versions(sizeNow())} without readers; ${readers.readCount} reads`,
    );
    expect((isFull ? atEnd : sizeNow()) / oneVersion).toBeLessThanOrEqual(6);
  }, 3_600_000);
});
