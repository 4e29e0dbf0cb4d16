import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { ENGINE_MODES, ENGINES, type OpenedEngine, openEngine } from '@millrace/engines';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AccelerationInput, createRuntime, type DatasetInput, type Runtime } from '../../src/index.ts';
import { createFaultySource, type FaultySource } from './faulty-source.ts';
import { ManualClock } from './manual-clock.ts';

const STORE = 'absent-source';
const HOUR = 3_600_000;
/** Where copies outlive the process: in files, and in what else an engine without files keeps them. */
const LASTING = ENGINE_MODES.filter(({ engine, mode }) => mode === 'file' || engine === 'postgres');
const COLUMNS = [field('id', dataTypes.int32()), field('note', dataTypes.largeUtf8())];

function put(count: number, columns = COLUMNS): void {
  const rows = Array.from({ length: count }, (_, id) => [id, `n${id}`, null].slice(0, columns.length));
  memoryDatabase(STORE).put('a', { schema: { fields: columns }, rows });
}

describe.each(LASTING)('a copy in $engine, $mode, whose source is down at start', (engineMode) => {
  let copies: OpenedEngine;
  let folder: string;
  let source: FaultySource;
  let clock: ManualClock;
  const runtimes: Runtime[] = [];

  beforeEach(async () => {
    copies = await openEngine(engineMode.engine);
    folder = mkdtempSync(join(tmpdir(), 'millrace-absent-'));
    source = createFaultySource();
    clock = new ManualClock();
    put(3);
  });
  afterEach(async () => {
    await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
    await copies.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(acceleration: AccelerationInput = {}, fields: Partial<DatasetInput> = {}): Promise<Runtime> {
    const runtime = await createRuntime({
      config: {
        datasets: [
          {
            from: 'faulty:a',
            name: 'a',
            params: { memory_database: STORE },
            acceleration: { ...engineMode, params: copies.params, refresh_check_interval: '1d', ...acceleration },
            ...fields,
          },
        ],
      },
      clock,
      baseDirectory: folder,
      registry: createRegistry({ connectors: [source.plugin], accelerators: ENGINES }),
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
    runtimes.push(runtime);
    return runtime;
  }
  async function load(acceleration: AccelerationInput = {}, fields: Partial<DatasetInput> = {}): Promise<void> {
    const runtime = await start(acceleration, fields);
    await runtime.ready();
    await runtime.close();
    source.isReachable = false;
  }
  const read = async (runtime: Runtime, sql = 'SELECT count(*) AS n FROM a') =>
    (await (await runtime.sql(sql)).toRows())[0];
  const stateOf = (runtime: Runtime) => runtime.datasets()[0]!;
  const settled = (runtime: Runtime, state: string) =>
    vi.waitFor(() => expect(stateOf(runtime).state).toBe(state), { timeout: 60_000 });

  it('is served, and refreshed by itself once the source is there', async () => {
    await load();
    put(5);
    const runtime = await start();
    await runtime.ready();
    expect(await read(runtime, 'SELECT count(*) AS n, max(note) AS note FROM a')).toEqual({ n: 3n, note: 'n2' });
    await settled(runtime, 'error');
    expect(stateOf(runtime)).toMatchObject({ state: 'error', rowCount: 3n });
    expect(stateOf(runtime).lastError).toContain('it is down');
    await expect(runtime.refresh('a')).rejects.toMatchObject({ code: 'unavailable' });
    expect(await read(runtime)).toEqual({ n: 3n });
    // Down for an hour: every try fails and is followed by another one.
    const backAtMs = clock.now() + HOUR;
    while (clock.now() < backAtMs) {
      await settled(runtime, 'error');
      expect(clock.nextMs).toBeDefined();
      clock.advance(clock.nextMs!);
    }
    await settled(runtime, 'error');
    source.isReachable = true;
    clock.advance(clock.nextMs!);
    await settled(runtime, 'ready');
    expect(stateOf(runtime).lastError).toBeUndefined();
    expect(await read(runtime)).toEqual({ n: 5n });
    put(6);
    await runtime.refresh('a');
    expect(await read(runtime)).toEqual({ n: 6n });
  });

  it('is served with what refresh_sql, a key and an append make of it', async () => {
    const refreshSql = { refresh_sql: 'SELECT id * 2 AS twice, note FROM a WHERE id > 0', primary_key: 'twice' };
    const append = {
      refresh_mode: 'append',
      refresh_sql: 'SELECT id AS tick FROM a',
    } as const;
    const time = { time_column: 'tick', time_format: 'unix_seconds' } as const;
    for (const [acceleration, fields, sum] of [
      [refreshSql, {}, 'sum(twice)'],
      [append, time, 'sum(tick)'],
    ] as const) {
      source.isReachable = true;
      put(3);
      await load(acceleration, fields);
      const runtime = await start(acceleration, fields);
      const before = await read(runtime, `SELECT ${sum}::INTEGER AS s FROM a`);
      expect(before?.s).toBeGreaterThan(0);
      await settled(runtime, 'error');
      put(4);
      source.isReachable = true;
      await runtime.refresh('a');
      expect((await read(runtime, `SELECT ${sum}::INTEGER AS s FROM a`))?.s).toBeGreaterThan(Number(before?.s));
      await runtime.close();
    }
  });

  it('is left alone where it was made of another definition, and is still there afterwards', async () => {
    await load();
    const other = await start({ refresh_sql: 'SELECT id FROM a' });
    await expect(read(other)).rejects.toMatchObject({ code: 'unavailable' });
    expect(stateOf(other)).toMatchObject({ state: 'error', lastError: expect.stringContaining('it is down') });
    await other.close();
    const runtime = await start();
    expect(await read(runtime)).toEqual({ n: 3n });
  });

  it('keeps its rows where the source comes back with other columns', async () => {
    await load();
    const runtime = await start();
    await settled(runtime, 'error');
    put(2, [...COLUMNS, field('more', dataTypes.int32())]);
    source.isReachable = true;
    await expect(runtime.refresh('a')).rejects.toMatchObject({ code: 'schema_mismatch' });
    expect(stateOf(runtime)).toMatchObject({ state: 'error' });
    expect(await read(runtime)).toEqual({ n: 3n });
    put(7);
    await runtime.refresh('a');
    expect(stateOf(runtime)).toMatchObject({ state: 'ready' });
    expect(await read(runtime)).toEqual({ n: 7n });
  });

  it('asks the source for what the copy lacks only where it is there', async () => {
    await load({ on_zero_results: 'use_source' });
    const runtime = await start({ on_zero_results: 'use_source' });
    expect(await read(runtime, 'SELECT note FROM a WHERE id = 1')).toEqual({ note: 'n1' });
    await expect(read(runtime, 'SELECT note FROM a WHERE id = 4')).rejects.toMatchObject({ code: 'unavailable' });
    put(5);
    source.isReachable = true;
    expect(await read(runtime, 'SELECT note FROM a WHERE id = 4')).toEqual({ note: 'n4' });
  });
});
