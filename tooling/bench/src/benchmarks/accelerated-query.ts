import { type Benchmark, type RowSpec, timed } from '../benchmark.ts';
import { drain, IN_DUCKDB, openBenchRuntime } from '../data/bench-runtime.ts';
import { CUSTOMER, LINEITEM, ORDERS } from '../data/order-tables.ts';
import { ensureParquetFile } from '../data/parquet-file.ts';
import { openBareDuckDb, quoteText } from '../peer/bare-duckdb.ts';

const BAR = { figure: 'ours_over_peer', comparison: 'at_most', limit: 1.15 } as const;

/** TPC-H's pricing summary, shipping priority and revenue forecast, with the parameters of its validation run. */
const QUERIES: Readonly<Record<string, string>> = {
  'accelerated-q1': `
    SELECT l_returnflag, l_linestatus, sum(l_quantity) AS sum_qty, sum(l_extendedprice) AS sum_base_price,
      sum(l_extendedprice * (1 - l_discount)) AS sum_disc_price,
      sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) AS sum_charge,
      avg(l_quantity) AS avg_qty, avg(l_extendedprice) AS avg_price, avg(l_discount) AS avg_disc, count(*) AS count_order
    FROM lineitem WHERE l_shipdate <= DATE '1998-12-01' - INTERVAL 90 DAY
    GROUP BY l_returnflag, l_linestatus ORDER BY l_returnflag, l_linestatus`,
  'accelerated-q3': `
    SELECT l_orderkey, sum(l_extendedprice * (1 - l_discount)) AS revenue, o_orderdate, o_shippriority
    FROM customer, orders, lineitem
    WHERE c_mktsegment = 'BUILDING' AND c_custkey = o_custkey AND l_orderkey = o_orderkey
      AND o_orderdate < DATE '1995-03-15' AND l_shipdate > DATE '1995-03-15'
    GROUP BY l_orderkey, o_orderdate, o_shippriority ORDER BY revenue DESC, o_orderdate LIMIT 10`,
  'accelerated-q6': `
    SELECT sum(l_extendedprice * l_discount) AS revenue FROM lineitem
    WHERE l_shipdate >= DATE '1994-01-01' AND l_shipdate < DATE '1994-01-01' + INTERVAL 1 YEAR
      AND l_discount BETWEEN 0.06 - 0.01 AND 0.06 + 0.01 AND l_quantity < 24`,
};

/** What a query over accelerated datasets costs beside the same query over the same tables in bare DuckDB. */
export const acceleratedQuery: Benchmark = {
  name: 'accelerated-query',
  title:
    'runtime.sql over accelerated datasets, read as Arrow, against bare DuckDB over the same tables, read as chunks',
  statedRowCount: 4_000_000,
  rows: Object.keys(QUERIES).map((name): RowSpec => ({ name, unit: 'ms', bar: BAR })),
  async prepare({ dataDirectory: directory, rowCount: lineCount, own }) {
    const bare = own(await openBareDuckDb());
    const datasets = [];
    for (const table of [LINEITEM, ORDERS, CUSTOMER]) {
      const path = await ensureParquetFile({ directory, table, lineCount });
      datasets.push({ from: `file:${path}`, name: table.name, acceleration: IN_DUCKDB });
      await bare.run(`CREATE TABLE ${table.name} AS SELECT * FROM read_parquet(${quoteText(path)})`);
    }
    const runtime = own(await openBenchRuntime(datasets));
    return {
      rowCount: lineCount,
      cases: Object.entries(QUERIES).map(([row, sql]) => ({
        rows: [row],
        repeats: 21,
        warmups: 3,
        ours: () => timed(() => drain(runtime, sql)),
        peer: () => timed(() => bare.drain(sql)),
      })),
    };
  },
};
