import { PassThrough } from 'node:stream';
import type { DatasetStatus, RefreshEvent } from '@millrace/runtime';
import { expect, it } from 'vitest';
import { describeLoad, LoadProgress } from './load-progress.ts';

it('shows rows, bytes, rate and time, and a bar where the last load says how many rows there will be', () => {
  const status = { name: 'orders', state: 'loading' } as const;
  expect(describeLoad({ status, load: undefined, total: 0, elapsedMs: 1_500 })).toBe('loading orders 1.5 s');
  const load = { rowCount: 1_234, byteCount: 0, bytesPerSecond: 0 };
  expect(describeLoad({ status, load, total: 0, elapsedMs: 10 })).toBe('loading orders 1,234 rows, 0.0 s');
  const refreshing = { name: 'orders', state: 'refreshing' } as const;
  const half = { rowCount: 50, byteCount: 4_100_000, bytesPerSecond: 2_050_000 };
  expect(describeLoad({ status: refreshing, load: half, total: 100, elapsedMs: 2_000 })).toBe(
    `refreshing orders ${'█'.repeat(12)}${'░'.repeat(12)} 50 rows, 4.1 MB, 2.0 MB/s, 2.0 s`,
  );
  const more = { ...half, rowCount: 300 };
  expect(describeLoad({ status: refreshing, load: more, total: 100, elapsedMs: 0 })).toContain('█'.repeat(24));
});

/** A terminal that remembers what was written to it. */
function createTerminal() {
  const stream = new PassThrough() as PassThrough & { isTTY?: boolean; columns?: number };
  let written = '';
  stream.on('data', (chunk: Buffer) => {
    written += chunk.toString();
  });
  return Object.assign(stream, { isTTY: true, columns: 120, shown: () => written });
}

const base = { dataset: 'orders', trigger: 'request', attempt: 1, atMs: 0 } as const;

it('shows on a terminal how far a load is, by its events', async () => {
  const terminal = createTerminal();
  const progress = new LoadProgress(terminal);
  const status: DatasetStatus = { name: 'orders', from: 'memory:orders', state: 'loading' };
  let done = (): void => {};
  const work = new Promise<void>((resolve) => {
    done = resolve;
  });
  const shown = progress.during({ datasets: () => [status] }, work);
  progress.onRefreshEvent({ kind: 'refresh_started', ...base });
  progress.onRefreshEvent({
    kind: 'refresh_progress',
    ...base,
    rowCount: 7_000n,
    byteCount: 1_500_000,
    durationMs: 500,
  });
  await expect
    .poll(() => terminal.shown(), { timeout: 60_000 })
    .toContain('loading orders 7,000 rows, 1.5 MB, 3.0 MB/s');
  const finished: RefreshEvent = {
    kind: 'refresh_finished',
    ...base,
    rowCount: 7_000n,
    durationMs: 700,
    path: 'batches',
  };
  progress.onRefreshEvent(finished);
  done();
  await shown;
});
