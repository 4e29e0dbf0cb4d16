import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { duckdbAccelerator } from '@millrace/accelerator-duckdb';
import { batchFromColumns, sliceBatch } from '@millrace/arrow';
import { fileConnector } from '@millrace/connector-file';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { openDatabase } from '@millrace/duckdb';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import {
  createRuntime,
  formatPrometheus,
  type MemoryStatus,
  type Runtime,
  type RuntimeConfigInput,
  type RuntimeOptions,
} from '../../src/index.ts';

const MIB = 2 ** 20;
const STORE = 'memory-budget';
const ROW_COUNT = 200_000;
/** What the rows take in Arrow's layout: two integers, a text of 32 characters and where it begins. */
const COPY_BYTES = ROW_COUNT * (8 + 8 + 32 + 4);

let folder: string;
const runtimes: Runtime[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-budget-'));
  await writeRows('rows.parquet', ROW_COUNT);
});

afterEach(async () => {
  await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function writeRows(file: string, rowCount: number): Promise<void> {
  await using database = await openDatabase({ path: ':memory:' });
  const rows = `SELECT i, i % 20 AS g, md5(i::VARCHAR) AS t FROM range(${rowCount}) s(i)`;
  await database.withConnection((connection) => connection.run(`COPY (${rows}) TO '${join(folder, file)}'`));
}

async function start(config: RuntimeConfigInput, options: RuntimeOptions = {}): Promise<Runtime> {
  const runtime = await createRuntime({
    config,
    baseDirectory: folder,
    registry: createRegistry({
      connectors: [fileConnector, memoryConnector],
      accelerators: [arrowAccelerator, duckdbAccelerator],
    }),
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    ...options,
  });
  runtimes.push(runtime);
  return runtime;
}

function copyOf(name: string, engine: string, params: Readonly<Record<string, string>> = {}) {
  const mode = 'duckdb_file' in params ? 'file' : 'memory';
  const acceleration = { engine, mode, params, refresh_retry_enabled: false } as const;
  return { from: 'file:rows.parquet', name, acceleration };
}

async function rowsOf(runtime: Runtime, sql: string): Promise<readonly unknown[]> {
  return (await runtime.sql(sql)).toRows();
}

function sumOf({ components }: MemoryStatus): number {
  return components.reduce((total, { reservedBytes }) => total + reservedBytes, 0);
}

function reservedFor(status: MemoryStatus, component: string): number | undefined {
  return status.components.find((each) => each.component === component)?.reservedBytes;
}

it('20 datasets in 8 files under 256 MiB load and answer right', async () => {
  const groups = Array.from({ length: 20 }, (_, group) => group);
  const datasets = groups.map((group) => {
    const dataset = copyOf(`d${group}`, 'duckdb', { duckdb_file: `shared-${group % 8}.duckdb` });
    const refreshSql = `SELECT * FROM d${group} WHERE g = ${group}`;
    return { ...dataset, acceleration: { ...dataset.acceleration, refresh_sql: refreshSql } };
  });
  const runtime = await start({ runtime: { memory_limit: '256MiB' }, datasets });
  await runtime.ready();
  const all = groups.map((group) => `SELECT * FROM d${group}`).join(' UNION ALL ');
  expect(
    await rowsOf(runtime, `SELECT count(*) AS n, sum(i)::BIGINT AS s, count(DISTINCT t) AS t FROM (${all})`),
  ).toEqual([{ n: BigInt(ROW_COUNT), s: BigInt((ROW_COUNT * (ROW_COUNT - 1)) / 2), t: BigInt(ROW_COUNT) }]);
  const status = await runtime.memory();
  expect(status.limitBytes).toBe(256 * MIB);
  expect(sumOf(status)).toBeLessThanOrEqual(256 * MIB);
  expect(reservedFor(status, 'query engine')).toBeGreaterThanOrEqual(64 * MIB);
  expect(reservedFor(status, 'file connector')).toBeGreaterThanOrEqual(32 * MIB);
});

it('a statement that needs more memory than there is spills, or fails with a code and leaves the next one alone', async () => {
  const runtime = await start({ runtime: { memory_limit: '128MiB' }, datasets: [] });
  expect(
    await rowsOf(runtime, 'SELECT count(*) AS n FROM (SELECT DISTINCT md5(i::VARCHAR) AS m FROM range(2000000) r(i))'),
  ).toEqual([{ n: 2_000_000n }]);
  const tooMuch = rowsOf(runtime, 'SELECT length(string_agg(md5(i::VARCHAR))) AS n FROM range(6000000) r(i)');
  await expect(tooMuch).rejects.toMatchObject({
    code: 'resource_exhausted',
    hint: expect.stringContaining('Raise runtime.memory_limit'),
  });
  expect(await rowsOf(runtime, 'SELECT count(*) AS n FROM range(10) r(i)')).toEqual([{ n: 10n }]);
});

it('a refresh for which there is no memory fails with a code, and the old rows are served', async () => {
  // 32 MB, of which there is room for one, beside the least that the engine needs.
  const rowCount = 1_000_000;
  const columns = ['a', 'b', 'c', 'd'].map((name) => field(name, dataTypes.int64()));
  const numbers = BigInt64Array.from({ length: rowCount }, (_, row) => BigInt(row));
  const batch = batchFromColumns(
    { fields: columns },
    columns.map(() => numbers.slice()),
  );
  memoryDatabase(STORE).put('numbers', { schema: batch.schema, batches: [batch] });
  const acceleration = { engine: 'arrow', refresh_retry_enabled: false };
  const datasets = [{ from: 'memory:numbers', name: 'numbers', params: { memory_database: STORE }, acceleration }];
  const runtime = await start({ runtime: { memory_limit: '128MiB' }, datasets });
  await runtime.ready();
  expect(reservedFor(await runtime.memory(), 'dataset numbers')).toBeGreaterThanOrEqual(rowCount * 32);
  await expect(runtime.refresh('numbers')).rejects.toMatchObject({
    code: 'resource_exhausted',
    retryable: true,
    message: expect.stringMatching(
      /^dataset numbers \(arrow\): .* than runtime.memory_limit leaves.*; the old rows stay/,
    ),
    hint: expect.stringContaining('Raise runtime.memory_limit'),
  });
  expect(runtime.datasets()[0]).toMatchObject({ state: 'error', rowCount: BigInt(rowCount) });
  expect(await rowsOf(runtime, 'SELECT count(*) AS n, max(d) AS d FROM numbers')).toEqual([
    { n: BigInt(rowCount), d: BigInt(rowCount - 1) },
  ]);
  expect(sumOf(await runtime.memory())).toBeLessThanOrEqual(128 * MIB);
  memoryDatabase(STORE).put('numbers', { schema: batch.schema, batches: [sliceBatch(batch, 0, 10)] });
  await runtime.refresh('numbers');
  expect(await rowsOf(runtime, 'SELECT count(*) AS n FROM numbers')).toEqual([{ n: 10n }]);
});

it('a refresh whose own query needs too much memory fails with a code, and the old rows are served', async () => {
  await writeRows('growing.parquet', 10);
  const refresh_sql = 'SELECT length(string_agg(repeat(t, 40))) AS n FROM texts';
  const acceleration = { engine: 'duckdb', refresh_sql, refresh_retry_enabled: false };
  const datasets = [{ from: 'file:growing.parquet', name: 'texts', acceleration }];
  const runtime = await start({ runtime: { memory_limit: '128MiB' }, datasets });
  await runtime.ready();
  const before = await rowsOf(runtime, 'SELECT n FROM texts');
  await writeRows('growing.parquet', ROW_COUNT);
  await expect(runtime.refresh('texts')).rejects.toMatchObject({
    code: 'resource_exhausted',
    message: expect.stringMatching(/^dataset texts: its refresh needs more memory than there is: failed to/),
    hint: expect.stringContaining('Raise runtime.memory_limit'),
  });
  expect(await rowsOf(runtime, 'SELECT n FROM texts')).toEqual(before);
  await writeRows('growing.parquet', 10);
  await runtime.refresh('texts');
  expect(runtime.datasets()[0]).toMatchObject({ state: 'ready' });
});

it('copies take memory from the query engine and give it back', async () => {
  const runtime = await start({ runtime: { memory_limit: '256MiB' }, datasets: [] });
  const before = reservedFor(await runtime.memory(), 'query engine') ?? 0;
  expect(before).toBe(240 * MIB);
  await runtime.addDataset(copyOf('rows', 'arrow'));
  await runtime.ready();
  const during = await runtime.memory();
  expect(reservedFor(during, 'query engine')).toBeLessThan(before - COPY_BYTES);
  expect(sumOf(during)).toBeLessThanOrEqual(256 * MIB);
  await runtime.removeDataset('rows');
  // The connector is closed in the background, once nothing reads from it any more.
  await vi.waitFor(async () => expect(reservedFor(await runtime.memory(), 'query engine')).toBe(before), 60_000);
  expect(reservedFor(await runtime.memory(), 'dataset rows')).toBeUndefined();
});

it('a copy in DuckDB may have memory and an instance of its own', async () => {
  const runtime = await start({
    runtime: { memory_limit: '256MiB' },
    datasets: [
      copyOf('own', 'duckdb', { duckdb_memory_limit: '64MiB' }),
      copyOf('a', 'duckdb', { duckdb_file: 'limited.duckdb', duckdb_memory_limit: '40MiB' }),
      copyOf('b', 'duckdb', { duckdb_file: 'limited.duckdb', duckdb_memory_limit: '40MiB' }),
    ],
  });
  await runtime.ready();
  const status = await runtime.memory();
  expect(reservedFor(status, 'dataset own')).toBe(64 * MIB);
  const [a = 0, b = 0] = ['dataset a', 'dataset b'].map((name) => reservedFor(status, name));
  expect(a + b).toBe(40 * MIB);
  expect(sumOf(status)).toBeLessThanOrEqual(256 * MIB);
  const sql =
    'SELECT count(*) AS n, sum(own.i)::BIGINT AS s FROM own JOIN a ON own.i = a.i JOIN b ON own.t = b.t WHERE own.g < 10';
  const half = ROW_COUNT / 2;
  const { scans } = await runtime.explain(sql);
  expect(scans.map(({ access }) => access)).toEqual(['scan', 'scan', 'scan']);
  expect(await rowsOf(runtime, sql)).toEqual([{ n: BigInt(half), s: expect.anything() }]);
  await runtime.refresh('own');
  expect(await rowsOf(runtime, 'SELECT count(*) AS n FROM own')).toEqual([{ n: BigInt(ROW_COUNT) }]);
});

it.each<[string, RuntimeConfigInput, RegExp]>([
  [
    'copies that are to have more than there is',
    {
      runtime: { memory_limit: '256MiB' },
      datasets: [copyOf('rows', 'arrow', { arrow_memory_limit: '200MiB' })],
    },
    /dataset rows: arrow_memory_limit asks for 200 MiB, and of the 256 MiB of runtime.memory_limit .* leave/,
  ],
  [
    'instances that are to have more than there is',
    {
      runtime: { memory_limit: '256MiB' },
      datasets: [copyOf('rows', 'duckdb', { duckdb_memory_limit: '200MiB' })],
    },
    /dataset rows: duckdb_memory_limit asks for 200 MiB/,
  ],
  [
    'a limit that is too small for an instance',
    { datasets: [copyOf('rows', 'duckdb', { duckdb_memory_limit: '1MiB' })] },
    /dataset rows \(duckdb\): duckdb_memory_limit is less than the 32 MiB/,
  ],
  [
    'two limits of one file',
    {
      datasets: [
        copyOf('a', 'duckdb', { duckdb_file: 'two.duckdb' }),
        copyOf('b', 'duckdb', { duckdb_file: 'two.duckdb', duckdb_memory_limit: '64MiB' }),
      ],
    },
    /dataset [ab] \(duckdb\): its duckdb_memory_limit is another one than the file .*two\.duckdb is open with/,
  ],
  [
    'a results cache that leaves the engine nothing',
    { runtime: { memory_limit: '128MiB', caching: { sql_results: {} } }, datasets: [] },
    /`runtime.caching.sql_results.max_size` is 128 MiB, and `runtime.memory_limit` leaves 48 MiB/,
  ],
])('%s are a mistake in the configuration', async (_, config, message) => {
  await expect(start(config)).rejects.toMatchObject({
    code: 'invalid_config',
    message: expect.stringMatching(message),
  });
});

it('the limit is part of what the process may use, or the one that the program gives', async () => {
  const half = await start({ runtime: { memory_limit: '256MiB' }, datasets: [] }, { memoryLimit: '50%' });
  const quarter = await start({ runtime: { memory_limit: '25%' }, datasets: [] });
  const [{ limitBytes: halfBytes }, { limitBytes: quarterBytes }] = await Promise.all([
    half.memory(),
    quarter.memory(),
  ]);
  expect(Math.abs(halfBytes - 2 * quarterBytes)).toBeLessThanOrEqual(2);
  await expect(start({ datasets: [] }, { memoryLimit: 'much' })).rejects.toMatchObject({
    code: 'invalid_argument',
    message: expect.stringContaining('`memoryLimit` must be a size of at least 128MiB'),
  });
});

it('metrics tell the limit, what is set aside and what is used', async () => {
  const runtime = await start({
    runtime: { memory_limit: '256MiB' },
    datasets: [copyOf('rows', 'arrow'), copyOf('in_duckdb', 'duckdb')],
  });
  await runtime.ready();
  const { components } = await runtime.memory();
  const text = formatPrometheus(runtime.metrics());
  expect(text).toContain(`memory_limit_bytes ${256 * MIB}\n`);
  expect(text).toContain('memory_refusals_total 0\n');
  const engine = components.find(({ component }) => component === 'query engine');
  expect(engine?.usedBytes).toBeGreaterThan(MIB);
  expect(text).toContain(`memory_used_bytes{component="query engine"} ${engine?.usedBytes}\n`);
  expect(text).toContain(`memory_reserved_bytes{component="query engine"} ${engine?.reservedBytes}\n`);
  expect(text).toContain('memory_spilled_bytes{component="query engine"} 0\n');
  expect(text).toMatch(/memory_used_bytes\{component="dataset rows"\} \d{7,}\n/);
});
