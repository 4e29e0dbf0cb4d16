import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import {
  type Catalog,
  type ConnectorPlugin,
  type DataConnectorFactory,
  dataTypes,
  defineConnector,
  field,
  MillraceError,
} from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRuntime, formatExplanation, type Runtime, type RuntimeConfigInput } from '../src/index.ts';

const STORE = 'catalogs-test';
const PARAMS = { memory_database: STORE };
const INTEGER = { schema: { fields: [field('id', dataTypes.int32()), field('name', dataTypes.utf8())] } };

describe('catalogs', () => {
  const runtimes: Runtime[] = [];
  const store = memoryDatabase(STORE);
  const calls = { namespaces: 0, tables: 0, table: 0 };
  const warnings: string[] = [];
  let isDown = false;

  /** The memory connector, its catalog's calls counted, and its source switched off at will. */
  const counted: ConnectorPlugin = countedConnector({});

  function countedConnector(more: Partial<DataConnectorFactory> & { readonly waits?: boolean }): ConnectorPlugin {
    return defineConnector({
      id: 'counted',
      prefix: 'memory',
      parameters: memoryConnector.parameters,
      ...more,
      async create(parameters, context) {
        const connector = await memoryConnector.create(parameters, context);
        return {
          ...connector,
          ...(more.waits ? { initialization: 'on_trigger' } : {}),
          metricsProvider: { metrics: () => ({ tables_loaded: calls.table }) },
          catalogProvider: async (source, scan) => countCalls(await connector.catalogProvider!(source, scan)),
          [Symbol.asyncDispose]: () => connector.close(),
        };
      },
    });
  }

  function countCalls(catalog: Catalog): Catalog {
    const requireUp = () => {
      if (isDown) throw new MillraceError({ code: 'unavailable', component: 'source', message: 'it is down' });
    };
    return {
      ...catalog,
      namespaces(...request) {
        requireUp();
        calls.namespaces += 1;
        return catalog.namespaces(...request);
      },
      tables(...request) {
        requireUp();
        calls.tables += 1;
        return catalog.tables(...request);
      },
      async table(...request) {
        requireUp();
        calls.table += 1;
        return catalog.table(...request);
      },
    };
  }

  async function start(config: RuntimeConfigInput, connector: ConnectorPlugin = counted): Promise<Runtime> {
    const runtime = await createRuntime({
      config,
      registry: createRegistry({ connectors: [memoryConnector, connector], accelerators: [] }),
      logger: {
        debug() {},
        info() {},
        warn: (message, fields) => void warnings.push(`${message} ${JSON.stringify(fields)}`),
        error: (message, fields) => void warnings.push(`${message} ${JSON.stringify(fields)}`),
      },
    });
    runtimes.push(runtime);
    return runtime;
  }

  const catalog = (more: object = {}) => ({ from: 'counted', name: 'pg', params: PARAMS, ...more });
  const read = async (runtime: Runtime, sql: string, options = {}) => (await runtime.sql(sql, options)).toRows();
  const put = (table: Parameters<typeof store.put>[0], count = 3) =>
    store.put(table, { ...INTEGER, rows: Array.from({ length: count }, (_, id) => [id, `row ${id}`]) });

  beforeEach(() => {
    Object.assign(calls, { namespaces: 0, tables: 0, table: 0 });
    warnings.length = 0;
    isDown = false;
    put('public.orders', 100);
    put('public.customers', 10);
    put('private.notes', 1);
    put('top', 2);
  });
  afterEach(async () => {
    await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
    store.clear();
  });

  it('of 2,000 tables are listed by namespace, and loaded by name', async () => {
    for (let index = 0; index < 2_000; index += 1) put(`big.table_${index}`, 1);
    const runtime = await start({ catalogs: [catalog()] });
    expect(calls).toEqual({ namespaces: 4, tables: 4, table: 0 });
    expect(runtime.catalogs()[0]).toMatchObject({ state: 'ready', loadedCount: 0 });
    expect(runtime.catalogs()[0]!.tables).toHaveLength(2_004);
    const listed = "SELECT count(*) AS n FROM information_schema.tables WHERE table_catalog = 'pg'";
    expect(await read(runtime, listed)).toEqual([{ n: 2_004n }]);
    expect(await read(runtime, 'SHOW TABLES FROM pg.big')).toHaveLength(2_000);
    expect(calls.table).toBe(0);
    expect(await read(runtime, 'SELECT a.id FROM pg.big.table_7 a JOIN pg.big.table_1999 b USING (id)')).toEqual([
      { id: 0 },
    ]);
    expect(await read(runtime, 'SELECT count(*) AS n FROM pg.big.table_7')).toEqual([{ n: 1n }]);
    expect(calls).toEqual({ namespaces: 4, tables: 4, table: 2 });
    expect(runtime.catalogs()[0]).toMatchObject({ loadedCount: 2 });
  });

  it.each([{}, { native: 'off' }, { pushdown: 'off' }] as const)(
    'join with datasets, views and each other under %o',
    async (options) => {
      const runtime = await start({
        catalogs: [catalog(), { ...catalog(), name: 'Other' }],
        datasets: [{ from: 'memory:public.customers', name: 'sales.customers', params: PARAMS }],
        views: [
          { name: 'late', sql: 'SELECT * FROM pg.public.orders WHERE id >= 90' },
          { name: 'sales.later', sql: 'SELECT pg.public.orders.id FROM late JOIN pg.public.orders USING (id)' },
        ],
      });
      const join = `SELECT o.id, c.name, n.name AS note FROM pg.public.orders AS o
        JOIN sales.customers c ON c.id = o.id JOIN other."private".notes n ON n.id = o.id
        WHERE pg.o.id IS NULL OR o.id < 5`.replace('pg.o.id IS NULL OR ', '');
      expect(await read(runtime, join, options)).toEqual([{ id: 0, name: 'row 0', note: 'row 0' }]);
      expect(await read(runtime, 'SELECT count(*) AS n FROM sales.later', options)).toEqual([{ n: 10n }]);
      const qualified = 'SELECT PG.Public.Orders.name FROM pg.public.orders WHERE public.orders.id = 7';
      expect(await read(runtime, qualified, options)).toEqual([{ name: 'row 7' }]);
      expect(await read(runtime, 'SELECT count(*) AS n FROM pg.top, pg.main.top AS t', options)).toEqual([{ n: 4n }]);
    },
  );

  it('push filters down, and say so under their names', async () => {
    const runtime = await start({ catalogs: [catalog()] });
    const explanation = await runtime.explain('SELECT name FROM pg.public.orders WHERE id = 5', { native: 'off' });
    expect(explanation.scans[0]).toMatchObject({ table: 'pg.public.orders', access: 'scan', columns: ['id', 'name'] });
    expect(formatExplanation(explanation)).toContain('filter (exact): id = 5');
    expect(await read(runtime, 'EXPLAIN SELECT name FROM pg.public.orders', { native: 'off' })).toContainEqual({
      explain: 'pg.public.orders: scan',
    });
  });

  it('answer DESCRIBE, SHOW and information_schema', async () => {
    const runtime = await start({
      catalogs: [catalog({ exclude: ['private.*'] })],
      datasets: [{ from: 'memory:top', name: 'sales.top', params: PARAMS }],
    });
    const columns = await read(runtime, 'DESCRIBE pg.public.orders');
    expect(columns.map((row) => [row.column_name, row.column_type])).toEqual([
      ['id', 'INTEGER'],
      ['name', 'VARCHAR'],
    ]);
    expect(await read(runtime, 'SHOW TABLES')).toEqual(
      ['pg.main.top', 'pg.public.customers', 'pg.public.orders', 'sales.top'].map((name) => ({ name })),
    );
    expect(await read(runtime, 'SHOW TABLES FROM PG')).toHaveLength(3);
    expect(await read(runtime, 'SHOW TABLES FROM sales')).toEqual([{ name: 'sales.top' }]);
    const loaded = `SELECT table_catalog AS c, table_schema AS s, table_name AS t FROM information_schema.columns
      WHERE information_schema.columns.column_name = 'id' ORDER BY ALL`;
    expect(await read(runtime, loaded)).toEqual([
      { c: 'millrace', s: 'sales', t: 'top' },
      { c: 'pg', s: 'public', t: 'orders' },
    ]);
    const all = await read(runtime, 'SHOW ALL TABLES');
    expect(all.map((row) => [row.database, row.schema, row.name, row.column_names])).toEqual([
      ['millrace', 'sales', 'top', ['id', 'name']],
      ['pg', 'main', 'top', []],
      ['pg', 'public', 'customers', []],
      ['pg', 'public', 'orders', ['id', 'name']],
    ]);
    const schemata = "SELECT schema_name AS s FROM information_schema.schemata WHERE catalog_name = 'pg' ORDER BY 1";
    expect(await read(runtime, schemata)).toEqual([{ s: 'main' }, { s: 'public' }]);
  });

  it('take odd names', async () => {
    const names = ['select', 'Mixed Case', 'with.point', 'quo"te', 'カラム', '1st', 'semi;colon', ' lead'];
    for (const name of names) put({ namespace: ['Odd Schema', 'be.low'], name }, 2);
    const runtime = await start({ catalogs: [{ ...catalog(), name: '"My Catalog"' }] });
    for (const name of names) {
      const quoted = `"My Catalog"."Odd Schema.be.low"."${name.replaceAll('"', '""')}"`;
      expect(await read(runtime, `SELECT ${quoted}.id FROM ${quoted}`), name).toHaveLength(2);
    }
  });

  it('refuse a name that means two tables, and nothing else', async () => {
    put('public.Orders', 1);
    const runtime = await start({ catalogs: [catalog(), { ...catalog(), name: 'one', exclude: ['public.Orders'] }] });
    for (const name of ['orders', '"Orders"', 'ORDERS']) {
      await expect(runtime.sql(`SELECT * FROM pg.public.${name}`)).rejects.toMatchObject({
        code: 'invalid_argument',
        message: expect.stringMatching(/pg\.public\."Orders" and pg\.public\.orders/),
      });
    }
    expect(await read(runtime, 'SELECT count(*) AS n FROM pg.public.customers')).toEqual([{ n: 10n }]);
    expect(await read(runtime, 'SELECT count(*) AS n FROM one.public.orders')).toEqual([{ n: 100n }]);
  });

  it('keep what include and exclude say, and name a pattern that matches nothing', async () => {
    const runtime = await start({
      catalogs: [catalog({ include: ['public.*', 'nowhere.*'], exclude: ['*.cust?mers'] })],
    });
    expect(runtime.catalogs()[0]!.tables).toEqual(['pg.public.orders']);
    expect(calls.tables).toBe(1);
    expect(warnings).toEqual([expect.stringMatching(/include matches no table.*nowhere\.\*/)]);
    await expect(runtime.sql('SELECT * FROM pg.public.customers')).rejects.toMatchObject({
      code: 'unknown_table',
      hint: expect.stringContaining('exclude'),
    });
    await expect(runtime.sql('SELECT * FROM pg.public.oders')).rejects.toMatchObject({
      code: 'unknown_table',
      hint: 'Did you mean pg.public.orders?',
    });
  });

  it('are listed once more for a name that is not known', async () => {
    const runtime = await start({ catalogs: [catalog()] });
    put('public.fresh', 4);
    const counts = await Promise.all([1, 2, 3].map(() => read(runtime, 'SELECT count(*) AS n FROM pg.public.fresh')));
    expect(counts).toEqual([[{ n: 4n }], [{ n: 4n }], [{ n: 4n }]]);
    expect(calls).toEqual({ namespaces: 6, tables: 6, table: 1 });
    await expect(runtime.sql('SELECT * FROM pg.public.none')).rejects.toMatchObject({ code: 'unknown_table' });
    expect(calls.tables).toBe(9);
    await read(runtime, 'SELECT * FROM pg.public.fresh');
    expect(calls).toMatchObject({ tables: 9, table: 1 });
  });

  it('take changed columns over when they are refreshed', async () => {
    const runtime = await start({
      catalogs: [catalog()],
      views: [{ name: 'v', sql: 'SELECT * FROM pg.public.orders' }],
    });
    expect(Object.keys((await read(runtime, 'SELECT * FROM v LIMIT 1'))[0]!)).toEqual(['id', 'name']);
    store.drop('public.orders');
    store.put('public.orders', { schema: { fields: [field('x', dataTypes.int64())] }, rows: [[1n]] });
    await runtime.refreshCatalog('pg');
    for (const options of [{}, { native: 'off' }, { pushdown: 'off' }] as const) {
      expect(await read(runtime, 'SELECT x FROM pg.public.orders', options)).toEqual([{ x: 1n }]);
      expect(await read(runtime, 'SELECT * FROM v', options)).toEqual([{ x: 1n }]);
    }
    store.drop('public.orders');
    await runtime.refreshCatalog('PG');
    await expect(runtime.sql('SELECT * FROM pg.public.orders')).rejects.toMatchObject({ code: 'unknown_table' });
    const columns = "SELECT * FROM information_schema.columns WHERE table_name = 'orders'";
    expect(await read(runtime, columns)).toEqual([]);
    await expect(runtime.refreshCatalog('gp')).rejects.toMatchObject({ code: 'not_found', hint: 'Did you mean pg?' });
  });

  it('whose source is down leave everything else working, and come back by themselves', async () => {
    isDown = true;
    const runtime = await start({
      catalogs: [catalog()],
      datasets: [{ from: 'memory:top', name: 'here', params: PARAMS }],
      views: [{ name: 'v', sql: 'SELECT id FROM pg.public.orders' }],
    });
    expect(await read(runtime, 'SELECT count(*) AS n FROM here')).toEqual([{ n: 2n }]);
    expect(runtime.catalogs()[0]).toMatchObject({
      state: 'error',
      tables: [],
      lastError: expect.stringContaining('down'),
    });
    for (const name of ['pg.public.orders', 'v'])
      await expect(runtime.sql(`SELECT * FROM ${name}`)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await read(runtime, 'SHOW TABLES')).toEqual([{ name: 'here' }]);
    isDown = false;
    expect(await read(runtime, 'SELECT count(*) AS n FROM v')).toEqual([{ n: 100n }]);
    expect(runtime.catalogs()[0]).toMatchObject({ state: 'ready' });
  });

  it('lose one table that cannot be loaded, and only until it can', async () => {
    const runtime = await start({ catalogs: [catalog()] });
    store.put('public.broken', {
      schema: { fields: [field('a', dataTypes.int32()), field('A', dataTypes.int32())] },
      rows: [],
    });
    await expect(runtime.sql('SELECT * FROM pg.public.broken')).rejects.toMatchObject({ name: 'MillraceError' });
    expect(await read(runtime, 'SELECT count(*) AS n FROM pg.public.orders')).toEqual([{ n: 100n }]);
    isDown = true;
    await expect(runtime.sql('SELECT * FROM pg.public.customers')).rejects.toMatchObject({ code: 'unavailable' });
    expect(await read(runtime, 'SELECT count(*) AS n FROM pg.public.orders')).toEqual([{ n: 100n }]);
    isDown = false;
    expect(await read(runtime, 'SELECT count(*) AS n FROM pg.public.customers')).toEqual([{ n: 10n }]);
  });

  it('of a connector that waits for the first use are listed then', async () => {
    const runtime = await start(
      {
        catalogs: [catalog()],
        datasets: [{ from: 'counted:public.orders', name: 'orders', params: PARAMS }],
      },
      countedConnector({ waits: true }),
    );
    expect(calls.tables).toBe(0);
    expect(runtime.catalogs()[0]).toMatchObject({ state: 'waiting', tables: [] });
    expect(runtime.datasets()[0]).not.toHaveProperty('schema');
    expect(await read(runtime, 'SELECT count(*) AS n FROM orders')).toEqual([{ n: 100n }]);
    expect(runtime.datasets()[0]).toHaveProperty('schema');
    expect(calls.tables).toBe(0);
    expect(await read(runtime, 'SHOW TABLES')).toHaveLength(5);
    expect(calls).toMatchObject({ tables: 3, table: 0 });
  });

  it('share a connector with datasets of the same parameters, whose figures are shown', async () => {
    const runtime = await start({
      catalogs: [catalog()],
      datasets: [{ from: 'counted:top', name: 'top', params: PARAMS }],
    });
    await read(runtime, 'SELECT * FROM pg.public.orders');
    expect(runtime.connectorMetrics()).toEqual([
      { connector: 'counted', serves: ['dataset top', 'catalog pg'], figures: { tables_loaded: 1 } },
    ]);
  });

  it('are a mistake of the configuration where the connector has none', async () => {
    const bare = defineConnector({
      id: 'counted',
      prefix: 'memory',
      parameters: memoryConnector.parameters,
      async create(parameters, context) {
        const { catalogProvider: _, ...rest } = await memoryConnector.create(parameters, context);
        return { ...rest, [Symbol.asyncDispose]: () => rest.close() };
      },
    });
    await expect(start({ catalogs: [catalog()] }, bare)).rejects.toMatchObject({ code: 'invalid_config' });
    await expect(start({ catalogs: [{ from: 'countd', name: 'pg' }] })).rejects.toMatchObject({
      code: 'unknown_connector',
    });
  });

  it('and datasets take unsupported_type_action where the connector does', async () => {
    const action = { unsupported_type_action: 'string' } as const;
    const seen: unknown[] = [];
    const able = defineConnector({
      ...counted,
      supportsUnsupportedTypeAction: true,
      async create(parameters, context) {
        const connector = await memoryConnector.create(parameters, context);
        return {
          ...connector,
          readProvider: async (source, scan) => {
            seen.push(source.unsupportedTypeAction);
            return connector.readProvider(source, scan);
          },
          catalogProvider: async (source, scan) => {
            seen.push(source.unsupportedTypeAction);
            return connector.catalogProvider!(source, scan);
          },
          [Symbol.asyncDispose]: () => connector.close(),
        };
      },
    });
    const config = {
      catalogs: [catalog(action)],
      datasets: [{ from: 'counted:top', name: 'top', params: PARAMS, ...action }],
    };
    await start(config, able);
    expect(seen).toEqual(['string', 'string']);
    await expect(start({ catalogs: config.catalogs })).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining('unsupported_type_action'),
    });
    await expect(start({ datasets: config.datasets })).rejects.toMatchObject({ code: 'invalid_config' });
  });
});
