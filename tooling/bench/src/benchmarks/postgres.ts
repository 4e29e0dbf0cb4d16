import { postgresConnector } from '@millrace/connector-postgres';
import type { TableProvider } from '@millrace/core';
import { type Benchmark, type RowSpec, type Sample, timed } from '../benchmark.ts';
import { drain, IN_DUCKDB, openBenchRuntime } from '../data/bench-runtime.ts';
import { DelayProcess } from '../data/delay-process.ts';
import { delaysDuring } from '../data/delays-during.ts';
import { LINEITEM } from '../data/order-tables.ts';
import { openPostgresLineitem } from '../data/postgres-lineitem.ts';
import { openSourceTable } from '../data/source-table.ts';
import { openBareDuckDb } from '../peer/bare-duckdb.ts';
import { openPostgresPeer } from '../peer/postgres-client.ts';

const SELECTIVE = "l_shipdate = DATE '1995-03-15' AND l_quantity > 45";

const DELAY_ROWS = ['scan', 'refresh'].flatMap((work): readonly RowSpec[] => [
  { name: `postgres-${work}-delay-p99`, unit: 'ms', bar: { figure: 'ours', comparison: 'at_most', limit: 10 } },
  { name: `postgres-${work}-delay-max`, unit: 'ms', bar: { figure: 'ours', comparison: 'at_most', limit: 50 } },
]);

/** PostgreSQL as a source, against its own clients and against what is usually written by hand. */
export const postgresSource: Benchmark = {
  name: 'postgres',
  title:
    'PostgreSQL: scan of 2 M x 16 rows into Arrow, and refresh in DuckDB, against binary COPY whose bytes are dropped; refresh against pg-cursor and the Appender (measured once); two partitions against one; a selective filter on an indexed column against pg; event-loop delay',
  statedRowCount: 2_000_000,
  rows: [
    {
      name: 'postgres-scan',
      unit: 'ms',
      digits: 0,
      bar: { figure: 'ours_over_peer', comparison: 'at_most', limit: 1.6 },
    },
    {
      name: 'postgres-refresh',
      unit: 'ms',
      digits: 0,
      bar: { figure: 'ours_over_peer', comparison: 'at_most', limit: 2.2 },
    },
    {
      name: 'postgres-refresh-by-hand',
      unit: 'ms',
      digits: 0,
      bar: { figure: 'peer_over_ours', comparison: 'at_least', limit: 10 },
    },
    {
      name: 'postgres-two-partitions',
      unit: 'ms',
      digits: 0,
      bar: { figure: 'ours_over_peer', comparison: 'at_most', limit: 1 },
    },
    { name: 'postgres-selective', unit: 'ms', bar: { figure: 'ours_minus_peer', comparison: 'at_most', limit: 10 } },
    ...DELAY_ROWS,
  ],
  async prepare(context) {
    const { rowCount, own } = context;
    const { server, database, parameters } = await openPostgresLineitem(context);
    const peer = own(await openPostgresPeer(database.connectionString));
    const { table } = own(await openSourceTable({ plugin: postgresConnector, path: 'lineitem', parameters }));
    const work = { connector: 'postgres', path: 'lineitem', parameters, rowCount };
    const scanning = own(new DelayProcess({ ...work, work: 'scan' }, server.pid));
    const refreshing = own(new DelayProcess({ ...work, work: 'refresh' }, server.pid));
    const dataset = { from: 'postgres:lineitem', params: { ...parameters } };
    const runtime = own(
      await openBenchRuntime([
        { ...dataset, name: 'lineitem', acceleration: IN_DUCKDB },
        { ...dataset, name: 'federated' },
      ]),
    );
    const bare = own(await openBareDuckDb());
    const scan = async (targetPartitions: number): Promise<void> =>
      expectRows(await readPartitions(table, targetPartitions), rowCount);
    const refresh = async (): Promise<void> =>
      expectRows(Number((await runtime.refresh('lineitem')).rowCount), rowCount);
    const copy = async (): Promise<void> => {
      await peer.drainCopy('lineitem');
    };
    let appended: Promise<Sample> | undefined;
    const append = (): Promise<Sample> =>
      timed(async () => {
        await bare.run(`CREATE OR REPLACE TABLE lineitem AS SELECT * FROM (${LINEITEM.select(1)}) LIMIT 0`);
        expectRows(await peer.append('lineitem', bare.connection), rowCount);
      });
    return {
      rowCount,
      cases: [
        { rows: ['postgres-scan'], repeats: 7, ours: () => timed(() => scan(1)), peer: () => timed(copy) },
        { rows: ['postgres-refresh'], repeats: 7, ours: () => timed(refresh), peer: () => timed(copy) },
        {
          rows: ['postgres-refresh-by-hand'],
          repeats: 7,
          ours: () => timed(refresh),
          // About a minute each: one sample stands for all.
          peer: () => {
            appended ??= append();
            return appended;
          },
        },
        {
          rows: ['postgres-two-partitions'],
          repeats: 7,
          ours: () => timed(() => scan(2)),
          peer: () => timed(() => scan(1)),
        },
        {
          rows: ['postgres-selective'],
          // Short samples: so many are taken without a collection of garbage before each.
          repeats: 60,
          warmups: 5,
          ours: () => timed(() => drain(runtime, `SELECT * FROM federated WHERE ${SELECTIVE}`)),
          peer: () => timed(() => peer.query(`SELECT * FROM lineitem WHERE ${SELECTIVE}`)),
        },
        {
          rows: ['postgres-scan-delay-p99', 'postgres-scan-delay-max'],
          repeats: 7,
          ours: () => scanning.sample(),
          peer: () => delaysDuring(copy),
        },
        {
          rows: ['postgres-refresh-delay-p99', 'postgres-refresh-delay-max'],
          repeats: 7,
          ours: () => refreshing.sample(),
          peer: () => delaysDuring(copy),
        },
      ],
    };
  },
};

/** Reads the partitions of one plan at the same time and drops the batches; returns how many rows there were. */
async function readPartitions(table: TableProvider, targetPartitions: number): Promise<number> {
  const context = { signal: new AbortController().signal, targetPartitions };
  const projection = table.schema.fields.map((_, ordinal) => ordinal);
  const plan = await table.scan({ projection, filters: [] }, context);
  const counts = await Promise.all(
    plan.partitions.map(async (partition) => {
      let rowCount = 0;
      for await (const batch of plan.execute(partition, context)) rowCount += batch.numRows;
      return rowCount;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

function expectRows(found: number, expected: number): void {
  if (found !== expected) throw new Error(`read ${found} rows of ${expected}`);
}
