import type { DuckDbConnection, DuckDbDatabase } from '@millrace/duckdb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COLORS, CONTAINERS, PART_TYPES } from '../src/tpch/vocabulary.ts';
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

/** The one value of a query. */
async function value(sql: string): Promise<unknown> {
  const rows = await connection.rows(sql);
  expect(rows.length, sql).toBe(1);
  return rows[0]?.[0];
}

test('tables have the sizes of the scale factor', async () => {
  const count = async (table: string) => Number(await value(`SELECT count(*) FROM ${table}`));
  expect(await count('region')).toBe(5);
  expect(await count('nation')).toBe(25);
  expect(await count('supplier')).toBe(1_000);
  expect(await count('part')).toBe(20_000);
  expect(await count('partsupp')).toBe(80_000);
  expect(await count('customer')).toBe(15_000);
  expect(await count('orders')).toBe(150_000);
  const lineCount = await count('lineitem');
  expect(lineCount).toBeGreaterThan(598_000);
  expect(lineCount).toBeLessThan(602_000);
});

test('the word lists have the lengths of the specification', () => {
  expect([COLORS.length, CONTAINERS.length, PART_TYPES.length]).toEqual([92, 40, 150]);
  expect(new Set(COLORS).size).toBe(92);
});

/** What no row may be, by what it says. */
const VIOLATIONS: Readonly<Record<string, string>> = {
  'keys are unique': `SELECT 1 FROM (
    SELECT s_suppkey k FROM supplier UNION ALL SELECT p_partkey + 1000000 FROM part
    UNION ALL SELECT c_custkey + 2000000 FROM customer UNION ALL SELECT o_orderkey + 10000000 FROM orders)
    GROUP BY k HAVING count(*) > 1`,
  'a supplier sells a part once': 'SELECT 1 FROM partsupp GROUP BY ps_partkey, ps_suppkey HAVING count(*) > 1',
  'lines are numbered from 1 without gaps':
    'SELECT 1 FROM lineitem GROUP BY l_orderkey HAVING min(l_linenumber) <> 1 OR max(l_linenumber) <> count(*) OR count(*) > 7',
  'lines belong to an order': 'SELECT 1 FROM lineitem ANTI JOIN orders ON l_orderkey = o_orderkey',
  'orders have lines': 'SELECT 1 FROM orders ANTI JOIN lineitem ON l_orderkey = o_orderkey',
  'lines name a part and one of its suppliers':
    'SELECT 1 FROM lineitem ANTI JOIN partsupp ON l_partkey = ps_partkey AND l_suppkey = ps_suppkey',
  'partsupp names parts and suppliers':
    'SELECT 1 FROM partsupp LEFT JOIN part ON ps_partkey = p_partkey LEFT JOIN supplier ON ps_suppkey = s_suppkey WHERE p_partkey IS NULL OR s_suppkey IS NULL',
  'orders have a customer': 'SELECT 1 FROM orders ANTI JOIN customer ON o_custkey = c_custkey',
  'every third customer has no orders': 'SELECT 1 FROM orders WHERE o_custkey % 3 = 0',
  'order keys are sparse': 'SELECT 1 FROM orders WHERE (o_orderkey % 32) >= 8 OR o_orderkey < 1',
  'dates follow each other': `SELECT 1 FROM lineitem JOIN orders ON l_orderkey = o_orderkey
    WHERE l_shipdate - o_orderdate NOT BETWEEN 1 AND 121 OR l_commitdate - o_orderdate NOT BETWEEN 30 AND 90
      OR l_receiptdate - l_shipdate NOT BETWEEN 1 AND 30 OR o_orderdate NOT BETWEEN DATE '1992-01-01' AND DATE '1998-08-02'`,
  'flags follow the dates': `SELECT 1 FROM lineitem
    WHERE (l_receiptdate <= DATE '1995-06-17') <> (l_returnflag IN ('R', 'A')) OR l_returnflag NOT IN ('R', 'A', 'N')
      OR (l_shipdate > DATE '1995-06-17') <> (l_linestatus = 'O') OR l_linestatus NOT IN ('O', 'F')`,
  'the status of an order is that of its lines': `SELECT 1 FROM orders JOIN lineitem ON l_orderkey = o_orderkey
    GROUP BY o_orderkey, o_orderstatus
    HAVING o_orderstatus <> CASE min(l_linestatus) || max(l_linestatus) WHEN 'FF' THEN 'F' WHEN 'OO' THEN 'O' ELSE 'P' END`,
  'the price of an order is that of its lines': `SELECT 1 FROM orders JOIN lineitem ON l_orderkey = o_orderkey
    GROUP BY o_orderkey, o_totalprice
    HAVING o_totalprice * 100 <> sum(((((l_extendedprice * 100)::BIGINT * (100 - l_discount * 100)::BIGINT) // 100)
      * (100 + l_tax * 100)::BIGINT) // 100)`,
  'the price of a line is that of its part':
    'SELECT 1 FROM lineitem JOIN part ON l_partkey = p_partkey WHERE l_extendedprice <> l_quantity * p_retailprice',
  'the price of a part follows from its key':
    'SELECT 1 FROM part WHERE p_retailprice * 100 <> 90000 + (p_partkey // 10) % 20001 + 100 * (p_partkey % 1000)',
  'amounts of lines are in range': `SELECT 1 FROM lineitem WHERE l_quantity NOT BETWEEN 1 AND 50 OR l_quantity <> floor(l_quantity)
    OR l_discount NOT BETWEEN 0 AND 0.10 OR l_tax NOT BETWEEN 0 AND 0.08`,
  'amounts of partners are in range': `SELECT 1 FROM (SELECT c_acctbal b FROM customer UNION ALL SELECT s_acctbal FROM supplier)
    WHERE b NOT BETWEEN -999.99 AND 9999.99`,
  'stock is in range':
    'SELECT 1 FROM partsupp WHERE ps_availqty NOT BETWEEN 1 AND 9999 OR ps_supplycost NOT BETWEEN 1 AND 1000',
  'parts are named by five different colors': `SELECT 1 FROM part WHERE len(list_distinct(string_split(p_name, ' '))) <> 5
    OR NOT list_has_all([${COLORS.map((color) => `'${color}'`).join(', ')}], string_split(p_name, ' '))`,
  'brands are of their maker': `SELECT 1 FROM part WHERE NOT regexp_full_match(p_mfgr, 'Manufacturer#[1-5]')
    OR NOT regexp_full_match(p_brand, 'Brand#[1-5][1-5]') OR p_mfgr[-1] <> p_brand[-2] OR p_size NOT BETWEEN 1 AND 50`,
  'phones begin with the nation': `SELECT 1 FROM (SELECT c_phone p, c_nationkey n FROM customer UNION ALL SELECT s_phone, s_nationkey FROM supplier)
    WHERE NOT regexp_full_match(p, '[1-3][0-9]-[1-9][0-9]{2}-[1-9][0-9]{2}-[1-9][0-9]{3}') OR p[:2]::INTEGER <> n + 10`,
  'names carry their numbers': `SELECT 1 FROM customer WHERE c_name <> 'Customer#' || lpad(c_custkey::VARCHAR, 9, '0')
    UNION ALL SELECT 1 FROM supplier WHERE s_name <> 'Supplier#' || lpad(s_suppkey::VARCHAR, 9, '0')
    UNION ALL SELECT 1 FROM orders WHERE NOT regexp_full_match(o_clerk, 'Clerk#0000[0-9]{5}') OR o_shippriority <> 0`,
  'texts are as long as they should be': `SELECT 1 FROM customer WHERE length(c_address) NOT BETWEEN 10 AND 40 OR length(c_comment) NOT BETWEEN 29 AND 116
    UNION ALL SELECT 1 FROM supplier WHERE length(s_comment) NOT BETWEEN 25 AND 100
    UNION ALL SELECT 1 FROM part WHERE length(p_comment) NOT BETWEEN 5 AND 22
    UNION ALL SELECT 1 FROM partsupp WHERE length(ps_comment) NOT BETWEEN 49 AND 198
    UNION ALL SELECT 1 FROM orders WHERE length(o_comment) NOT BETWEEN 19 AND 78
    UNION ALL SELECT 1 FROM lineitem WHERE length(l_comment) NOT BETWEEN 10 AND 43`,
};

