import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RefreshEvent, RefreshProgressed } from '../../src/index.ts';
import { createWatchedRuntime, PASSWORD, type WatchedRuntime } from './watched-runtime.ts';

const MINUTE = 60_000;

describe('the events of a refresh', () => {
  let watched: WatchedRuntime;
  beforeEach(() => {
    watched = createWatchedRuntime();
  });
  afterEach(() => watched[Symbol.asyncDispose]());

  const rows = (count: number) => Array.from({ length: count }, (_, id) => [id, 0n] as const);
  const progress = () =>
    watched.events.filter((event): event is RefreshProgressed => event.kind === 'refresh_progress');
  const outline = ({ kind, trigger, attempt }: RefreshEvent) => [kind, trigger, attempt];

  it('say what set it off, how much it wrote and when the next one comes', async () => {
    const { source, clock } = watched;
    source.batches = [rows(3), rows(2)];
    const startedAtMs = clock.now();
    const runtime = await watched.start({ a: { engine: 'arrow', refresh_check_interval: '10m' } });
    const end = await watched.ended(1);
    const [started, , finished] = watched.events;
    expect(started).toEqual({ kind: 'refresh_started', dataset: 'a', trigger: 'start', attempt: 1, atMs: startedAtMs });
    expect(end).toBe(finished);
    expect(end).toMatchObject({
      trigger: 'start',
      attempt: 1,
      rowCount: 5n,
      durationMs: expect.any(Number),
      path: 'batches',
      mode: 'full',
      nextRefreshAtMs: startedAtMs + 10 * MINUTE,
    });
    // Two columns of 4 and 8 bytes, and what marks nulls.
    const { byteCount } = end as { readonly byteCount: number };
    expect(byteCount).toBeGreaterThanOrEqual(5 * 12);
    expect(byteCount).toBeLessThanOrEqual(5 * 12 + 4);
    clock.advance(MINUTE);
    expect(runtime.status().datasets[0]).toMatchObject({
      state: 'ready',
      rowCount: 5n,
      ageMs: MINUTE,
      nextRefreshAtMs: startedAtMs + 10 * MINUTE,
      lastRefresh: { startedAtMs, trigger: 'start', attempt: 1, rowCount: 5n, byteCount, mode: 'full' },
    });
    expect(runtime.status().datasets[0]).not.toHaveProperty('lagMs');
    await runtime.refresh('a');
    expect(watched.events.at(-1)).toMatchObject({ kind: 'refresh_finished', trigger: 'request' });
  });

  it('tell of progress with the first batch and not again before 200 ms have passed', async () => {
    const { source, clock } = watched;
    source.batches = Array.from({ length: 20 }, () => rows(10));
    await watched.start({ a: { engine: 'arrow' } });
    await watched.ended(1);
    expect(progress()).toMatchObject([{ dataset: 'a', trigger: 'start', attempt: 1, rowCount: 10n }]);
    watched.events.length = 0;
    source.onBatch = () => clock.advance(100);
    await watched.runtime.refresh('a');
    const told = progress();
    expect(told.length).toBeGreaterThan(5);
    for (const [index, event] of told.entries()) {
      const before = told[index - 1];
      if (!before) continue;
      expect(event.atMs - before.atMs).toBeGreaterThanOrEqual(200);
      expect(event.rowCount).toBeGreaterThan(before.rowCount);
      expect(event.byteCount).toBeGreaterThan(before.byteCount);
    }
  });

  it('say how far the newest row is behind, and the status says so at any time', async () => {
    const { source, clock } = watched;
    const newestAtMs = clock.now() - 5 * MINUTE;
    source.batches = [
      [
        [1, BigInt(newestAtMs)],
        [2, BigInt(newestAtMs - 1)],
      ],
    ];
    const runtime = await watched.start({ a: { engine: 'arrow', refresh_mode: 'append' } });
    expect(await watched.ended(1)).toMatchObject({ mode: 'full', newestAtMs, lagMs: 5 * MINUTE });
    clock.advance(MINUTE);
    expect(runtime.datasets()[0]).toMatchObject({ lagMs: 6 * MINUTE, ageMs: MINUTE });
    source.batches = [[[3, BigInt(clock.now() + MINUTE)]]];
    expect(await runtime.refresh('a')).toMatchObject({ mode: 'append', lagMs: 0 });
    expect(runtime.datasets()[0]).toMatchObject({ lagMs: 0, ageMs: 0 });
    clock.advance(2 * MINUTE);
    expect(runtime.datasets()[0]).toMatchObject({ lagMs: MINUTE, ageMs: 2 * MINUTE });
  });

  it('say so as well where everything is read at each refresh', async () => {
    const { source, clock } = watched;
    const at = (ageMs: number) => BigInt(clock.now() - ageMs);
    source.batches = [[[1, at(3 * MINUTE)]], [[2, at(2 * MINUTE)]]];
    const runtime = await watched.start({ a: { engine: 'duckdb', refresh_mode: 'full' } });
    expect(await watched.ended(1)).toMatchObject({ mode: 'full', lagMs: 2 * MINUTE });
    source.batches = [[[1, at(5 * MINUTE)]]];
    expect(await runtime.refresh('a')).toMatchObject({ lagMs: 5 * MINUTE });
    clock.advance(MINUTE);
    expect(runtime.datasets()[0]).toMatchObject({ lagMs: 6 * MINUTE, newestAtMs: clock.now() - 6 * MINUTE });
    source.batches = [];
    expect(await runtime.refresh('a')).not.toHaveProperty('lagMs');
    expect(runtime.datasets()[0]).not.toHaveProperty('lagMs');
  });

  it('count the attempts of retries, tell when the next one comes, and give no secret away', async () => {
    const { source, clock, events } = watched;
    source.failure = 'passing';
    source.batches = [rows(1)];
    const runtime = await watched.start({ a: { engine: 'arrow', refresh_check_interval: '1h' } });
    for (const attempt of [1, 2, 3]) {
      const failed = await watched.ended(attempt);
      expect(failed).toMatchObject({
        kind: 'refresh_failed',
        attempt,
        code: 'unavailable',
        durationMs: expect.any(Number),
      });
      expect(failed).toMatchObject({ nextRefreshAtMs: clock.now() + clock.nextMs!, retryInMs: clock.nextMs });
      expect(JSON.stringify(failed)).toContain('the password *** was refused');
      expect(runtime.status().datasets[0]).toMatchObject({
        state: 'error',
        lastErrorCode: 'unavailable',
        lastError: expect.stringContaining('***'),
      });
      if (attempt === 3) source.failure = undefined;
      clock.advance(clock.nextMs!);
    }
    expect(await watched.ended(4)).toMatchObject({ kind: 'refresh_finished', attempt: 4, trigger: 'retry' });
    expect(runtime.status().datasets[0]).toMatchObject({
      state: 'ready',
      lastRefresh: { attempt: 4, trigger: 'retry' },
    });
    expect(runtime.status().datasets[0]).not.toHaveProperty('lastErrorCode');
    source.failure = 'lasting';
    await expect(runtime.refresh('a')).rejects.toMatchObject({ code: 'unauthorized' });
    expect(events.at(-1)).toMatchObject({
      kind: 'refresh_failed',
      attempt: 1,
      trigger: 'request',
      code: 'unauthorized',
    });
    expect(runtime.status()).toMatchObject({ isReady: true, isDegraded: true });
    const said = (value: unknown) =>
      JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : (part as unknown)));
    expect(said([events, runtime.status()])).not.toContain(PASSWORD);
    expect(events.map(outline).filter(([kind]) => kind === 'refresh_started')).toEqual([
      ['refresh_started', 'start', 1],
      ['refresh_started', 'retry', 2],
      ['refresh_started', 'retry', 3],
      ['refresh_started', 'retry', 4],
      ['refresh_started', 'request', 1],
    ]);
  });

  it('end for a refresh that the end of the runtime cancels', async () => {
    const { source, events } = watched;
    let begun = (): void => {};
    const running = new Promise<void>((resolve) => {
      begun = resolve;
    });
    source.batches = Array.from({ length: 3 }, () => rows(1));
    const runtime = await watched.start({ a: { engine: 'arrow' } });
    await watched.ended(1);
    let closing: Promise<void> | undefined;
    source.onBatch = (index) => {
      if (index === 1) closing = runtime.close();
      begun();
    };
    const refreshing = runtime.refresh('a').catch((error: unknown) => error);
    await running;
    expect(await refreshing).toMatchObject({ code: 'cancelled' });
    await closing;
    expect(events.at(-1)).toMatchObject({ kind: 'refresh_failed', trigger: 'request', code: 'cancelled' });
    expect(events.at(-1)).not.toHaveProperty('nextRefreshAtMs');
  });
});
