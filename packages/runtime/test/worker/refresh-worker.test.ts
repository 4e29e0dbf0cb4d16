import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { duckdbAccelerator } from '@millrace/accelerator-duckdb';
import { memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { createGate } from '@millrace/test-fixtures';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AccelerationInput,
  createRuntime,
  type RefreshEvent,
  type Runtime,
  type RuntimeConfigInput,
} from '../../src/index.ts';
import { createFaultySource, type FaultySource } from './faulty-source.ts';
import { ManualClock } from './manual-clock.ts';

const STORE = 'refresh-worker';
const MINUTE = 60_000;

function put(table: string, count: number): void {
  memoryDatabase(STORE).put(table, {
    schema: { fields: [field('id', dataTypes.int32())] },
    rows: Array.from({ length: count }, (_, id) => [id]),
  });
}

describe('the refresh worker', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-worker-'));
  const runtimes: Runtime[] = [];
  let source: FaultySource;
  let clock: ManualClock;
  let events: RefreshEvent[];
  let wake: () => void;

  beforeEach(() => {
    source = createFaultySource();
    clock = new ManualClock();
    events = [];
    wake = () => {};
    put('a', 1);
  });
  afterEach(async () => {
    await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(config: RuntimeConfigInput): Promise<Runtime> {
    const runtime = await createRuntime({
      config,
      clock,
      baseDirectory: folder,
      registry: createRegistry({
        connectors: [source.plugin],
        accelerators: [arrowAccelerator, duckdbAccelerator],
      }),
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      onRefreshEvent: (event) => {
        events.push(event);
        wake();
      },
    });
    runtimes.push(runtime);
    return runtime;
  }
  const dataset = (name: string, acceleration: AccelerationInput, dependsOn?: readonly string[]) => ({
    from: `faulty:${name}`,
    name,
    params: { memory_database: STORE },
    acceleration,
    ...(dependsOn ? { depends_on: dependsOn } : {}),
  });
  const startOne = (acceleration: AccelerationInput) => start({ datasets: [dataset('a', acceleration)] });
  const count = async (runtime: Runtime, table = 'a') =>
    (await (await runtime.sql(`SELECT count(*) AS n FROM ${table}`)).toRows())[0]?.n;
  const ends = () => events.filter(({ kind }) => kind === 'refresh_finished' || kind === 'refresh_failed');

  /** Waits until so many refreshes have ended. */
  async function ended(expected: number): Promise<RefreshEvent> {
    while (ends().length < expected) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    // What was planned behind the event is planned by then.
    await new Promise((resolve) => setImmediate(resolve));
    return ends()[expected - 1]!;
  }

  it('refreshes at the interval, counted from the end of the last refresh', async () => {
    const runtime = await startOne({ refresh_check_interval: '10m' });
    await ended(1);
    expect(clock.nextMs).toBe(10 * MINUTE);
    put('a', 2);
    clock.advance(10 * MINUTE - 1);
    expect(ends()).toHaveLength(1);
    clock.advance(1);
    expect(await ended(2)).toMatchObject({ kind: 'refresh_finished', trigger: 'schedule', rowCount: 2n });
    expect(await count(runtime)).toBe(2n);
    expect(runtime.datasets()[0]?.nextRefreshAtMs).toBe(clock.now() + 10 * MINUTE);
  });

  it('refreshes at the times of a cron pattern in UTC', async () => {
    await startOne({ refresh_cron: '5,35 * * * *' });
    await ended(1);
    // It is 12:00:30.
    expect(clock.nextMs).toBe(4.5 * MINUTE);
    clock.advance(4.5 * MINUTE);
    await ended(2);
    expect(clock.nextMs).toBe(30 * MINUTE);
  });

  it('looks at a source once for a first load that follows at once, and before each load otherwise', async () => {
    const one = await startOne({});
    await one.ready();
    expect(source.lookCount).toBe(1);
    await one.refresh('a');
    expect(source.lookCount).toBe(2);
    source.failure = 'lasting';
    await expect(one.addDataset({ ...dataset('a', {}), name: 'failing' })).resolves.toBe('added');
    await expect(one.ready()).rejects.toMatchObject({ code: 'not_ready' });
    source.failure = undefined;
    const looks = source.lookCount;
    await one.refresh('failing');
    expect(source.lookCount).toBe(looks + 1);
    // Jitter of half of ten minutes lies between the connection and the load.
    const late = { refresh_check_interval: '1h', refresh_jitter_enabled: true, refresh_jitter_max: '10m' };
    await one.addDataset({ ...dataset('a', late), name: 'late' });
    expect(source.lookCount).toBe(looks + 2);
    clock.advance(10 * MINUTE);
    await (await one.sql('FROM late')).toRows();
    expect(source.lookCount).toBe(looks + 3);
  });

  it('puts the first load and the times of a pattern off by jitter', async () => {
    const runtime = await startOne({
      refresh_cron: '5,35 * * * *',
      refresh_jitter_enabled: true,
      refresh_jitter_max: '20s',
    });
    // Chance is in the middle.
    expect(clock.nextMs).toBe(10_000);
    const waiting = count(runtime);
    clock.advance(10_000);
    expect(await waiting).toBe(1n);
    expect(ends()).toMatchObject([{ trigger: 'start' }]);
    expect(clock.nextMs).toBe(4.5 * MINUTE);
  });

  it('tries again after an error that may pass, ever more slowly, and serves the old rows for an hour of failures', async () => {
    const runtime = await startOne({ refresh_check_interval: '1h' });
    await ended(1);
    source.failure = 'passing';
    clock.advance(60 * MINUTE);
    const delays: (number | undefined)[] = [];
    const downSince = clock.now();
    for (let number = 2; clock.now() - downSince < 60 * MINUTE; number += 1) {
      const event = await ended(number);
      expect(event).toMatchObject({ kind: 'refresh_failed', code: 'unavailable' });
      delays.push(event.kind === 'refresh_failed' ? event.retryInMs : undefined);
      expect(await count(runtime)).toBe(1n);
      expect(runtime.datasets()[0]).toMatchObject({ state: 'error', lastError: expect.stringContaining('down') });
      clock.advance(clock.nextMs ?? 60 * MINUTE);
    }
    const seconds = delays.map((delay) => (delay ?? 0) / 1_000);
    expect(seconds.slice(0, 14)).toEqual([1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 300]);
    expect(new Set(seconds.slice(13))).toEqual(new Set([300]));
    source.failure = undefined;
    put('a', 3);
    clock.advance(clock.nextMs ?? 0);
    await expect.poll(() => runtime.datasets()[0]?.state, { timeout: 60_000 }).toBe('ready');
    expect(await count(runtime)).toBe(3n);
    expect(clock.nextMs).toBe(60 * MINUTE);
  });

  it('tells of its state and of every step, whatever a listener does', async () => {
    put('a', 3);
    const gate = createGate();
    source.gate = gate.opened;
    const runtime = await startOne({});
    const heard: string[] = [];
    const end = runtime.onRefreshEvent(({ kind }) => {
      heard.push(kind);
      throw new Error('a listener that fails');
    });
    expect(runtime.status()).toMatchObject({ isReady: false, isDegraded: false, datasets: [{ state: 'loading' }] });
    gate.open();
    await ended(1);
    expect(events).toMatchObject([
      { kind: 'refresh_started', dataset: 'a', trigger: 'start' },
      { kind: 'refresh_progress', rowCount: 3n },
      { kind: 'refresh_finished', rowCount: 3n, mode: 'full', path: 'batches', durationMs: expect.any(Number) },
    ]);
    expect(heard).toEqual(['refresh_progress', 'refresh_finished']);
    end();
    expect(runtime.status()).toMatchObject({ isReady: true, isDegraded: false, datasets: [{ rowCount: 3n }] });
    source.failure = 'lasting';
    await expect(runtime.refresh('a')).rejects.toMatchObject({ code: 'unauthorized' });
    expect(runtime.status()).toMatchObject({ isReady: true, isDegraded: true, datasets: [{ state: 'error' }] });
    expect(heard).toHaveLength(2);
  });

  it('leaves an error that will not pass to the schedule', async () => {
    await startOne({ refresh_check_interval: '1h' });
    await ended(1);
    source.failure = 'lasting';
    clock.advance(60 * MINUTE);
    expect(await ended(2)).toMatchObject({ code: 'unauthorized', retryInMs: 60 * MINUTE });
  });

  it.each([
    [{ refresh_retry_enabled: false }, []],
    [{ refresh_retry_max_attempts: 2 }, [1_000, 1_000]],
  ])('keeps to %o', async (retry, delays) => {
    source.failure = 'passing';
    const runtime = await startOne(retry);
    for (const [index, delay] of delays.entries()) {
      expect(await ended(index + 1)).toMatchObject({ retryInMs: delay });
      clock.advance(delay);
    }
    expect(await ended(delays.length + 1)).not.toHaveProperty('retryInMs');
    expect(clock.nextMs).toBeUndefined();
    await expect(count(runtime)).rejects.toMatchObject({ code: 'not_ready' });
  });

  it('comes back by itself when the first load has failed', async () => {
    source.failure = 'passing';
    const runtime = await startOne({});
    await ended(1);
    await expect(count(runtime)).rejects.toMatchObject({ code: 'not_ready', retryable: true });
    source.failure = undefined;
    clock.advance(1_000);
    expect(await ended(2)).toMatchObject({ kind: 'refresh_finished', trigger: 'retry' });
    expect(await count(runtime)).toBe(1n);
  });

  it('finds a source that was down at start without a restart, and loads what could not be loaded', async () => {
    source.isReachable = false;
    put('b', 2);
    const { acceleration: _, ...federated } = dataset('b', {});
    const runtime = await start({
      datasets: [dataset('a', { refresh_check_interval: '1h' }), federated],
      views: [{ name: 'v', sql: 'SELECT * FROM b' }],
    });
    expect(runtime.status()).toMatchObject({ isReady: false, isDegraded: true });
    await expect(count(runtime)).rejects.toMatchObject({ code: 'unavailable' });
    const delays: (number | undefined)[] = [];
    for (let number = 0; number < 5; number += 1) {
      await expect.poll(() => clock.nextMs, { timeout: 60_000 }).toBeDefined();
      delays.push(clock.nextMs);
      clock.advance(clock.nextMs ?? 0);
      await expect.poll(() => clock.timerCount, { timeout: 60_000 }).toBe(2);
    }
    expect(delays).toEqual([1_000, 1_000, 2_000, 3_000, 5_000]);
    source.isReachable = true;
    clock.advance(clock.nextMs ?? 0);
    await ended(1);
    await expect.poll(() => count(runtime, 'v').catch(() => undefined), { timeout: 60_000 }).toBe(2n);
    expect(await count(runtime)).toBe(1n);
    expect(runtime.status()).toMatchObject({ isReady: true, isDegraded: false });
    expect(clock.nextMs).toBe(60 * MINUTE);
    expect(clock.timerCount).toBe(1);
  });

  it('runs one refresh at a time; requests meanwhile are that one, and overrides come behind it', async () => {
    const runtime = await startOne({});
    await ended(1);
    const gate = createGate();
    source.gate = gate.opened;
    const plain = [runtime.refresh('a'), runtime.refresh('a')];
    const other = runtime.refresh('a', { refreshSql: 'SELECT id FROM a WHERE id < 0' });
    await expect.poll(() => source.reading, { timeout: 60_000 }).toBe(1);
    gate.open();
    const [first, second] = await Promise.all(plain);
    expect(first).toBe(second);
    expect(await other).toMatchObject({ rowCount: 0n });
    expect(source.scanCount).toBe(3);
    expect(source.mostReading).toBe(1);
    expect(await count(runtime)).toBe(0n);
  });

  it('refuses overrides that do not fit', async () => {
    const runtime = await startOne({});
    await ended(1);
    await expect(runtime.refresh('a', { mode: 'append' })).rejects.toMatchObject({ code: 'unsupported' });
    const other = { mode: 'most' as 'full' };
    await expect(runtime.refresh('a', other)).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(runtime.datasets()).toMatchObject([{ state: 'ready' }]);
    expect(events.filter(({ kind }) => kind === 'refresh_failed')).toEqual([]);
    await expect(runtime.refresh('a', { refreshSql: 'SELECT 1 AS x FROM a' })).rejects.toMatchObject({
      code: 'schema_mismatch',
    });
    expect(await count(runtime)).toBe(1n);
  });

  it('is stopped by closing, in the middle of a refresh', async () => {
    const runtime = await startOne({ refresh_check_interval: '1h' });
    await ended(1);
    source.gate = new Promise(() => {});
    const refresh = runtime.refresh('a');
    await expect.poll(() => source.reading, { timeout: 60_000 }).toBe(1);
    const closing = runtime.close();
    await expect(refresh).rejects.toMatchObject({ code: 'cancelled' });
    await closing;
    expect(clock.nextMs).toBeUndefined();
  });

  it('loads at most so many datasets at the same time', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const name of names) put(name, 1);
    const runtime = await start({
      runtime: { dataset_load_parallelism: 2 },
      datasets: names.map((name) => dataset(name, {})),
    });
    await runtime.ready();
    expect(source.scanCount).toBe(6);
    expect(source.mostReading).toBeLessThanOrEqual(2);
  });

  it('loads a dataset behind those that it depends on, also when one of them fails', async () => {
    for (const name of ['b', 'c']) put(name, 1);
    const runtime = await start({
      datasets: [
        dataset('a', {}, ['main."B"']),
        dataset('b', { refresh_sql: 'SELECT error(id::VARCHAR)::INTEGER AS id FROM b' }, ['c']),
        dataset('c', {}),
      ],
    });
    await runtime.ready().catch(() => undefined);
    await ended(3);
    const order = events.filter(({ kind }) => kind === 'refresh_started').map((event) => event.dataset);
    expect(order).toEqual(['c', 'b', 'a']);
    expect(await count(runtime)).toBe(1n);
    expect(runtime.datasets().map(({ state }) => state)).toEqual(['ready', 'error', 'ready']);
  });

  it.each([
    ['auto', 0],
    ['always', 1],
  ] as const)('at a restart with %s loads young rows of a file %i times', async (onStartup, loads) => {
    const acceleration: AccelerationInput = {
      engine: 'duckdb',
      mode: 'file',
      refresh_check_interval: '1h',
      refresh_on_startup: onStartup,
    };
    const first = await startOne(acceleration);
    await first.ready();
    await first.close();
    clock.advance(20 * MINUTE);
    source.scanCount = 0;
    const runtime = await startOne(acceleration);
    await runtime.ready();
    expect(await count(runtime)).toBe(1n);
    if (loads > 0) await expect.poll(() => source.scanCount, { timeout: 60_000 }).toBe(loads);
    else expect(clock.nextMs).toBe(40 * MINUTE);
    expect(source.scanCount).toBe(loads);
    await runtime.close();
    clock.advance(60 * MINUTE);
    source.scanCount = 0;
    const late = await startOne(acceleration);
    await expect.poll(() => source.scanCount, { timeout: 60_000 }).toBe(1);
    await late.close();
  });
});