describe('no row breaks a rule', () => {
  test.each(Object.entries(VIOLATIONS))('%s', async (_, sql) => {
    expect(await value(`SELECT count(*) FROM (${sql})`)).toBe(0n);
  });
});

test('every value of a short list occurs, about as often as the others', async () => {
  const spread = (column: string, table: string) =>
    connection
      .rows(
        `SELECT count(*), max(n) / avg(n) FROM (SELECT ${column}, count(*) AS n FROM ${table} WHERE ${column} IS NOT NULL GROUP BY ALL)`,
      )
      .then(([row]) => row ?? []);
  const expected: readonly (readonly [column: string, table: string, count: bigint])[] = [
    ['c_mktsegment', 'customer', 5n],
    ['o_orderpriority', 'orders', 5n],
    ['l_shipinstruct', 'lineitem', 4n],
    ['l_shipmode', 'lineitem', 7n],
    ['p_container', 'part', 40n],
    ['p_type', 'part', 150n],
    ['p_brand', 'part', 25n],
    ['c_nationkey', 'customer', 25n],
    ['l_quantity', 'lineitem', 50n],
    ['l_discount', 'lineitem', 11n],
    ['o_custkey', 'orders', 10_000n],
  ];
  for (const [column, table, count] of expected) {
    const [found, excess] = await spread(column, table);
    expect([column, found]).toEqual([column, count]);
    expect(Number(excess), column).toBeLessThan(column === 'o_custkey' ? 3 : 1.4);
  }
});

test('comments hold what the queries look for', async () => {
  const special = await value("SELECT avg((o_comment LIKE '%special%requests%')::INTEGER) FROM orders");
  expect(Number(special)).toBeGreaterThan(0.002);
  expect(Number(special)).toBeLessThan(0.05);
  expect(await value("SELECT count(*) FROM supplier WHERE s_comment LIKE '%Customer%Complaints%'")).toBe(1n);
  expect(await value("SELECT count(*) FROM supplier WHERE s_comment LIKE '%Customer%Recommends%'")).toBe(1n);
  expect(Number(await value('SELECT count(DISTINCT o_comment) FROM orders'))).toBeGreaterThan(145_000);
});
