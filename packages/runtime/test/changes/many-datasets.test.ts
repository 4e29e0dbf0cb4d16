import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import type { DatasetInput, Runtime } from '../../src/index.ts';
import { useChanges } from './changes-fixture.ts';

const STORE = 'many-datasets';
const COUNT = 200;
const PARALLELISM = 6;
/** What the system tells of this process; elsewhere that part is not measured. */
const PROCESS = '/proc/self';

/** Threads and open files of this process. */
function countResources() {
  return { threads: readdirSync(`${PROCESS}/task`).length, files: readdirSync(`${PROCESS}/fd`).length };
}

/** The databases that this process has open. */
function openDatabases(): readonly string[] {
  const targets = readdirSync(`${PROCESS}/fd`).map((descriptor) => {
    try {
      return basename(readlinkSync(`${PROCESS}/fd/${descriptor}`));
    } catch {
      return ''; // Closed in the meantime.
    }
  });
  return [...new Set(targets.filter((target) => /\.(duckdb|sqlite)$/.test(target)))].sort();
}

/** Four kinds of copies in turn; every fifth dataset reads through a query, every twentieth by its time. */
function definitionOf(index: number): DatasetInput {
  const name = `t${index}`;
  const places = [
    { engine: 'arrow' },
    { engine: 'duckdb', mode: 'file', params: { duckdb_file: 'shared.duckdb' } },
    { engine: 'sqlite', mode: 'file', params: { sqlite_file: 'shared.sqlite' } },
    { engine: 'duckdb' },
  ] as const;
  return {
    from: 'faulty:rows',
    name,
    params: { memory_database: STORE },
    ...(index % 20 === 19 ? { time_column: 'seen', time_format: 'unix_seconds' } : {}),
    acceleration: {
      ...places[index % places.length],
      ...(index % 5 === 3 ? { refresh_sql: `SELECT id, seen, ${index} AS n FROM ${name} WHERE id < 10` } : {}),
      ...(index % 20 === 19 ? { refresh_mode: 'append' } : {}),
    },
  };
}

describe(`${COUNT} accelerated datasets of one configuration`, () => {
  const fixture = useChanges(STORE);
  const datasets = Array.from({ length: COUNT }, (_, index) => definitionOf(index));
  const idsOf = (index: number) => (index % 5 === 3 ? 10 : 100);

  it('load side by side within bounds, and those in files are found again without a look at their source', async () => {
    memoryDatabase(STORE).put('rows', {
      schema: { fields: [field('id', dataTypes.int32()), field('seen', dataTypes.int32())] },
      rows: Array.from({ length: 100 }, (_, id) => [id, 1_700_000_000 + id]),
    });
    const hasProcess = existsSync(PROCESS);
    if (!hasProcess) console.info(`threads and files are not counted: there is no ${PROCESS}`);
    const before = hasProcess ? countResources() : undefined;
    const open = async (): Promise<Runtime> => {
      const config = { runtime: { dataset_load_parallelism: PARALLELISM }, datasets };
      const runtime = await fixture.start([], { config });
      await runtime.ready();
      return runtime;
    };

    const first = await open();
    expect(first.status()).toMatchObject({ isReady: true, isDegraded: false });
    expect(first.datasets().map(({ state, rowCount }) => `${state} ${rowCount}`)).toEqual(
      datasets.map((_, index) => `ready ${idsOf(index)}`),
    );
    expect(fixture.source.scanCount).toBe(COUNT);
    expect(fixture.source.mostReading).toBeLessThanOrEqual(PARALLELISM);
    expect(fixture.connectors.open).toBe(1);
    if (before) {
      const now = countResources();
      expect(now.threads - before.threads).toBeLessThanOrEqual(24);
      expect(now.files - before.files).toBeLessThanOrEqual(64);
      expect(openDatabases()).toEqual(['shared.duckdb', 'shared.sqlite']);
      console.info(`${COUNT} datasets: ${now.threads - before.threads} threads, ${now.files - before.files} files`);
    }
    // One of each kind of copy, whole and through a query.
    const sample = [0, 1, 2, 3, 8, 13, 18, 19];
    const ask = async (runtime: Runtime) => {
      for (const index of sample)
        expect(await fixture.rows(runtime, `SELECT count(*)::INTEGER AS n FROM t${index}`)).toEqual([
          { n: idsOf(index) },
        ]);
    };
    await ask(first);
    await first.close();

    const { scanCount } = fixture.source;
    const second = await open();
    const inFiles = datasets.filter(({ acceleration }) => acceleration?.mode === 'file');
    expect(second.status()).toMatchObject({ isReady: true, isDegraded: false });
    expect(second.datasets().map(({ rowCount }) => Number(rowCount))).toEqual(datasets.map((_, index) => idsOf(index)));
    expect(fixture.source.scanCount - scanCount).toBe(COUNT - inFiles.length);
    await ask(second);
  }, 600_000);
});
