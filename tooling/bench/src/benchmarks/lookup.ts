import type { AccelerationInput } from '@millrace/runtime';
import { type BenchCase, type BenchContext, type Benchmark, type RowSpec, type Sample, timed } from '../benchmark.ts';
import { drain, IN_DUCKDB, openBenchRuntime } from '../data/bench-runtime.ts';
import { openEnginePlace } from '../data/engine-place.ts';
import { LINEITEM } from '../data/order-tables.ts';
import { ensureParquetFile } from '../data/parquet-file.ts';
import {
  type Ask,
  type LookupPeer,
  openDuckDbLookup,
  openPostgresLookup,
  openSqliteLookup,
} from '../peer/lookup-peers.ts';

/** The engines that have indexes. */
const ENGINES = ['duckdb', 'sqlite', 'postgres'] as const;
type Engine = (typeof ENGINES)[number];

const ROWS = ENGINES.flatMap((engine) =>
  [`lookup-${engine}`, `lookup-${engine}-literal`].map(
    (name): RowSpec => ({
      name,
      unit: 'ms',
      digits: 2,
      bar: { figure: 'ours_minus_peer', comparison: 'at_most', limit: 3 },
    }),
  ),
);

const SELECT = 'SELECT * FROM lineitem WHERE l_orderkey =';

/** The lines of one order among all of them, found by an index. */
export const lookup: Benchmark = {
  name: 'lookup',
  title:
    'point lookup by an indexed key through runtime.sql, its value bound or written into the statement, against the engine’s own client over the same rows and index (a statement prepared once, or for each value)',
  statedRowCount: 2_000_000,
  rows: ROWS,
  async prepare(context) {
    const { dataDirectory: directory, rowCount } = context;
    const file = await ensureParquetFile({ directory, table: LINEITEM, lineCount: rowCount });
    return { rowCount, cases: ENGINES.flatMap((engine) => casesOf(engine, file, context)) };
  },
};

/** Both sides are opened by the first sample: a run of one row loads one engine. */
function casesOf(engine: Engine, file: string, context: BenchContext): readonly BenchCase[] {
  let opening: ReturnType<typeof openSides> | undefined;
  const open = () => {
    opening ??= openSides(engine, file, context);
    return opening;
  };
  return (['bound', 'written'] as const).map((way) => ({
    rows: [way === 'bound' ? `lookup-${engine}` : `lookup-${engine}-literal`],
    repeats: 300,
    warmups: 50,
    ours: lookUp(async (order) => (await open()).ours[way](order), context.rowCount),
    peer: lookUp(async (order) => (await open()).peer[way](order), context.rowCount),
  }));
}

async function openSides(
  engine: Engine,
  file: string,
  context: BenchContext,
): Promise<{ readonly ours: LookupPeer; readonly peer: LookupPeer }> {
  const place = engine === 'duckdb' ? { acceleration: IN_DUCKDB } : await openEnginePlace(engine, context);
  const acceleration: AccelerationInput = { ...place.acceleration, indexes: { l_orderkey: 'enabled' } };
  const runtime = context.own(await openBenchRuntime([{ from: `file:${file}`, name: 'lineitem', acceleration }]));
  const ours: LookupPeer = {
    bound: (order) => drain(runtime, `${SELECT} $1`, { parameters: [order] }),
    written: (order) => drain(runtime, `${SELECT} ${order}`),
  };
  switch (engine) {
    case 'duckdb':
      return { ours, peer: await openDuckDbLookup(file, context) };
    case 'sqlite':
      return { ours, peer: await openSqliteLookup(acceleration.params?.sqlite_file as string, context) };
    case 'postgres':
      return { ours, peer: await openPostgresLookup(place, context) };
    default:
      return engine satisfies never;
  }
}

/** Looks up the next of orders that lie all over the table. */
function lookUp(ask: Ask, rowCount: number): () => Promise<Sample> {
  // Each order has seven lines at most, so that there are at least so many.
  const orderCount = Math.floor(rowCount / 7);
  let place = 0;
  return () => {
    place = (place + 7_919) % orderCount;
    const order = BigInt(Math.floor(place / 8) * 32 + (place % 8) + 1);
    return timed(async () => {
      if ((await ask(order)) === 0) throw new Error(`there is no order ${order}`);
    });
  };
}
