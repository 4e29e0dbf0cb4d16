import { createStatementInspector, type DuckDbConnection, type DuckDbDatabase } from '@millrace/duckdb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TPCH_QUERIES } from '../src/tpch/tpch-queries.ts';
import { openTpch } from './tpch-database.ts';

let database: DuckDbDatabase;
let connection: DuckDbConnection;
beforeAll(async () => {
  database = await openTpch(0.1);
  connection = await database.connect();
});
afterAll(async () => {
  await connection.close();
  await database.close();
});

test('there are 22, numbered', () => {
  expect(TPCH_QUERIES.map(({ number }) => number)).toEqual(Array.from({ length: 22 }, (_, index) => index + 1));
});

test.each(TPCH_QUERIES.map(({ number, sql }) => [number, sql] as const))('query %i returns rows', async (_, sql) => {
  const rows = await connection.rows(sql);
  expect(rows.length).toBeGreaterThan(0);
  // A sum over nothing is a row too, but of null.
  expect(rows.every((row) => row.every((value) => value !== null))).toBe(true);
});

/** Rows at this scale where the specification's parameters leave many of them; a wrong domain would leave few or all. */
test.each([
  [1, 4],
  [3, 10],
  [4, 5],
  [5, 5],
  [7, 4],
  [8, 2],
  [9, 175],
  [10, 20],
  [12, 2],
  [22, 7],
])('query %i returns %i rows, as with data of dbgen', async (number, rowCount) => {
  const sql = TPCH_QUERIES.find((query) => query.number === number)?.sql ?? '';
  expect((await connection.rows(sql)).length).toBe(rowCount);
});

test('the runtime accepts the statements', async () => {
  await using inspector = await createStatementInspector();
  for (const { sql } of TPCH_QUERIES) expect((await inspector.inspect(sql)).kind).toBe('query');
});
