import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type BenchCase, type Benchmark, type RowSpec, type Sample, timed } from '../benchmark.ts';
import { drain, openBenchRuntime } from '../data/bench-runtime.ts';
import { LINEITEM } from '../data/order-tables.ts';
import { ensureParquetFile } from '../data/parquet-file.ts';
import { openBareDuckDb, quoteText } from '../peer/bare-duckdb.ts';

/** Asks for the rows of one order, and returns how many there were. */
type Ask = (key: bigint) => Promise<number>;

const INDEXES = { l_orderkey: 'enabled' } as const;

const ROWS = ['duckdb', 'sqlite'].flatMap((engine) =>
  [`lookup-${engine}`, `lookup-${engine}-literal`].map(
    (name): RowSpec => ({
      name,
      unit: 'ms',
      digits: 2,
      bar: { figure: 'ours_minus_peer', comparison: 'at_most', limit: 3 },
    }),
  ),
);

/** The rows of one order among all lines, found by an index. */
export const lookup: Benchmark = {
  name: 'lookup',
  title:
    'point lookup by an indexed key through runtime.sql, its value bound or written into the statement, against the engine’s own client over the same rows and index (a statement prepared once, or anew for each value)',
  statedRowCount: 2_000_000,
  rows: ROWS,
  async prepare({ dataDirectory: directory, rowCount, own }) {
    const path = await ensureParquetFile({ directory, table: LINEITEM, lineCount: rowCount });
    const folder = await mkdtemp(join(directory, 'lookup-'));
    own({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) });
    const file = join(folder, 'millrace.sqlite');
    const from = `file:${path}`;
    const runtime = own(
      await openBenchRuntime([
        { from, name: 'in_duckdb', acceleration: { engine: 'duckdb', mode: 'memory', indexes: INDEXES } },
        {
          from,
          name: 'in_sqlite',
          acceleration: { engine: 'sqlite', mode: 'file', indexes: INDEXES, params: { sqlite_file: file } },
        },
      ]),
    );
    const bare = own(await openBareDuckDb());
    await bare.run(`CREATE TABLE in_duckdb AS SELECT * FROM read_parquet(${quoteText(path)})`);
    await bare.run('CREATE INDEX by_order ON in_duckdb (l_orderkey)');
    // The very file that ours reads: any program may.
    const database = new Database(file, { readonly: true });
    own({ [Symbol.asyncDispose]: async () => void database.close() });
    const statement = database.prepare(`${select('in_sqlite')} ?`).raw();
    const ours = (table: string): readonly [bound: Ask, written: Ask] => [
      (key) => drain(runtime, `${select(table)} $1`, { parameters: [key] }),
      (key) => drain(runtime, `${select(table)} ${key}`),
    ];
    return {
      rowCount,
      cases: [
        ...casesOf('duckdb', rowCount, ours('in_duckdb'), [
          await bare.prepare(`${select('in_duckdb')} $1`),
          (key) => bare.drain(`${select('in_duckdb')} ${key}`),
        ]),
        ...casesOf('sqlite', rowCount, ours('in_sqlite'), [
          async (key) => statement.all(key).length,
          async (key) =>
            database
              .prepare(`${select('in_sqlite')} ${key}`)
              .raw()
              .all().length,
        ]),
      ],
    };
  },
};

function select(table: string): string {
  return `SELECT * FROM ${table} WHERE l_orderkey =`;
}

/** Ours and the peer look up the same keys, each of them once. */
function casesOf(
  engine: string,
  rowCount: number,
  [bound, written]: readonly [Ask, Ask],
  [peerBound, peerWritten]: readonly [Ask, Ask],
): readonly BenchCase[] {
  const one = (row: string, ours: Ask, peer: Ask): BenchCase => ({
    rows: [row],
    repeats: 300,
    warmups: 50,
    ours: lookUp(ours, rowCount),
    peer: lookUp(peer, rowCount),
  });
  return [one(`lookup-${engine}`, bound, peerBound), one(`lookup-${engine}-literal`, written, peerWritten)];
}

/** Looks up the next of keys that lie all over the table. */
function lookUp(ask: Ask, rowCount: number): () => Promise<Sample> {
  // Each order has seven lines at most, so that there are at least so many.
  const orderCount = Math.floor(rowCount / 7);
  let order = 0;
  return () => {
    order = (order + 7_919) % orderCount;
    const key = BigInt(Math.floor(order / 8) * 32 + (order % 8) + 1);
    return timed(async () => {
      if ((await ask(key)) === 0) throw new Error(`there is no order ${key}`);
    });
  };
}
