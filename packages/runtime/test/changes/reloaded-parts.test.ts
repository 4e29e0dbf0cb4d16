import { memoryConnector } from '@millrace/connector-memory';
import { type ConnectorPlugin, defineConnector, MillraceError } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { ENGINES } from '@millrace/engines';
import { describe, expect, it } from 'vitest';
import type { CatalogInput, DatasetInput, Runtime } from '../../src/index.ts';
import { useChanges } from './changes-fixture.ts';

const STORE = 'reloaded-parts';
const WAIT = { timeout: 60_000 };
/** Seconds on a machine that does nothing else. */
const SLOW = { timeout: 300_000 };

describe('a configuration file of which another part changes', SLOW, () => {
  const fixture = useChanges(STORE);
  const { dataset, rows, put, hold, otherStore, write, startFromFile: start } = fixture;
  const accelerated = (changes: Partial<DatasetInput> = {}) =>
    dataset({ acceleration: { engine: 'arrow' }, ...changes });
  const codeOf = (error: { readonly code: string }): string => error.code;
  const first = (runtime: Runtime, sql: string) => rows(runtime, sql).then(([row]) => row, codeOf);

  describe('its catalogs', () => {
    const source = { isDown: false };
    const listable: ConnectorPlugin = defineConnector({
      ...memoryConnector,
      id: 'listable',
      create: async (parameters, context) => {
        const connector = await memoryConnector.create(parameters, context);
        return {
          ...connector,
          catalogProvider: async (...request) => {
            if (source.isDown)
              throw new MillraceError({ code: 'unavailable', component: 'source', message: 'it is down' });
            return connector.catalogProvider!(...request);
          },
        };
      },
    });
    const registry = createRegistry({ connectors: [listable], accelerators: ENGINES });
    const catalog = (changes: Partial<CatalogInput> = {}): CatalogInput => ({
      from: 'listable',
      name: 'k',
      params: { memory_database: STORE },
      ...changes,
    });
    const COUNT = 'SELECT count(*)::INTEGER AS n FROM k.main.b';

    it('may come, change and go, while statements finish on what they began with', async () => {
      put(20_000);
      const runtime = await start({ datasets: [] }, { registry });
      expect(await first(runtime, COUNT)).toBe('sql_refused');
      write({ catalogs: [catalog()], views: [{ name: 'v', sql: 'SELECT note FROM k.main.a' }] });
      expect(await runtime.reload()).toMatchObject({ added: ['k', 'v'], updated: [], removed: [], failed: [] });
      expect(await first(runtime, COUNT)).toEqual({ n: 20_000 });
      expect(await rows(runtime, 'SHOW TABLES FROM k')).toEqual([{ name: 'k.main.a' }, { name: 'k.main.b' }]);
      const read = (await runtime.sql('SELECT note FROM k.main.b'))[Symbol.asyncIterator]();
      let seen = (await read.next()).value?.numRows ?? 0;
      write({
        catalogs: [catalog({ params: { memory_database: otherStore } })],
        views: [{ name: 'v', sql: 'SELECT note FROM k.main.a' }],
      });
      expect(await runtime.reload()).toMatchObject({ added: [], updated: ['k'], removed: [], failed: [] });
      expect(await first(runtime, COUNT)).toBe('unknown_table');
      expect(await first(runtime, 'SELECT count(*)::INTEGER AS n FROM v')).toEqual({ n: 20_000 });
      expect(await rows(runtime, 'SHOW TABLES FROM k')).toEqual([{ name: 'k.main.a' }]);
      write({ catalogs: [], views: [{ name: 'v', sql: 'SELECT note FROM k.main.a' }] });
      await expect(runtime.reload()).rejects.toBeInstanceOf(Error);
      expect(runtime.catalogs().map(({ name }) => name)).toEqual(['k']);
      write({ catalogs: [] });
      expect(await runtime.reload()).toMatchObject({ removed: ['k', 'v'], failed: [] });
      expect(await first(runtime, COUNT)).toBe('sql_refused');
      expect(await rows(runtime, 'SHOW TABLES')).toEqual([]);
      for (let next = await read.next(); !next.done; next = await read.next()) seen += next.value.numRows;
      expect(seen).toBe(20_000);
    });

    it('stay as they were where they cannot be listed, and are tried again', async () => {
      put(3);
      const runtime = await start({ catalogs: [catalog()] }, { registry });
      source.isDown = true;
      write({ catalogs: [catalog({ exclude: ['main.a'] }), catalog({ name: 'other' })] });
      expect(await runtime.reload()).toMatchObject({
        added: ['other'],
        updated: [],
        failed: [{ name: 'k', code: 'unavailable' }],
      });
      expect(runtime.catalogs().map(({ name, state }) => `${name} ${state}`)).toEqual(['k ready', 'other error']);
      expect(await first(runtime, 'SELECT count(*)::INTEGER AS n FROM k.main.a')).toEqual({ n: 3 });
      source.isDown = false;
      expect(await runtime.reload()).toMatchObject({ added: [], updated: ['k'], failed: [] });
      expect(await first(runtime, 'SELECT count(*)::INTEGER AS n FROM k.main.a')).toBe('unknown_table');
      expect(await first(runtime, 'SELECT count(*)::INTEGER AS n FROM other.main.a')).toEqual({ n: 3 });
    });
  });

  describe('its accelerated views', () => {
    const acceleration = { engine: 'arrow' };

    it('may come, change with what they read, become something else, and go', async () => {
      put(10);
      const runtime = await start({ datasets: [accelerated()] });
      const totals = { name: 'totals', sql: 'SELECT count(*)::INTEGER AS n FROM a', acceleration };
      write({ datasets: [accelerated()], views: [{ name: 'top', sql: 'SELECT n FROM totals' }, totals] });
      expect(await runtime.reload()).toMatchObject({ added: ['top', 'totals'], failed: [] });
      await runtime.ready();
      expect(await first(runtime, 'FROM top')).toEqual({ n: 10 });
      // Of another column, over a dataset that comes with it, and under a view that follows.
      const extras = { ...totals, sql: 'SELECT max(extra) AS most FROM c' };
      const c = accelerated({ name: 'c', from: 'faulty:b' });
      write({ datasets: [accelerated(), c], views: [{ name: 'top', sql: 'SELECT most FROM totals' }, extras] });
      expect(await runtime.reload()).toMatchObject({ added: ['c'], updated: ['top', 'totals'], failed: [] });
      expect(await first(runtime, 'FROM top')).toEqual({ most: 9 });
      const query = { name: 'totals', sql: 'SELECT min(extra) AS most FROM c' };
      write({ datasets: [accelerated(), c], views: [{ name: 'top', sql: 'SELECT most FROM totals' }, query] });
      expect(await runtime.reload()).toMatchObject({ updated: ['totals'], failed: [] });
      expect(await first(runtime, 'FROM top')).toEqual({ most: 0 });
      expect(runtime.datasets().map(({ name }) => name)).toEqual(['a', 'c']);
      write({ datasets: [accelerated(), accelerated({ name: 'totals', from: 'faulty:b' })] });
      expect(await runtime.reload()).toMatchObject({ added: ['totals'], removed: ['c', 'top', 'totals'], failed: [] });
      await runtime.ready();
      expect(await first(runtime, 'SELECT max(extra) AS most FROM totals')).toEqual({ most: 9 });
      write({ datasets: [accelerated()], views: [totals] });
      expect(await runtime.reload()).toMatchObject({ added: ['totals'], removed: ['totals'], failed: [] });
      expect(await first(runtime, 'FROM totals')).toEqual({ n: 10 });
      write({ datasets: [accelerated()] });
      expect(await runtime.reload()).toMatchObject({ removed: ['totals'], failed: [] });
      expect(await first(runtime, 'FROM totals')).toBe('unknown_table');
    });

    it('serve their rows while what they read is replaced, and are refreshed behind it', async () => {
      put(10);
      const views = [
        { name: 'last', sql: 'SELECT max(note) AS note FROM a', acceleration },
        { name: 'over', sql: 'SELECT note FROM last', acceleration },
      ];
      const runtime = await start({ datasets: [accelerated()], views });
      const open = hold();
      write({ datasets: [accelerated({ from: 'faulty:b' })], views });
      const reload = runtime.reload();
      await expect.poll(() => fixture.source.reading, WAIT).toBe(1);
      expect(await first(runtime, 'FROM over')).toEqual({ note: 'a2' });
      open();
      expect(await reload).toMatchObject({ added: [], updated: ['a'], removed: [], failed: [] });
      await expect.poll(() => first(runtime, 'FROM over'), WAIT).toEqual({ note: 'b2' });
    });

    it('are loaded anew where a view that they are read through is another one', async () => {
      put(10);
      const views = (sql: string) => [
        { name: 'few', sql },
        { name: 'counted', sql: 'SELECT count(*)::INTEGER AS n FROM few', acceleration },
      ];
      const runtime = await start({ datasets: [accelerated()], views: views('SELECT id FROM a') });
      write({ datasets: [accelerated()], views: views('SELECT id FROM a WHERE id < 4') });
      expect(await runtime.reload()).toMatchObject({ updated: ['few'], failed: [] });
      expect(await first(runtime, 'FROM counted')).toEqual({ n: 4 });
    });

    it('keep their rows where the new definition cannot be loaded, and are tried again', async () => {
      put(10);
      const [a, view] = [dataset(), { name: 'v', sql: 'SELECT id FROM a', acceleration }];
      const runtime = await start({ datasets: [a], views: [view] });
      fixture.source.failure = 'lasting';
      write({ datasets: [a], views: [{ ...view, sql: 'SELECT id FROM a WHERE id < 3' }] });
      expect(await runtime.reload()).toMatchObject({ updated: [], failed: [{ name: 'v', code: 'unauthorized' }] });
      const count = 'SELECT count(*)::INTEGER AS n FROM v';
      expect(await first(runtime, count)).toEqual({ n: 10 });
      fixture.source.failure = undefined;
      expect(await runtime.reload()).toMatchObject({ updated: ['v'], failed: [] });
      expect(await first(runtime, count)).toEqual({ n: 3 });
    });

    it.each([
      ['another query that cannot be made', 'SELECT nothing FROM a', 'sql_error'],
      ['a circle', 'SELECT id FROM v', 'invalid_config'],
      ['a name of nothing', 'SELECT id FROM nothing', 'unknown_table'],
    ])('change nothing with %s', async (_, sql, code) => {
      put(10);
      const view = { name: 'v', sql: 'SELECT id FROM a', acceleration };
      const runtime = await start({ datasets: [accelerated()], views: [view] });
      write({ datasets: [accelerated({ from: 'faulty:b' })], views: [{ ...view, sql }] });
      await expect(runtime.reload()).rejects.toMatchObject({ code });
      expect(await first(runtime, 'SELECT count(*)::INTEGER AS n FROM v')).toEqual({ n: 10 });
      expect(await first(runtime, 'SELECT max(note) AS note FROM a')).toEqual({ note: 'a2' });
    });
  });

  it('keeps copies where other fields than those of their rows change, all of them or none', async () => {
    put(10);
    const retained = (condition: string): DatasetInput =>
      accelerated({
        name: 'b',
        acceleration: {
          engine: 'arrow',
          retention_check_enabled: true,
          retention_sql: `DELETE FROM b WHERE ${condition}`,
          retention_check_interval: '1h',
        },
      });
    const every = (refresh_check_interval: string) =>
      accelerated({ acceleration: { engine: 'arrow', refresh_check_interval } });
    const runtime = await start({ datasets: [every('1h'), retained('id < 2')] });
    const { scanCount } = fixture.source;
    const seen = () =>
      runtime.datasets().map(({ name, rowCount, refreshedAtMs, nextRefreshAtMs }) => ({
        name,
        rowCount,
        refreshedAtMs,
        nextRefreshAtMs,
      }));
    const before = seen();
    write({ datasets: [every('2h'), retained('nothing < 3'), accelerated({ name: 'c', from: 'faulty:b' })] });
    await expect(runtime.reload()).rejects.toMatchObject({ code: 'invalid_config' });
    expect(seen().map(({ nextRefreshAtMs: _, ...rest }) => rest)).toEqual(
      before.map(({ nextRefreshAtMs: _, ...rest }) => rest),
    );
    write({ datasets: [every('3h'), retained('id < 3')] });
    expect(await runtime.reload()).toMatchObject({ added: [], updated: ['a', 'b'], removed: [], failed: [] });
    const [a] = seen();
    expect(seen().map(({ refreshedAtMs }) => refreshedAtMs)).toEqual(before.map(({ refreshedAtMs }) => refreshedAtMs));
    expect((a?.nextRefreshAtMs ?? 0) - (before[0]?.nextRefreshAtMs ?? 0)).toBeGreaterThan(3_600_000);
    expect(fixture.source.scanCount).toBe(scanCount);
  });

  it('caches results by the settings that hold, and none by former ones', async () => {
    put(10);
    const caching = (changes: object) => ({ caching: { sql_results: { item_ttl: '1h', ...changes } } });
    const runtime = await start({ datasets: [accelerated()], runtime: caching({}) });
    const ask = async () => {
      const result = await runtime.sql('SELECT count(*) FROM a');
      await result.toRows();
      return result.cacheStatus;
    };
    expect([await ask(), await ask()]).toEqual(['miss', 'hit']);
    write({ datasets: [accelerated()], runtime: caching({ max_size: '1MiB' }) });
    const inBetween = await runtime.sql('SELECT count(*) FROM a WHERE id > 1');
    expect(await runtime.reload()).toMatchObject({ added: [], updated: [], settings: ['runtime.caching'] });
    await inBetween.toRows();
    expect(runtime.resultsCache()).toMatchObject({ hits: 1, misses: 2, itemCount: 0, maxByteCount: 2 ** 20 });
    expect([await ask(), await ask()]).toEqual(['miss', 'hit']);
    write({ datasets: [accelerated()], runtime: caching({ enabled: false }) });
    expect((await runtime.reload()).settings).toEqual(['runtime.caching']);
    expect([await ask(), runtime.resultsCache()]).toEqual(['disabled', undefined]);
    write({ datasets: [accelerated()], runtime: caching({}) });
    await runtime.reload();
    expect([await ask(), await ask()]).toEqual(['miss', 'hit']);
    expect(runtime.resultsCache()).toMatchObject({ hits: 3, misses: 4 });
    expect((await runtime.reload()).settings).toEqual([]);
  });
});
