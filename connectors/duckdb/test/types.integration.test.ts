import { rowArraysFromBatch } from '@millrace/arrow';
import { createRegistry } from '@millrace/core/registry';
import { openDatabase } from '@millrace/duckdb';
import { createRuntime, type Runtime } from '@millrace/runtime';
import { TYPE_SAMPLES } from '@millrace/test-fixtures';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { duckDbConnector } from '../src/index.ts';
import { openWorkbench, type Workbench } from './open-table.ts';

const MODES = [{}, { native: 'off' }, { pushdown: 'off' }] as const;

let bench: Workbench;
let runtime: Runtime;
let expected: readonly { readonly schema: unknown; readonly rows: unknown[][] }[];
beforeAll(async () => {
  bench = await openWorkbench();
  const path = await bench.write(
    'types.duckdb',
    ...TYPE_SAMPLES.flatMap(({ type, values }, index) => [
      `CREATE TABLE t${index} (n INTEGER, v ${type})`,
      ...[...values, 'NULL'].map((value, row) => `INSERT INTO t${index} SELECT ${row}, (${value})::${type}`),
    ]),
  );
  {
    await using database = await openDatabase({ path });
    expected = await database.withConnection(async (connection) => {
      const read = [];
      for (const index of TYPE_SAMPLES.keys()) {
        const stream = await connection.stream({ sql: `SELECT * FROM t${index} ORDER BY n` });
        const rows: unknown[][] = [];
        for await (const batch of stream) for (const row of rowArraysFromBatch(batch)) rows.push([...row]);
        read.push({ schema: stream.schema, rows });
      }
      return read;
    });
  }
  runtime = await createRuntime({
    config: {
      datasets: TYPE_SAMPLES.map((_, index) => ({
        from: `duckdb:t${index}`,
        name: `t${index}`,
        params: { duckdb_open: path },
      })),
    },
    registry: createRegistry({ connectors: [duckDbConnector], accelerators: [] }),
  });
  await runtime.ready();
});
afterAll(async () => {
  await runtime?.close();
  await bench[Symbol.asyncDispose]();
});

test.each(TYPE_SAMPLES.map(({ type }, index) => [type, index] as const))(
  '%s is read as DuckDB reads it',
  async (_, index) => {
    for (const mode of MODES) {
      const result = await runtime.sql(`SELECT * FROM t${index} ORDER BY n`, mode);
      expect(result.schema).toEqual(expected[index]!.schema);
      const rows: unknown[][] = [];
      for await (const batch of result) for (const row of rowArraysFromBatch(batch)) rows.push([...row]);
      expect(rows).toEqual(expected[index]!.rows);
    }
  },
);

test('queries read through the contract: streamed, the relation that loads use may never end', async () => {
  const { scans } = await runtime.explain('SELECT * FROM t0');
  expect(scans.map((scan) => scan.access)).toEqual(['scan']);
});
