import type { Runtime } from '@millrace/runtime';
import { type BenchCase, type BenchContext, type Benchmark, type RowSpec, timed } from '../benchmark.ts';
import { drain, IN_DUCKDB, openBenchRuntime } from '../data/bench-runtime.ts';
import { type Engine, openEnginePlace } from '../data/engine-place.ts';
import { openMysqlLineitem } from '../data/mysql-lineitem.ts';
import { ORDERS } from '../data/order-tables.ts';
import { ensureParquetFile } from '../data/parquet-file.ts';
import { openPostgresLineitem } from '../data/postgres-lineitem.ts';

type Source = 'postgres' | 'mysql';

const SOURCES: readonly Source[] = ['postgres', 'mysql'];

/** What is asked of the lines; the orders are a local Parquet file on both sides. */
const QUERIES = {
  filter: (lines: string) => `SELECT * FROM ${lines} WHERE l_shipdate = DATE '1995-03-15' AND l_quantity > 45`,
  aggregate: (lines: string) => `
    SELECT l_returnflag, l_linestatus, sum(l_quantity), sum(l_extendedprice * (1 - l_discount)), avg(l_discount), count(*)
    FROM ${lines} GROUP BY ALL`,
  join: (lines: string) => `
    SELECT o_orderpriority, sum(l_extendedprice) FROM ${lines} JOIN orders ON l_orderkey = o_orderkey
    WHERE o_orderdate >= DATE '1998-01-01' GROUP BY ALL`,
  top: (lines: string) => `SELECT l_orderkey, l_extendedprice FROM ${lines} ORDER BY l_extendedprice DESC LIMIT 10`,
} as const;
type Question = keyof typeof QUERIES;

/** The engines, each with what it is chosen for. */
const ASKED: readonly (readonly [Exclude<Engine, 'postgres'>, readonly Question[]])[] = [
  ['duckdb', ['filter', 'aggregate', 'join', 'top']],
  ['arrow', ['aggregate', 'top']],
  ['sqlite', ['filter']],
];

/** Short samples are taken more often; those of the source are not that short. */
const SHORT = { repeats: 15, warmups: 2 } as const;

const rowOf = (source: Source, engine: Engine, question: Question) => `gain-${source}-${engine}-${question}`;

/** What the index of a source answers in a few milliseconds need not gain by a copy: it is shown beside the others. */
const ROWS = SOURCES.flatMap((source) =>
  ASKED.flatMap(([engine, questions]) =>
    questions.map(
      (question): RowSpec => ({
        name: rowOf(source, engine, question),
        unit: 'ms',
        bar: { figure: 'peer_over_ours', comparison: 'at_least', limit: question === 'filter' ? 0 : 1 },
      }),
    ),
  ),
);

/** What a local copy gains over the same query that reads its source. */
export const gain: Benchmark = {
  name: 'gain',
  title:
    'queries over accelerated datasets of PostgreSQL and MariaDB, against the same queries over the federated ones: a selective filter on an indexed column, an aggregate over all rows, a join with a local Parquet file, the first ten of an order',
  statedRowCount: 2_000_000,
  rows: ROWS,
  prepare: async (context) => ({
    rowCount: context.rowCount,
    cases: SOURCES.flatMap((source) => casesOf(source, context)),
  }),
};

/** A source and its copies are opened by the first sample. */
function casesOf(source: Source, context: BenchContext): readonly BenchCase[] {
  let opening: Promise<Runtime> | undefined;
  const ask = (question: Question, lines: string) => async () => {
    opening ??= openCopies(source, context);
    const runtime = await opening;
    return timed(async () => {
      if ((await drain(runtime, QUERIES[question](lines))) === 0) throw new Error(`${question} has no rows`);
    });
  };
  return ASKED.flatMap(([engine, questions]) =>
    questions.map((question) => ({
      rows: [rowOf(source, engine, question)],
      ...(question === 'filter' ? SHORT : { repeats: 7 }),
      ours: ask(question, `in_${engine}`),
      peer: ask(question, 'federated'),
    })),
  );
}

async function openCopies(source: Source, context: BenchContext): Promise<Runtime> {
  const open = { postgres: openPostgresLineitem, mysql: openMysqlLineitem }[source];
  const { parameters } = await open(context);
  const lines = { from: `${source}:lineitem`, params: { ...parameters } };
  const { dataDirectory: directory, rowCount: lineCount } = context;
  const orders = await ensureParquetFile({ directory, table: ORDERS, lineCount });
  const indexes = { l_shipdate: 'enabled' } as const;
  const [arrow, sqlite] = [await openEnginePlace('arrow', context), await openEnginePlace('sqlite', context)];
  return context.own(
    await openBenchRuntime([
      { from: `file:${orders}`, name: 'orders' },
      { ...lines, name: 'federated' },
      { ...lines, name: 'in_duckdb', acceleration: { ...IN_DUCKDB, indexes } },
      { ...lines, name: 'in_arrow', acceleration: arrow.acceleration },
      { ...lines, name: 'in_sqlite', acceleration: { ...sqlite.acceleration, indexes } },
    ]),
  );
}
