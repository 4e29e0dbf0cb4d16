import { memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field } from '@millrace/core';
import { ENGINE_MODES, ENGINES } from '@millrace/engines';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RuntimeConfigInput } from '../../src/index.ts';
import { putSales, rowsOf, STORE, sales, statusOf, TOTALS, ViewHost } from './view-host.ts';

const READ = 'SELECT * FROM totals ORDER BY shop NULLS FIRST';

/** One mode of each engine that can append. */
const APPENDING = ENGINES.flatMap(({ id, refreshModes }) => {
  const engineMode = ENGINE_MODES.find(({ engine }) => engine === id);
  return engineMode && refreshModes?.includes('append') ? [engineMode] : [];
});

describe('accelerated views', () => {
  let host: ViewHost;
  beforeEach(() => {
    host = new ViewHost();
  });
  afterEach(() => host[Symbol.asyncDispose]());

  it.each(ENGINE_MODES)(
    '$engine in mode $mode: have the rows of the plain view, until they are refreshed',
    async (engineMode) => {
      const acceleration = await host.accelerationBy(engineMode);
      const runtime = await host.start({
        datasets: [sales()],
        views: [
          { name: 'plain', sql: TOTALS },
          { name: 'totals', sql: `${TOTALS};`, description: 'By shop.', acceleration },
          { name: 'over', sql: 'SELECT shop, n * 2 AS n FROM totals WHERE shop IS NOT NULL' },
        ],
      });
      const plain = READ.replace('totals', 'plain');
      const first = await rowsOf(runtime, READ);
      expect(first).toHaveLength(4);
      expect(first).toEqual(await rowsOf(runtime, plain));
      expect((await runtime.sql(READ)).schema.fields.map(({ name }) => name)).toEqual(['shop', 'n', 'total', 'latest']);
      expect(statusOf(runtime, 'totals')).toMatchObject({
        state: 'ready',
        from: 'view',
        description: 'By shop.',
        rowCount: 4n,
        ...engineMode,
      });
      putSales(2, 40);
      expect(await rowsOf(runtime, READ)).toEqual(first);
      expect(await runtime.refresh('totals')).toMatchObject({ dataset: 'totals', rowCount: 4n, mode: 'full' });
      const second = await rowsOf(runtime, READ);
      expect(second).not.toEqual(first);
      expect(second).toEqual(await rowsOf(runtime, plain));
      expect(await rowsOf(runtime, 'SELECT sum(n) AS n FROM over')).toEqual(
        await rowsOf(runtime, 'SELECT sum(n) * 2 AS n FROM plain WHERE shop IS NOT NULL'),
      );
      // A failure keeps the old rows, and says so.
      host.source.failure = 'lasting';
      await expect(runtime.refresh('totals')).rejects.toMatchObject({ code: 'unauthorized' });
      expect(await rowsOf(runtime, READ)).toEqual(second);
      expect(statusOf(runtime, 'totals')).toMatchObject({
        state: 'error',
        lastErrorCode: 'unauthorized',
        rowCount: 4n,
      });
      expect(runtime.status()).toMatchObject({ isReady: true, isDegraded: true });
    },
  );

  it.each(ENGINE_MODES.filter(({ mode }) => mode === 'file'))(
    '$engine: a file is found again after a restart, also while the source is away, unless the query is another one',
    async (engineMode) => {
      const acceleration = await host.accelerationBy(engineMode);
      const config = (sql: string): RuntimeConfigInput => ({
        datasets: [sales()],
        views: [
          { name: 'base', sql },
          { name: 'totals', sql: TOTALS.replace('sales', 'base'), acceleration },
        ],
      });
      const sql = 'SELECT * FROM sales WHERE id >= 0';
      const first = await host.start(config(sql));
      const rows = await rowsOf(first, READ);
      await first.close();
      putSales(2);
      const scanCount = host.source.scanCount;
      const second = await host.start(config(sql));
      expect(await rowsOf(second, READ)).toEqual(rows);
      expect(host.source.scanCount).toBe(scanCount);
      await second.close();
      host.source.isReachable = false;
      const third = await host.start(config(sql));
      expect(await rowsOf(third, READ)).toEqual(rows);
      // It is looked for once more at start.
      await host.until(() => host.failed.includes('totals'));
      expect(statusOf(third, 'totals')).toMatchObject({ state: 'error', rowCount: 4n });
      host.source.isReachable = true;
      await third.refresh('sales');
      await third.refresh('totals');
      const changed = await rowsOf(third, READ);
      expect(changed).not.toEqual(rows);
      expect(statusOf(third, 'totals')).toMatchObject({ state: 'ready' });
      await third.close();
      // The query below it is part of what it is.
      putSales(3);
      const fourth = await host.start(config('SELECT * FROM sales WHERE id > 0'));
      expect(await rowsOf(fourth, READ)).not.toEqual(changed);
      expect(await rowsOf(fourth, 'SELECT sum(n) AS n FROM totals')).toEqual([{ n: '29' }]);
    },
  );

  it.each(APPENDING)(
    '$engine in mode $mode: refresh by append where the query has a time column',
    async (engineMode) => {
      const acceleration = await host.accelerationBy(engineMode);
      const daily = 'SELECT CAST(sold_at AS DATE) AS day, count(*) AS n, sum(amount) AS total FROM sales GROUP BY day';
      const runtime = await host.start({
        datasets: [sales()],
        views: [
          { name: 'plain', sql: daily },
          {
            name: 'daily',
            sql: daily,
            time_column: 'day',
            acceleration: { ...acceleration, refresh_mode: 'append', refresh_append_overlap: '24h' },
          },
        ],
      });
      await runtime.ready();
      putSales(1, 48);
      expect(await runtime.refresh('daily')).toMatchObject({ mode: 'append' });
      expect(await rowsOf(runtime, 'FROM daily ORDER BY day')).toEqual(
        await rowsOf(runtime, 'FROM plain ORDER BY day'),
      );
    },
  );

  it('answer for the columns of their query: names that stand twice, and those that are declared', async () => {
    const twice = 'SELECT a.id, b.id, a.shop FROM sales a JOIN sales b USING (id) ORDER BY 1';
    const views = [
      { name: 'plain', sql: twice },
      { name: 'copied', sql: twice, acceleration: {} },
      {
        name: 'declared',
        sql: 'SELECT id, shop FROM sales',
        columns: [
          { name: 'id', type: 'BIGINT' },
          { name: 'shop', type: 'VARCHAR' },
        ],
        acceleration: {},
      },
    ];
    const runtime = await host.start({ datasets: [sales()], views });
    const names = async (table: string) => (await runtime.sql(`FROM ${table}`)).schema.fields.map(({ name }) => name);
    expect(await names('copied')).toEqual(await names('plain'));
    expect(await rowsOf(runtime, 'FROM copied ORDER BY 1')).toEqual(await rowsOf(runtime, 'FROM plain ORDER BY 1'));
    expect(await names('declared')).toEqual(['id', 'shop']);
    for (const acceleration of [undefined, {}]) {
      const columns = [{ name: 'id', type: 'INTEGER' }];
      const wrong = { name: 'wrong', sql: 'SELECT id FROM sales', columns, ...(acceleration ? { acceleration } : {}) };
      await expect(host.start({ datasets: [sales()], views: [wrong] })).rejects.toMatchObject({
        code: 'invalid_config',
        component: 'view wrong',
        message: expect.stringContaining('its query gives (id'),
      });
    }
  });

  it('take new columns over as on_schema_change says', async () => {
    const runtime = await host.start({
      datasets: [sales()],
      views: [
        {
          name: 'totals',
          sql: 'SELECT * FROM sales',
          on_schema_change: 'sync_all_columns',
          acceleration: { engine: 'duckdb' },
        },
      ],
    });
    await runtime.ready();
    memoryDatabase(STORE).put('sales', { schema: { fields: [field('id', dataTypes.int64())] }, rows: [[1n]] });
    await runtime.updateDataset({ ...sales(), description: 'Sold.' });
    await runtime.refresh('totals');
    expect(await rowsOf(runtime, 'FROM totals')).toEqual([{ id: 1n }]);
  });

  it('may keep their rows in a file anywhere', async () => {
    const runtime = await host.start({
      datasets: [sales()],
      views: [
        {
          name: 'totals',
          sql: TOTALS,
          acceleration: { engine: 'duckdb', mode: 'file', params: { duckdb_file: 'elsewhere/totals.duckdb' } },
        },
      ],
    });
    expect(await rowsOf(runtime, READ)).toHaveLength(4);
    await runtime.refresh('totals');
    expect(statusOf(runtime, 'totals')).toMatchObject({ state: 'ready', mode: 'file' });
  });

  it('keep a dataset that they read from being removed', async () => {
    const runtime = await host.start({
      datasets: [sales()],
      views: [{ name: 'totals', sql: TOTALS, acceleration: {} }],
    });
    await expect(runtime.removeDataset('sales')).rejects.toMatchObject({
      code: 'invalid_state',
      message: expect.stringContaining('view totals reads it'),
    });
    expect(await rowsOf(runtime, READ)).toHaveLength(4);
  });

  it('drop cached results with their own rows, and not with those that they were made of', async () => {
    const runtime = await host.start({
      runtime: { caching: { sql_results: { item_ttl: '1h' } } },
      datasets: [sales({})],
      views: [{ name: 'totals', sql: TOTALS, acceleration: {} }],
    });
    await runtime.ready();
    const ask = async () => {
      const result = await runtime.sql(READ);
      return { status: result.cacheStatus, rows: await result.toRows() };
    };
    const first = await ask();
    putSales(2);
    await runtime.refresh('sales');
    expect(await ask()).toEqual({ status: 'hit', rows: first.rows });
    await runtime.refresh('totals');
    const second = await ask();
    expect(second.status).toBe('miss');
    expect(second.rows).not.toEqual(first.rows);
    expect(await ask()).toEqual({ ...second, status: 'hit' });
  });

  it('are refused with the reason', async () => {
    const failure = (view: object, others: RuntimeConfigInput['views'] = []) =>
      host.start({ datasets: [sales()], views: [{ name: 'v', sql: TOTALS, acceleration: {}, ...view }, ...others] });
    for (const [view, code, text] of [
      [{ sql: 'SELECT 1 AS x FROM nowhere' }, 'unknown_table', 'view v: there is no dataset or view nowhere'],
      [{ sql: 'SELECT nothing FROM sales' }, 'sql_error', 'view v:'],
      [{ sql: 'SELECT FROM' }, 'sql_syntax', 'view v:'],
      [{ sql: 'DELETE FROM sales' }, 'sql_refused', 'view v:'],
      [{ sql: 'SELECT $1 AS x' }, 'sql_refused', 'parameters'],
      [{ sql: 'SELECT * FROM v' }, 'invalid_config', 'the view refers to itself: v → v'],
      [{ acceleration: { refresh_sql: 'SELECT 1' } }, 'invalid_config', 'has no meaning for a view'],
      [{ acceleration: { refresh_mode: 'append' } }, 'invalid_config', 'needs `time_column`'],
      [
        { time_column: 'sold_at', acceleration: { refresh_mode: 'append' } },
        'invalid_config',
        'there is no time column sold_at among the columns that are kept',
      ],
      [{ acceleration: { engine: 'missing' } }, 'unknown_accelerator', 'missing'],
      [{ acceleration: { primary_key: 'missing' } }, 'invalid_config', 'missing'],
      [{ acceleration: undefined, ready_state: 'on_load' }, 'invalid_config', 'no meaning without `acceleration`'],
      [{ depends_on: ['nowhere'] }, 'invalid_config', 'there is no such dataset or view'],
    ] as const)
      await expect(failure(view)).rejects.toMatchObject({ code, message: expect.stringContaining(text) });
    await expect(
      failure({ sql: 'SELECT * FROM w' }, [{ name: 'w', sql: 'SELECT 1 AS x', depends_on: ['v'] }]),
    ).rejects.toMatchObject({ code: 'invalid_config', message: expect.stringContaining('v → w → v') });
  });
});
