import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RowValue } from '@millrace/arrow';
import { type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import { createRuntime, type DatasetInput, type Runtime } from '@millrace/runtime';
import { serviceTitle } from '@millrace/services';
import { TPCH_QUERIES, type TpchTableName, writeTpchFiles } from '@millrace/workloads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingStores, OPEN_STORES, readTpch, type Store } from '../src/index.ts';
import { allPlugins } from './registry.ts';

const SCALE_FACTOR = process.env.MILLRACE_TEST_FULL === '1' ? 0.1 : 0.01;

/** Where the tables are: two arrangements, so that large and small ones are joined across every border. */
const PLACES: readonly Readonly<Record<TpchTableName, Store['connector'] | 'file'>>[] = [
  {
    lineitem: 'postgres',
    orders: 'mysql',
    customer: 'sqlite',
    part: 'duckdb',
    partsupp: 'file',
    supplier: 'postgres',
    nation: 'mysql',
    region: 'sqlite',
  },
  {
    lineitem: 'mysql',
    orders: 'postgres',
    customer: 'file',
    part: 'sqlite',
    partsupp: 'postgres',
    supplier: 'duckdb',
    nation: 'duckdb',
    region: 'mysql',
  },
];
const MODES = [{}, { native: 'off' }, { pushdown: 'off' }] as const;

const missing = missingStores();
const title = `the 22 TPC-H queries at scale factor ${SCALE_FACTOR}, over four databases and files`;

describe.skipIf(missing !== undefined)(serviceTitle(title, missing), () => {
  const stores: Store[] = [];
  const runtimes: Runtime[] = [];
  let bare: DuckDbDatabase;

  beforeAll(async () => {
    const { files } = await writeTpchFiles({
      directory: join(tmpdir(), 'millrace-workloads'),
      scaleFactor: SCALE_FACTOR,
    });
    const tables = readTpch({ scaleFactor: SCALE_FACTOR });
    for (const place of PLACES) {
      const datasets: DatasetInput[] = files
        .filter(({ table }) => place[table] === 'file')
        .map(({ table, path }) => ({ from: `file:${path}`, name: table }));
      for (const connector of ['postgres', 'mysql', 'sqlite', 'duckdb'] as const) {
        const held = [...tables.values()].filter(({ name }) => place[name as TpchTableName] === connector);
        const store = await OPEN_STORES[connector](held);
        stores.push(store);
        datasets.push(...held.map(({ name }) => ({ from: `${connector}:${name}`, name, params: store.params })));
      }
      runtimes.push(await createRuntime({ config: { datasets }, registry: allPlugins() }));
    }
    bare = await openDatabase({ path: ':memory:' });
    await bare.withConnection(async (connection) => {
      for (const { table, path } of files) await connection.run(`CREATE VIEW ${table} AS SELECT * FROM '${path}'`);
    });
  }, 900_000);
  afterAll(async () => {
    for (const runtime of runtimes) await runtime.close();
    for (const store of stores) await store.close();
    await bare?.close();
  });

  it.each(TPCH_QUERIES.map(({ number, sql }) => [`Q${number}`, sql] as const))(
    '%s equals bare DuckDB',
    async (_, sql) => {
      const expected = await bare.withConnection((connection) => connection.rows(sql));
      for (const [index, runtime] of runtimes.entries()) {
        for (const mode of MODES) {
          const result = await runtime.sql(sql, mode);
          const rows = (await result.toRows()).map((row) => Object.values(row));
          expect(sorted(rows), `arrangement ${index} ${JSON.stringify(mode)}`).toEqual(sorted(expected));
        }
      }
    },
    300_000,
  );
});

/** Rows in an order of their own: where a query leaves ties open, the engine may answer in any. */
function sorted(rows: readonly (readonly RowValue[])[]): readonly string[] {
  return rows.map((row) => row.map(approximate).join(' | ')).sort();
}

/** Averages are floating point and depend on the order of addition in the last digits. */
function approximate(value: RowValue): string {
  return typeof value === 'number' && !Number.isInteger(value) ? value.toPrecision(10) : String(value);
}
