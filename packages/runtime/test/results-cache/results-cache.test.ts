import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field, type RecordBatch } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { ENGINE_MODES, ENGINES, openEngine } from '@millrace/engines';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AccelerationInput,
  createRuntime,
  type DatasetInput,
  formatExplanation,
  type ResultsCacheInput,
  type Runtime,
  type RuntimeConfigInput,
  type SqlOptions,
} from '../../src/index.ts';
import { createFaultySource, type FaultySource } from '../worker/faulty-source.ts';
import { ManualClock } from '../worker/manual-clock.ts';

const STORE = 'results-cache';
const LONG = { item_ttl: '1h' } satisfies ResultsCacheInput;

/** Rows of one version, which tell the version. */
function put(table: string, version: number, rowCount = 3): void {
  memoryDatabase(STORE).put(table, {
    schema: { fields: [field('id', dataTypes.int32()), field('version', dataTypes.int32())] },
    rows: Array.from({ length: rowCount }, (_, id) => [id, version]),
  });
}

describe('the results cache', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-results-'));
  const runtimes: Runtime[] = [];
  const closing: (() => Promise<void>)[] = [];
  let source: FaultySource;
  let clock: ManualClock;

  beforeEach(() => {
    source = createFaultySource();
    clock = new ManualClock();
    for (const table of ['a', 'b']) put(table, 1);
  });
  afterEach(async () => {
    await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
    await Promise.all(closing.splice(0).map((close) => close()));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function start(config: RuntimeConfigInput, cache: ResultsCacheInput | 'none' = LONG): Promise<Runtime> {
    const runtime = await createRuntime({
      config: { ...config, ...(cache === 'none' ? {} : { runtime: { caching: { sql_results: cache } } }) },
      clock,
      baseDirectory: folder,
      registry: createRegistry({ connectors: [source.plugin], accelerators: ENGINES }),
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
    runtimes.push(runtime);
    await runtime.ready();
    return runtime;
  }
  const dataset = (name: string, acceleration?: AccelerationInput): DatasetInput => ({
    from: `faulty:${name}`,
    name,
    params: { memory_database: STORE },
    ...(acceleration ? { acceleration } : {}),
  });
  async function ask(runtime: Runtime, sql: string, options?: SqlOptions) {
    const result = await runtime.sql(sql, options);
    return { status: result.cacheStatus, rows: await result.toRows() };
  }
  const statusOf = async (runtime: Runtime, sql: string, options?: SqlOptions) =>
    (await ask(runtime, sql, options)).status;

  it('is off unless the configuration has it', async () => {
    const runtime = await start({ datasets: [dataset('a')] }, 'none');
    expect(await statusOf(runtime, 'FROM a')).toBe('disabled');
    expect(await statusOf(runtime, 'FROM a')).toBe('disabled');
    expect(runtime.resultsCache()).toBeUndefined();
    const switchedOff = await start({ datasets: [dataset('a')] }, { enabled: false });
    expect(await statusOf(switchedOff, 'FROM a')).toBe('disabled');
  });

  it('answers the same statement without asking the source again', async () => {
    const runtime = await start({ datasets: [dataset('a')] });
    const first = await ask(runtime, 'SELECT * FROM a ORDER BY id');
    const scanCount = source.scanCount;
    expect(first.status).toBe('miss');
    expect(await ask(runtime, ' SELECT * FROM a ORDER BY id; -- again')).toEqual({ ...first, status: 'hit' });
    expect(source.scanCount).toBe(scanCount);
    expect(await statusOf(runtime, 'SELECT * FROM a ORDER BY id DESC')).toBe('miss');
    expect(runtime.resultsCache()).toMatchObject({ hits: 1, misses: 2, bypasses: 0, itemCount: 2, evictions: 0 });
  });

  it('tells the values of parameters apart by their types', async () => {
    const runtime = await start({ datasets: [dataset('a')] });
    const sql = 'SELECT typeof($1) AS type FROM a LIMIT 1';
    for (const value of [1, 1n, '1', true]) expect(await statusOf(runtime, sql, { parameters: [value] })).toBe('miss');
    for (const [value, type] of [
      [1, 'INTEGER'],
      [1n, 'BIGINT'],
      ['1', 'VARCHAR'],
      [true, 'BOOLEAN'],
    ] as const)
      expect(await ask(runtime, sql, { parameters: [value] })).toEqual({ status: 'hit', rows: [{ type }] });
    const id = 1;
    await (await runtime.sql`SELECT * FROM a WHERE id = ${id}`).toRows();
    expect((await runtime.sql`SELECT * FROM a WHERE id = ${id}`).cacheStatus).toBe('hit');
  });

  it('serves a result no longer than item_ttl after its query began', async () => {
    const runtime = await start({ datasets: [dataset('a')] }, { item_ttl: '10s' });
    await ask(runtime, 'FROM a');
    put('a', 2);
    clock.advance(10_000);
    expect(await ask(runtime, 'FROM a ORDER BY id LIMIT 1')).toMatchObject({ status: 'miss' });
    expect(await statusOf(runtime, 'FROM a')).toBe('hit');
    clock.advance(1);
    expect(await ask(runtime, 'FROM a')).toMatchObject({ status: 'miss', rows: [{ version: 2 }, {}, {}] });
    // A query that takes longer than that leaves nothing.
    const slow = await runtime.sql('SELECT id FROM a');
    clock.advance(10_001);
    await slow.toRows();
    expect(await statusOf(runtime, 'SELECT id FROM a')).toBe('miss');
    expect(runtime.resultsCache()?.itemCount).toBe(1);
  });

  it.each(
    ENGINE_MODES.filter(({ engine }, index) => ENGINE_MODES.findIndex((each) => each.engine === engine) === index),
  )('$engine: a refresh drops what was computed from the rows before it', async (engineMode) => {
    const { params, close } = await openEngine(engineMode.engine);
    closing.push(close);
    const acceleration = { ...engineMode, params };
    const runtime = await start({
      datasets: [dataset('a', acceleration), dataset('b', acceleration)],
      views: [
        { name: 'over', sql: 'SELECT version FROM a' },
        { name: 'over_over', sql: 'SELECT max(version) AS version FROM over' },
      ],
    });
    const ofA = [
      'SELECT max(version) AS version FROM a',
      'SELECT (SELECT max(version) FROM a) AS version',
      'WITH c AS (FROM a) SELECT max(version) AS version FROM c',
      'SELECT version FROM over_over',
      'SELECT max(a.version) AS version FROM b, a',
    ];
    for (const sql of ofA) expect(await statusOf(runtime, sql)).toBe('miss');
    expect(await statusOf(runtime, 'FROM b')).toBe('miss');
    put('a', 2);
    for (const sql of ofA) expect(await ask(runtime, sql)).toEqual({ status: 'hit', rows: [{ version: 1 }] });
    await runtime.refresh('a');
    expect(runtime.resultsCache()).toMatchObject({ invalidations: ofA.length, itemCount: 1 });
    for (const sql of ofA) expect(await ask(runtime, sql)).toEqual({ status: 'miss', rows: [{ version: 2 }] });
    expect(await statusOf(runtime, 'FROM b')).toBe('hit');
    // One that fails changes nothing.
    source.failure = 'lasting';
    await expect(runtime.refresh('a')).rejects.toMatchObject({ code: 'unauthorized' });
    for (const sql of ofA) expect(await statusOf(runtime, sql)).toBe('hit');
  });

  it('never keeps a result that was computed before a refresh and ended after it', async () => {
    const runtime = await start({ datasets: [dataset('a', { engine: 'arrow' }), dataset('b')] });
    const sql = 'SELECT max(a.version) AS a, max(b.version) AS b FROM a, b';
    let open = (): void => {};
    source.gate = new Promise((resolve) => {
      open = resolve;
    });
    const early = ask(runtime, sql);
    await expect.poll(() => source.reading, { timeout: 60_000 }).toBe(1);
    source.gate = undefined;
    put('a', 2);
    await runtime.refresh('a');
    open();
    expect(await early).toMatchObject({ status: 'miss' });
    expect(runtime.resultsCache()?.itemCount).toBe(0);
    expect(await ask(runtime, sql)).toEqual({ status: 'miss', rows: [{ a: 2, b: 1 }] });
    expect(await ask(runtime, sql)).toEqual({ status: 'hit', rows: [{ a: 2, b: 1 }] });
    // The same where the rows are all there, and the reader is slow.
    const late = await runtime.sql('SELECT version FROM a');
    await runtime.refresh('a');
    expect((await late.toRows()).length).toBe(3);
    expect(await statusOf(runtime, 'SELECT version FROM a')).toBe('miss');
  });

  it('keeps only what was read to its end without an error', async () => {
    put('a', 1, 10_000);
    const runtime = await start({ datasets: [dataset('a')] });
    for await (const batch of await runtime.sql('FROM a')) {
      expect(batch.numRows).toBeGreaterThan(0);
      break;
    }
    const closed = await runtime.sql('FROM a');
    await closed.close();
    await expect(closed.toRows()).rejects.toMatchObject({ code: 'cancelled' });
    const controller = new AbortController();
    const aborted = await runtime.sql('FROM a', { signal: controller.signal });
    controller.abort();
    await expect(aborted.toRows()).rejects.toMatchObject({ code: 'cancelled' });
    const broken = "SELECT CASE WHEN id < 9999 THEN id ELSE CAST('x' || id AS INTEGER) END AS id FROM a";
    await expect(ask(runtime, broken)).rejects.toMatchObject({ name: 'MillraceError' });
    expect(runtime.resultsCache()?.itemCount).toBe(0);
    expect(await statusOf(runtime, 'FROM a')).toBe('miss');
    expect(await statusOf(runtime, 'FROM a')).toBe('hit');
  });

  it('takes no part in what it must not or may not answer', async () => {
    const runtime = await start({
      datasets: [dataset('a', { engine: 'duckdb' })],
      views: [{ name: 'fresh', sql: 'SELECT *, now() AS at FROM a' }],
    });
    const bypassed: readonly (readonly [string, SqlOptions?])[] = [
      ['SELECT *, random() FROM a'],
      ['SELECT id FROM fresh'],
      ['FROM a USING SAMPLE 2 ROWS'],
      ['FROM a', { cache: 'off' }],
      ['FROM a', { pushdown: 'off' }],
      ['FROM a', { native: 'off' }],
      ['SHOW TABLES'],
      ['DESCRIBE a'],
      ['EXPLAIN FROM a'],
      ['SELECT count(*) AS n FROM information_schema.tables'],
    ];
    for (const round of [1, 2])
      for (const [sql, options] of bypassed)
        expect({ round, sql, status: await statusOf(runtime, sql, options) }).toEqual({ round, sql, status: 'bypass' });
    expect(runtime.resultsCache()).toMatchObject({ hits: 0, misses: 0, bypasses: 20, itemCount: 0, byteCount: 0 });
  });

  it('is bounded by bytes: the least recently used gives way, and no result takes more than its share', async () => {
    put('a', 1, 4_000);
    const runtime = await start({ datasets: [dataset('a')] }, { max_size: '512KiB', item_ttl: '1h' });
    const page = (number: number) => `SELECT * FROM a WHERE id + ${number} >= 0`;
    // 4,000 rows of two INTEGERs: 32,000 bytes each.
    for (let number = 1; number <= 14; number += 1) await ask(runtime, page(number));
    expect(runtime.resultsCache()).toMatchObject({ itemCount: 14, evictions: 0, maxByteCount: 524_288 });
    expect(await statusOf(runtime, page(1))).toBe('hit');
    for (let number = 15; number <= 17; number += 1) await ask(runtime, page(number));
    const { evictions, itemCount, byteCount } = runtime.resultsCache()!;
    expect(evictions).toBeGreaterThan(0);
    expect(itemCount).toBe(17 - evictions);
    expect(byteCount).toBeGreaterThan(itemCount * 32_000);
    expect(byteCount).toBeLessThanOrEqual(524_288);
    expect(await statusOf(runtime, page(1))).toBe('hit');
    expect(await statusOf(runtime, page(2))).toBe('miss');
    const wide = 'SELECT id, version, id + 1 AS x, id + 2 AS y, id + 3 AS z FROM a';
    expect(await statusOf(runtime, wide)).toBe('miss');
    expect(await statusOf(runtime, wide)).toBe('miss');
  });

  it('is not changed by what readers do with the batches that they got', async () => {
    const runtime = await start({ datasets: [dataset('a')] });
    const expected = (await ask(runtime, 'FROM a ORDER BY id', { cache: 'off' })).rows;
    for (const status of ['miss', 'hit', 'hit', 'hit']) {
      const result = await runtime.sql('FROM a ORDER BY id');
      expect(result.cacheStatus).toBe(status);
      const batches: RecordBatch[] = [];
      for await (const batch of result) batches.push(batch);
      // Detaches the buffers, as handing them to a worker does.
      const buffers = batches.flatMap(({ data }) => data.children.map(({ values }) => values!.buffer as ArrayBuffer));
      structuredClone(buffers, { transfer: [...new Set(buffers)] });
      expect(buffers.every(({ byteLength }) => byteLength === 0)).toBe(true);
    }
    expect(await ask(runtime, 'FROM a ORDER BY id')).toEqual({ status: 'hit', rows: expected });
  });

  it('gives a result that is closed or aborted as any other', async () => {
    const runtime = await start({ datasets: [dataset('a')] });
    await ask(runtime, 'FROM a');
    const closed = await runtime.sql('FROM a');
    await closed.close();
    await expect(closed.toRows()).rejects.toMatchObject({ code: 'cancelled' });
    const controller = new AbortController();
    const aborted = await runtime.sql('FROM a', { signal: controller.signal });
    controller.abort();
    await expect(aborted.toRows()).rejects.toMatchObject({ code: 'cancelled' });
    const last = await runtime.sql('FROM a');
    expect([closed, aborted, last].map(({ cacheStatus }) => cacheStatus)).toEqual(['hit', 'hit', 'hit']);
    await runtime.close();
    await expect(last.toRows()).rejects.toMatchObject({ code: 'cancelled' });
    await expect(runtime.sql('FROM a')).rejects.toMatchObject({ code: 'invalid_state' });
  });

  it('is told of by explain, in both forms', async () => {
    const runtime = await start({ datasets: [dataset('a')] });
    expect((await runtime.explain('FROM a')).cache).toEqual({ status: 'miss' });
    await ask(runtime, 'FROM a');
    clock.advance(250);
    const explanation = await runtime.explain('FROM a');
    expect(explanation).toMatchObject({ cache: { status: 'hit', rowCount: 3, ageMs: 250 }, scans: [{ table: 'a' }] });
    expect(formatExplanation(explanation)).toContain('results cache: hit\n  3 rows, 250 ms old\n\na: scan');
    expect((await runtime.explain('SELECT uuid() FROM a')).cache).toMatchObject({ status: 'bypass' });
    const lines = (await ask(runtime, 'EXPLAIN FROM a')).rows.map(({ explain }) => explain);
    expect(lines).toEqual(formatExplanation(explanation).split('\n'));
    expect(runtime.resultsCache()).toMatchObject({ hits: 0, misses: 1 });
  });

  it('refuses what is wrong in its configuration, and says what is not supported yet', async () => {
    const failure = (cache: object) => start({ datasets: [dataset('a')] }, cache as ResultsCacheInput);
    for (const [cache, code, text] of [
      [{ max_size: 'big' }, 'invalid_config', '`runtime.caching.sql_results.max_size` must be a size'],
      [{ max_size: '0' }, 'invalid_config', 'above 0'],
      [{ max_size: 1024 }, 'invalid_config', 'Write a size with its unit'],
      [{ item_ttl: '5' }, 'invalid_config', '`runtime.caching.sql_results.item_ttl` must be a duration'],
      [{ item_ttl: '0s' }, 'invalid_config', 'above 0'],
      [{ ttl: '1s' }, 'unknown_field', 'there is no field `runtime.caching.sql_results.ttl`'],
      [{ cache_key_type: 'plan' }, 'not_yet_supported', 'plan'],
      [{ eviction_policy: 'tiny_lfu' }, 'not_yet_supported', 'tiny_lfu'],
      [{ encoding: 'zstd' }, 'not_yet_supported', 'encoding'],
    ] as const)
      await expect(failure(cache)).rejects.toMatchObject({ code, message: expect.stringContaining(text) });
  });
});
