import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileConnector } from '@millrace/connector-file';
import { createRegistry } from '@millrace/core/registry';
import { type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import { TPCH_QUERIES, type TpchFiles, writeTpchFiles } from '@millrace/workloads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRuntime, type Runtime } from '../src/index.ts';
import { comparable } from './comparable-rows.ts';

const SCALE_FACTOR = 0.1;

/** The ways in which a query can reach the files. */
const WAYS = [
  { title: 'native relations', options: {} },
  { title: "native: 'off'", options: { native: 'off' } },
  { title: "pushdown: 'off'", options: { pushdown: 'off' } },
] as const;

describe(`the 22 TPC-H queries at scale factor ${SCALE_FACTOR}`, () => {
  let bare: DuckDbDatabase;
  let files: TpchFiles;
  let runtime: Runtime;

  beforeAll(async () => {
    files = await writeTpchFiles({
      directory: join(tmpdir(), 'millrace-workloads'),
      scaleFactor: SCALE_FACTOR,
      formats: { customer: 'csv', orders: 'csv' },
    });
    bare = await openDatabase({ path: ':memory:' });
    const datasets = files.files.map(({ table, path }) => ({ from: `file:${path}`, name: table }));
    runtime = await createRuntime({ config: { datasets }, registry: createRegistry({ connectors: [fileConnector] }) });
    await runtime.ready();
    await bare.withConnection(async (connection) => {
      for (const { table, path } of files.files)
        await connection.run(`CREATE VIEW ${table} AS SELECT * FROM '${path}'`);
    });
  }, 300_000);
  afterAll(async () => {
    await runtime?.close();
    await bare?.close();
  });

  it.each(TPCH_QUERIES.map(({ number, sql }) => [`Q${number}`, sql] as const))(
    '%s equals bare DuckDB',
    async (_, sql) => {
      const expected = await bare.withConnection((connection) => connection.rows(sql));
      expect(expected.length).toBeGreaterThan(0);
      for (const { title, options } of WAYS) {
        const result = await runtime.sql(sql, options);
        const rows = (await result.toRows()).map((row) => Object.values(row));
        expect(comparable(rows), title).toEqual(comparable(expected));
      }
    },
  );
});
