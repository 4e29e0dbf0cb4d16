import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { duckdbAccelerator } from '@millrace/accelerator-duckdb';
import type { RowValue } from '@millrace/arrow';
import { fileConnector } from '@millrace/connector-file';
import { createRegistry } from '@millrace/core/registry';
import { type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import { TPCH_QUERIES, type TpchFiles, writeTpchFiles } from '@millrace/workloads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRuntime, type Runtime } from '../src/index.ts';

const SCALE_FACTOR = 0.1;

/** The ways in which a query can reach the files. */
const WAYS = [
  { title: 'native relations', engine: undefined, options: {} },
  { title: "native: 'off'", engine: undefined, options: { native: 'off' } },
  { title: "pushdown: 'off'", engine: undefined, options: { pushdown: 'off' } },
  { title: 'accelerated in duckdb', engine: 'duckdb', options: {} },
  { title: 'accelerated in arrow', engine: 'arrow', options: {} },
] as const;

describe(`the 22 TPC-H queries at scale factor ${SCALE_FACTOR}`, () => {
  let bare: DuckDbDatabase;
  let files: TpchFiles;
  const runtimes = new Map<string | undefined, Runtime>();

  beforeAll(async () => {
    files = await writeTpchFiles({
      directory: join(tmpdir(), 'millrace-workloads'),
      scaleFactor: SCALE_FACTOR,
      formats: { customer: 'csv', orders: 'csv' },
    });
    bare = await openDatabase({ path: ':memory:' });
    for (const engine of [undefined, 'duckdb', 'arrow']) {
      const datasets = files.files.map(({ table, path }) => ({
        from: `file:${path}`,
        name: table,
        ...(engine === undefined ? {} : { acceleration: { engine } }),
      }));
      const registry = createRegistry({
        connectors: [fileConnector],
        accelerators: [arrowAccelerator, duckdbAccelerator],
      });
      const runtime = await createRuntime({ config: { datasets }, registry });
      await runtime.ready();
      runtimes.set(engine, runtime);
    }
    await bare.withConnection(async (connection) => {
      for (const { table, path } of files.files)
        await connection.run(`CREATE VIEW ${table} AS SELECT * FROM '${path}'`);
    });
  }, 300_000);
  afterAll(async () => {
    for (const runtime of runtimes.values()) await runtime.close();
    await bare?.close();
  });

  it.each(TPCH_QUERIES.map(({ number, sql }) => [`Q${number}`, sql] as const))(
    '%s equals bare DuckDB',
    async (_, sql) => {
      const expected = await bare.withConnection((connection) => connection.rows(sql));
      expect(expected.length).toBeGreaterThan(0);
      for (const { title, engine, options } of WAYS) {
        const result = await runtimes.get(engine)!.sql(sql, options);
        const rows = (await result.toRows()).map((row) => Object.values(row));
        expect(sorted(rows), title).toEqual(sorted(expected));
      }
    },
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
