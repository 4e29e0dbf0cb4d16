import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { putSales, rowsOf, sales, statusOf, TOTALS, ViewHost } from './view-host.ts';

const MINUTE = 60_000;
const READ = 'SELECT * FROM totals ORDER BY shop NULLS FIRST';

describe('accelerated views and what they read', () => {
  let host: ViewHost;
  beforeEach(() => {
    host = new ViewHost();
  });
  afterEach(() => host[Symbol.asyncDispose]());

  it('load after what they read, through plain views and from other accelerated ones, in whatever order they stand', async () => {
    const runtime = await host.start({
      runtime: { dataset_load_parallelism: 1 },
      views: [
        { name: 'last', sql: 'SELECT max(n) AS n FROM middle', acceleration: { engine: 'duckdb' } },
        { name: 'middle', sql: 'SELECT n FROM totals' },
        { name: 'totals', sql: TOTALS, acceleration: {} },
        { name: 'apart', sql: 'SELECT 1 AS n', depends_on: ['middle'], acceleration: {} },
      ],
      datasets: [sales({ engine: 'sqlite' })],
    });
    await runtime.ready();
    expect(host.refreshed.filter((name) => name !== 'apart')).toEqual(['sales', 'totals', 'last']);
    expect(host.refreshed.indexOf('apart')).toBeGreaterThan(host.refreshed.indexOf('totals'));
    expect(await rowsOf(runtime, 'FROM last')).toEqual([{ n: 9n }]);
    expect(runtime.datasets().map(({ name }) => name)).toEqual(['sales', 'totals', 'last', 'apart']);
  });

  it('refresh by themselves, behind a refresh of what they read', async () => {
    let open = (): void => {};
    const runtime = await host.start({
      runtime: { dataset_load_parallelism: 1 },
      datasets: [sales({ refresh_check_interval: '10m' })],
      views: [{ name: 'totals', sql: TOTALS, acceleration: { refresh_check_interval: '10m' } }],
    });
    await host.until(() => host.refreshed.length === 2);
    putSales(2);
    host.source.gate = new Promise((resolve) => {
      open = resolve;
    });
    host.clock.advance(10 * MINUTE);
    // The dataset reads, and its view waits for it, however long that takes.
    await expect.poll(() => host.source.reading, { timeout: 60_000 }).toBe(1);
    const asked = runtime.refresh('totals');
    open();
    expect(await asked).toMatchObject({ rowCount: 4n });
    await host.until(() => host.refreshed.length === 4);
    expect(host.refreshed).toEqual(['sales', 'totals', 'sales', 'totals']);
    expect(await rowsOf(runtime, READ)).toEqual(await rowsOf(runtime, `${TOTALS} ORDER BY shop NULLS FIRST`));
    expect(statusOf(runtime, 'totals')?.nextRefreshAtMs).toBe(host.clock.now() + 10 * MINUTE);
  });

  it('say what keeps them from loading, and load once that has come back', async () => {
    host.source.isReachable = false;
    const runtime = await host.start({
      datasets: [sales({})],
      views: [
        { name: 'totals', sql: TOTALS, acceleration: {} },
        { name: 'over', sql: 'SELECT n FROM totals' },
      ],
    });
    expect(statusOf(runtime, 'totals')).toMatchObject({ state: 'error', lastErrorCode: 'unavailable' });
    await expect(rowsOf(runtime, READ)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(rowsOf(runtime, 'FROM over')).rejects.toMatchObject({ code: 'unavailable' });
    host.source.isReachable = true;
    await runtime.refresh('sales');
    expect(await rowsOf(runtime, READ)).toHaveLength(4);
    expect(await rowsOf(runtime, 'FROM over')).toHaveLength(4);
    expect(runtime.status()).toMatchObject({ isReady: true, isDegraded: false });
  });

  it('wait for nobody while they run: what they read has to be loaded', async () => {
    host.source.failure = 'lasting';
    const runtime = await host.start({
      runtime: { dataset_load_parallelism: 1 },
      datasets: [sales({})],
      views: [{ name: 'totals', sql: TOTALS, acceleration: { refresh_retry_enabled: false } }],
    });
    await expect(runtime.refresh('totals')).rejects.toMatchObject({
      code: 'not_ready',
      message: expect.stringContaining('it reads sales, which has not been loaded'),
    });
    host.source.failure = undefined;
    await runtime.refresh('sales');
    await runtime.refresh('totals');
    expect(await rowsOf(runtime, READ)).toHaveLength(4);
  });

  it('are read from their query until they are loaded, where ready_state says so', async () => {
    const runtime = await host.start({
      datasets: [sales()],
      views: [
        {
          name: 'totals',
          sql: TOTALS,
          ready_state: 'on_registration',
          acceleration: { refresh_jitter_enabled: true, refresh_jitter_max: '1h' },
        },
      ],
    });
    const rows = await rowsOf(runtime, READ);
    expect(statusOf(runtime, 'totals')).toMatchObject({ state: 'loading' });
    expect(rows).toHaveLength(4);
    putSales(2);
    expect(await rowsOf(runtime, READ)).not.toEqual(rows);
    host.clock.advance(60 * MINUTE);
    await host.until(() => host.refreshed.length === 1);
    const loaded = await rowsOf(runtime, READ);
    putSales(3);
    expect(await rowsOf(runtime, READ)).toEqual(loaded);
  });
});
