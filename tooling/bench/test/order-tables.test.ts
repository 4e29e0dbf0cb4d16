import { expect, test } from 'vitest';
import { LINEITEM, ORDERS } from '../src/data/order-tables.ts';
import { openBareDuckDb } from '../src/peer/bare-duckdb.ts';

const LINE_COUNT = 20_000;

test('lines are as many as asked for, the same each time, in TPC-H’s domains, and of orders that exist', async () => {
  await using duckdb = await openBareDuckDb();
  const ask = async (sql: string) => (await duckdb.connection.runAndReadAll(sql)).getRowsJson();
  await duckdb.run(`CREATE TABLE lineitem AS ${LINEITEM.select(LINE_COUNT)}`);
  await duckdb.run(`CREATE TABLE again AS ${LINEITEM.select(LINE_COUNT)}`);
  await duckdb.run(`CREATE TABLE orders AS ${ORDERS.select(LINE_COUNT)}`);
  expect(await ask('SELECT count(*)::INTEGER FROM lineitem')).toEqual([[LINE_COUNT]]);
  expect(await ask('SELECT count(*)::INTEGER FROM (FROM lineitem EXCEPT ALL FROM again)')).toEqual([[0]]);
  expect(await ask("SELECT count(*)::INTEGER FROM duckdb_columns() WHERE table_name = 'lineitem'")).toEqual([[16]]);
  expect(await ask('SELECT count(*)::INTEGER FROM lineitem ANTI JOIN orders ON l_orderkey = o_orderkey')).toEqual([
    [0],
  ]);
  expect(await ask('SELECT DISTINCT l_returnflag, l_linestatus FROM lineitem ORDER BY ALL')).toEqual([
    ['A', 'F'],
    ['N', 'F'],
    ['N', 'O'],
    ['R', 'F'],
  ]);
  expect(
    await ask(
      'SELECT min(l_discount), max(l_discount), min(l_quantity), max(l_quantity), max(l_linenumber) FROM lineitem',
    ),
  ).toEqual([['0.00', '0.10', '1.00', '50.00', 7]]);
  expect(await ask('SELECT count(*)::INTEGER FROM lineitem WHERE columns(*) IS NOT NULL')).toEqual([[LINE_COUNT]]);
});
