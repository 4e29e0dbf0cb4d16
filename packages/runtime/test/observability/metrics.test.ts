import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryDatabase } from '@millrace/connector-memory';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatPrometheus, type MetricLabels, type RuntimeConfigInput } from '../../src/index.ts';
import { parsePrometheus } from './parse-prometheus.ts';
import { STEPPED_SCHEMA } from './stepped-source.ts';
import { createWatchedRuntime, PASSWORD, type WatchedRuntime } from './watched-runtime.ts';

const MINUTE = 60_000;

describe('the metrics of a runtime', () => {
  let watched: WatchedRuntime;
  beforeEach(() => {
    watched = createWatchedRuntime();
    watched.source.batches = [[[1, 10n]], [[2, 20n]]];
  });
  afterEach(() => watched[Symbol.asyncDispose]());

  const text = () => formatPrometheus(watched.runtime.metrics());
  /** The value of one series; undefined where there is none. */
  function value(name: string, labels: MetricLabels = {}): number | undefined {
    const base = name.replace(/_(count|sum)$/, '');
    const families = parsePrometheus(text());
    const family = families.get(name) ?? families.get(base);
    return family?.samples.find(
      (sample) => sample.name === name && JSON.stringify(sample.labels) === JSON.stringify(labels),
    )?.value;
  }

  it('count queries by what came of them, with their rows, bytes and waits', async () => {
    const runtime = await watched.start({ a: undefined });
    expect(value('query_active_count')).toBe(0);
    expect(value('query_executions_total', { outcome: 'complete' })).toBeUndefined();
    const result = await runtime.sql('SELECT * FROM a');
    expect(value('query_active_count')).toBe(1);
    expect(await result.toRows()).toHaveLength(2);
    expect(value('query_active_count')).toBe(0);
    expect(value('query_executions_total', { outcome: 'complete' })).toBe(1);
    expect(value('query_returned_rows_total')).toBe(2);
    expect(value('query_returned_bytes_total')).toBeGreaterThanOrEqual(24);
    expect(value('query_duration_ms_count')).toBe(1);
    expect(value('query_execution_duration_ms_count')).toBe(1);
    expect(value('query_execution_duration_ms_sum')).toBeLessThanOrEqual(value('query_duration_ms_sum')!);

    await (await runtime.sql('SELECT * FROM range(100000) AS r(n), a')).close();
    for await (const _ of await runtime.sql('SELECT * FROM range(100000) AS r(n), a')) break;
    expect(value('query_executions_total', { outcome: 'closed' })).toBe(2);

    const codes: string[] = [];
    const fail = async (sql: string): Promise<void> => {
      const failure = await runtime
        .sql(sql)
        .then((late) => late.toRows())
        .catch((error: unknown) => error);
      codes.push((failure as { readonly code: string }).code);
    };
    await fail('SELECT nothing FROM a');
    await fail('SELECT * FROM nowhere');
    await fail("SELECT CAST('x' AS INTEGER) FROM a");
    watched.source.failure = 'lasting';
    await fail('SELECT * FROM a');
    expect(codes).toEqual(expect.arrayContaining(['unknown_table', 'unauthorized']));
    // Three were executed before; of those that failed the first two were not.
    expect(value('query_duration_ms_count')).toBe(3 + codes.length);
    expect(value('query_execution_duration_ms_count')).toBe(3 + codes.length - 2);
    expect(value('query_executions_total', { outcome: 'failed' })).toBe(codes.length);
    for (const code of codes)
      expect(value('query_failures_total', { code })).toBe(codes.filter((each) => each === code).length);
    expect(value('query_active_count')).toBe(0);
  });

  it('count the scans of sources, for queries and for refreshes', async () => {
    const runtime = await watched.start({ a: undefined, b: { engine: 'arrow' } });
    await runtime.ready();
    expect(value('scan_executions_total', { dataset: 'b', system: 'stepped', outcome: 'complete' })).toBe(1);
    await (await runtime.sql('SELECT a.id FROM a JOIN b USING (id)')).toRows();
    const labels = { dataset: 'a', system: 'stepped' };
    expect(value('scan_executions_total', { ...labels, outcome: 'complete' })).toBe(1);
    expect(value('scan_rows_total', labels)).toBe(2);
    expect(value('scan_bytes_total', labels)).toBeGreaterThanOrEqual(8);
    expect(value('scan_duration_ms_count', { system: 'stepped' })).toBe(2);
    expect(value('scan_first_batch_ms_count', { system: 'stepped' })).toBe(2);
    watched.source.failure = 'lasting';
    await expect(runtime.sql('SELECT * FROM a')).rejects.toThrow();
    expect(value('scan_executions_total', { ...labels, outcome: 'failed' })).toBe(1);
    expect(value('connector_figures', { connector: 'stepped', serves: 'dataset a', figure: 'statements' })).toBe(2);
  });

  it('count refreshes and their failures, and tell what the copies are like', async () => {
    const { source, clock } = watched;
    const newestAtMs = clock.now() - MINUTE;
    source.batches = [[[1, BigInt(newestAtMs)]]];
    const runtime = await watched.start({ a: { engine: 'arrow', refresh_mode: 'append' }, b: undefined });
    await watched.ended(1);
    const refreshedAtMs = clock.now();
    const dataset = { dataset: 'a' };
    expect(value('dataset_acceleration_refresh_duration_ms_count', { ...dataset, mode: 'full' })).toBe(1);
    expect(value('dataset_acceleration_refresh_rows_written_total', dataset)).toBe(1);
    expect(value('dataset_acceleration_refresh_bytes_written_total', dataset)).toBeGreaterThanOrEqual(12);
    expect(value('dataset_acceleration_refresh_errors_total', { ...dataset, code: 'unavailable' })).toBeUndefined();
    expect(value('dataset_acceleration_max_timestamp_before_refresh_ms', dataset)).toBeUndefined();
    const movedMs = 700;
    source.batches = [[[2, BigInt(newestAtMs + movedMs)]]];
    await runtime.refresh('a');
    expect(value('dataset_acceleration_refresh_duration_ms_count', { ...dataset, mode: 'append' })).toBe(1);
    expect(value('dataset_acceleration_max_timestamp_before_refresh_ms', dataset)).toBe(newestAtMs);
    expect(value('dataset_acceleration_refresh_lag_ms', dataset)).toBe(movedMs);
    source.failure = 'passing';
    await expect(runtime.refresh('a')).rejects.toThrow();
    expect(value('dataset_acceleration_refresh_errors_total', { ...dataset, code: 'unavailable' })).toBe(1);
    clock.advance(500);
    expect(value('dataset_acceleration_rows', dataset)).toBe(1);
    expect(value('dataset_acceleration_last_refresh_time_ms', dataset)).toBe(refreshedAtMs);
    expect(value('dataset_acceleration_max_timestamp_after_refresh_ms', dataset)).toBe(newestAtMs + movedMs);
    expect(value('dataset_acceleration_ingestion_lag_ms', dataset)).toBe(MINUTE + 500 - movedMs);
    expect(value('dataset_load_state', dataset)).toBe(3);
    expect(value('dataset_load_state', { dataset: 'b' })).toBe(1);
    expect(value('dataset_active_count', { engine: 'arrow' })).toBe(1);
    expect(value('dataset_active_count', { engine: 'none' })).toBe(1);
  });

  it('tell the size of the file that holds a copy, and what the results cache and the catalogs are like', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-metrics-'));
    try {
      memoryDatabase('metrics').put('orders', { schema: STEPPED_SCHEMA, rows: [[1, 1n]] });
      const memory = { memory_database: 'metrics' };
      const config: RuntimeConfigInput = {
        datasets: [
          { from: 'memory:orders', name: 'kept', params: memory, acceleration: { engine: 'duckdb', mode: 'file' } },
        ],
        catalogs: [{ from: 'memory', name: 'c', params: memory }],
        runtime: { caching: { sql_results: { enabled: true, max_size: '1MiB' } } },
      };
      const runtime = await watched.start({}, { config, baseDirectory: folder });
      await runtime.ready();
      for (let count = 0; count < 3; count += 1) await (await runtime.sql('SELECT * FROM kept')).toRows();
      expect(value('dataset_acceleration_size_bytes', { dataset: 'kept' })).toBeGreaterThan(0);
      expect(value('dataset_acceleration_size_bytes', { dataset: 'kept' })).toBe(runtime.datasets()[0]?.fileByteCount);
      expect(value('results_cache_requests_total')).toBe(3);
      expect(value('results_cache_hits_total')).toBe(2);
      expect(value('results_cache_items_count')).toBe(1);
      expect(value('results_cache_max_size_bytes')).toBe(2 ** 20);
      expect(value('query_executions_total', { outcome: 'complete' })).toBe(3);
      expect(value('query_execution_duration_ms_count')).toBe(1);
      expect(value('catalog_load_state', { catalog: 'c' })).toBe(1);
      await (await runtime.sql('SELECT * FROM c.main.orders')).toRows();
      await runtime.sql('SELECT * FROM c.main.orders', { pushdown: 'off' }).then((rows) => rows.toRows());
      expect(value('scan_executions_total', { dataset: 'c', system: 'memory', outcome: 'complete' })).toBe(1);
    } finally {
      await watched[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('hold no statement, no value and no secret, and as many series as before when more is asked', async () => {
    const runtime = await watched.start({ a: undefined });
    watched.source.failure = 'lasting';
    const ask = async (index: number) => {
      await runtime.sql(`SELECT ${index} AS canary_${index} FROM a`).catch(() => undefined);
      await runtime.sql(`SELECT * FROM canary_${index}`).catch(() => undefined);
    };
    await ask(0);
    const lines = text().split('\n').length;
    for (let index = 1; index < 20; index += 1) await ask(index);
    expect(text().split('\n')).toHaveLength(lines);
    expect(text()).not.toContain('canary');
    expect(text()).not.toContain(PASSWORD);
  });

  it('count the attempts to make a dataset known that fail', async () => {
    const { source, clock } = watched;
    source.isReachable = false;
    const runtime = await watched.start({ a: undefined });
    const labels = { dataset: 'a', code: 'unavailable' };
    expect(value('dataset_load_errors_total', labels)).toBe(1);
    expect(value('dataset_load_state', { dataset: 'a' })).toBe(3);
    expect(value('dataset_active_count', { engine: 'none' })).toBe(0);
    expect(runtime.datasets()[0]).toMatchObject({ lastErrorCode: 'unavailable' });
    clock.advance(clock.nextMs!);
    await expect.poll(() => value('dataset_load_errors_total', labels), { timeout: 60_000 }).toBe(2);
    source.isReachable = true;
    await runtime.refresh('a');
    expect(value('dataset_load_errors_total', labels)).toBe(2);
    expect(value('dataset_load_state', { dataset: 'a' })).toBe(1);
  });

  it('forget a dataset that was removed', async () => {
    const runtime = await watched.start({ a: { engine: 'arrow' }, b: undefined });
    await watched.ended(1);
    expect(text()).toContain('dataset="a"');
    await runtime.removeDataset('a');
    expect(text()).not.toContain('dataset="a"');
    expect(text()).toContain('dataset="b"');
  });
});
