import { createRuntime, type Runtime, type RuntimeConfigInput } from '@millrace/runtime';
import { serviceTitle, sharedMariaDb, sharedPostgres } from '@millrace/services';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingStores, OPEN_STORES, type Store, type TableRows } from '../src/index.ts';
import { allPlugins } from './registry.ts';

/** MariaDB writes every definition through to the disk: two thousand take minutes on a slow one. */
const TABLE_COUNTS = { postgres: 2_000, mysql: process.env.MILLRACE_TEST_FULL === '1' ? 2_000 : 200 } as const;
const ODD_NAMES = [
  'Mixed',
  'with space',
  'with.point',
  'quo"te',
  'semi;colon',
  'select',
  'カラム',
  '0digit',
  'back\\slash',
];

const tableOf = (name: string, count: number): TableRows => ({
  name,
  columns: [
    { name: 'id', type: 'BIGINT', nullable: false },
    { name: 'Label Text', type: 'VARCHAR(40)', nullable: true },
  ],
  rows: () => Array.from({ length: count }, (_, index) => [BigInt(index), index % 3 === 0 ? null : `row ${index}`]),
});

const missing = missingStores();

describe.skipIf(missing !== undefined)(serviceTitle('catalogs of real databases', missing), () => {
  const stores: Store[] = [];
  const runtimes: Runtime[] = [];

  async function open(kind: Store['connector'], tables: readonly TableRows[]): Promise<Store> {
    const store = await OPEN_STORES[kind](tables);
    stores.push(store);
    return store;
  }
  async function start(config: RuntimeConfigInput): Promise<Runtime> {
    const runtime = await createRuntime({ config, registry: allPlugins() });
    runtimes.push(runtime);
    return runtime;
  }
  const rowsOf = async (runtime: Runtime, sql: string, options = {}) => (await runtime.sql(sql, options)).toRows();
  const catalogOf = ({ connector, params, schemaName }: Store, name: string) => ({
    from: connector,
    name,
    params,
    include: [`${schemaName}.*`],
  });
  const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

  afterAll(async () => {
    for (const runtime of runtimes) await runtime.close();
    for (const store of stores) await store.close();
  });

  describe.each(['postgres', 'mysql'] as const)('many tables in %s', (kind) => {
    const tableCount = TABLE_COUNTS[kind];
    let store: Store;
    let database: string;

    beforeAll(async () => {
      store = await open(kind, []);
      database = (kind === 'postgres' ? store.params.pg_db : store.params.mysql_db)!;
      const create = Array.from({ length: tableCount }, (_, index) => `CREATE TABLE t_${index} (id bigint, x int)`);
      if (kind === 'postgres') {
        const { host, port, user, password } = await sharedPostgres();
        const { default: pg } = await import('pg');
        const client = new pg.Client({ host, port, user, password, database });
        await client.connect();
        await client.query(create.join(';'));
        await client.query('INSERT INTO t_123 VALUES (1, 2), (2, NULL)');
        await client.end();
      } else {
        const { host, port, user, password } = await sharedMariaDb();
        const { default: mysql } = await import('mysql2/promise');
        const client = await mysql.createConnection({ host, port, user, password, database, multipleStatements: true });
        await client.query(create.join(';'));
        await client.query('INSERT INTO t_123 VALUES (1, 2), (2, NULL)');
        await client.end();
      }
    }, 300_000);

    it('are listed and read with a number of statements that does not grow with them', async () => {
      const server = kind === 'postgres' ? await sharedPostgres() : await sharedMariaDb();
      const received = async () => (await server.receivedStatements(database))?.length;
      const before = await received();
      const runtime = await start({ catalogs: [catalogOf(store, 'big')] });
      expect(runtime.catalogs()[0]).toMatchObject({ state: 'ready', loadedCount: 0 });
      expect(runtime.catalogs()[0]!.tables).toHaveLength(tableCount);
      const table = `big.${quote(store.schemaName)}.t_123`;
      expect(await rowsOf(runtime, `SELECT id, x FROM ${table} ORDER BY id`)).toEqual([
        { id: 1n, x: 2 },
        { id: 2n, x: null },
      ]);
      expect(await rowsOf(runtime, `SELECT count(*) AS n FROM ${table} WHERE x IS NULL`)).toEqual([{ n: 1n }]);
      const after = await received();
      // A server of one's own keeps no log that could be counted.
      if (before === undefined || after === undefined) return;
      console.log(`${kind}: ${after - before} statements for a catalog of ${tableCount} tables and two queries`);
      expect(after - before).toBeLessThan(100);
    });
  });

  describe.each(['sqlite', 'duckdb', 'postgres', 'mysql'] as const)('names in %s', (kind) => {
    it('of any kind are found, joined with a dataset and explained', async () => {
      const store = await open(kind, [
        ...ODD_NAMES.map((name, index) => tableOf(name, index + 1)),
        tableOf('many', 300),
      ]);
      const runtime = await start({
        catalogs: [catalogOf(store, 'c')],
        datasets: [{ from: `${store.connector}:many`, name: 'many', params: store.params }],
      });
      const nameOf = (table: string) => `c.${quote(store.schemaName)}.${quote(table)}`;
      for (const [index, name] of ODD_NAMES.entries()) {
        for (const options of [{}, { native: 'off' }, { pushdown: 'off' }] as const) {
          const sql = `SELECT o.id, m."Label Text" AS label FROM ${nameOf(name)} AS o JOIN many AS m USING (id) ORDER BY id DESC LIMIT 1`;
          const label = index % 3 === 0 ? null : `row ${index}`;
          expect(await rowsOf(runtime, sql, options), name).toEqual([{ id: BigInt(index), label }]);
        }
      }
      const explanation = await runtime.explain(`SELECT id FROM ${nameOf('many')} WHERE id = 250`, { native: 'off' });
      expect(explanation.scans[0]).toMatchObject({ access: 'scan', filters: [{ degree: 'exact' }] });
    });
  });

  it('that differ by case alone are an error that names both', async () => {
    const store = await open('postgres', [tableOf('orders', 1), tableOf('Orders', 2), tableOf('other', 3)]);
    const runtime = await start({
      catalogs: [catalogOf(store, 'c'), { ...catalogOf(store, 'd'), exclude: ['*.orders'] }],
    });
    await expect(runtime.sql('SELECT * FROM c.public.orders')).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringMatching(
        /c\.public\."Orders".* and .*c\.public\.orders|c\.public\.orders and c\.public\."Orders"/,
      ),
    });
    expect(await rowsOf(runtime, 'SELECT count(*) AS n FROM d.public.orders')).toEqual([{ n: 2n }]);
    expect(await rowsOf(runtime, 'SELECT count(*) AS n FROM c.public.other')).toEqual([{ n: 3n }]);
  });
});
