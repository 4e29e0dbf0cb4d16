import { mysqlConnector } from '@millrace/connector-mysql';
import { type Benchmark, type Sample, timed } from '../benchmark.ts';
import { IN_DUCKDB, openBenchRuntime } from '../data/bench-runtime.ts';
import { DelayProcess } from '../data/delay-process.ts';
import { delaysDuring } from '../data/delays-during.ts';
import { drainScan } from '../data/drain-scan.ts';
import { openMysqlLineitem } from '../data/mysql-lineitem.ts';
import { LINEITEM } from '../data/order-tables.ts';
import { openSourceTable } from '../data/source-table.ts';
import { appendMysqlRows } from '../peer/append-mysql-rows.ts';
import { openBareDuckDb } from '../peer/bare-duckdb.ts';
import { drainMysql } from '../peer/drain-mysql.ts';

const SELECTIVE = "l_shipdate = DATE '1995-03-15' AND l_quantity > 45";

/** MariaDB as a source, against its own client and against what is usually written by hand. */
export const mysqlSource: Benchmark = {
  name: 'mysql',
  title:
    'MariaDB: scan of 2 M x 16 rows into Arrow against mysql2 streaming arrays; refresh in DuckDB against row objects and the Appender (measured once); a selective filter on an indexed column against mysql2; event-loop delay of scan and refresh',
  statedRowCount: 2_000_000,
  rows: [
    { name: 'mysql-scan', unit: 'ms', digits: 0, bar: { figure: 'ours_over_peer', comparison: 'at_most', limit: 2 } },
    {
      name: 'mysql-refresh',
      unit: 'ms',
      digits: 0,
      bar: { figure: 'peer_over_ours', comparison: 'at_least', limit: 6 },
    },
    { name: 'mysql-selective', unit: 'ms', bar: { figure: 'ours_minus_peer', comparison: 'at_most', limit: 10 } },
    { name: 'mysql-scan-delay-p99', unit: 'ms', bar: { figure: 'ours', comparison: 'at_most', limit: 10 } },
    { name: 'mysql-scan-delay-max', unit: 'ms', bar: { figure: 'ours', comparison: 'at_most', limit: 50 } },
    { name: 'mysql-refresh-delay-p99', unit: 'ms', bar: { figure: 'ours', comparison: 'at_most', limit: 10 } },
    { name: 'mysql-refresh-delay-max', unit: 'ms', bar: { figure: 'ours', comparison: 'at_most', limit: 50 } },
  ],
  async prepare(context) {
    const { rowCount, own } = context;
    const source = await openMysqlLineitem(context);
    const uri = source.database.connectionString;
    const { server, parameters } = source;
    const { table } = own(await openSourceTable({ plugin: mysqlConnector, path: 'lineitem', parameters }));
    const work = { connector: 'mysql', path: 'lineitem', parameters, rowCount };
    const scanning = own(new DelayProcess({ ...work, work: 'scan' }, server.pid));
    const refreshing = own(new DelayProcess({ ...work, work: 'refresh' }, server.pid));
    const dataset = { from: 'mysql:lineitem', params: { ...parameters } };
    const runtime = own(
      await openBenchRuntime([
        { ...dataset, name: 'lineitem', acceleration: IN_DUCKDB },
        { ...dataset, name: 'federated' },
      ]),
    );
    const bare = own(await openBareDuckDb());
    let appended: Promise<Sample> | undefined;
    const scan = async (): Promise<void> => expectRows(await drainScan(table), rowCount);
    const refresh = async (): Promise<void> => {
      const report = await runtime.refresh('lineitem');
      expectRows(Number(report.rowCount), rowCount);
    };
    const drain = async (): Promise<void> => expectRows(await drainMysql(uri, 'SELECT * FROM lineitem'), rowCount);
    const append = (): Promise<Sample> =>
      timed(async () => {
        await bare.run(`CREATE OR REPLACE TABLE lineitem AS SELECT * FROM (${LINEITEM.select(1)}) LIMIT 0`);
        await bare.run('ALTER TABLE lineitem ALTER l_linenumber TYPE BIGINT');
        expectRows(await appendMysqlRows(uri, bare.connection, 'lineitem'), rowCount);
      });
    return {
      rowCount,
      cases: [
        { rows: ['mysql-scan'], repeats: 7, ours: () => timed(scan), peer: () => timed(drain) },
        {
          rows: ['mysql-refresh'],
          repeats: 7,
          ours: () => timed(refresh),
          // More than a minute each: one sample stands for all.
          peer: () => {
            appended ??= append();
            return appended;
          },
        },
        {
          rows: ['mysql-selective'],
          // Short samples: so many are taken without a collection of garbage before each.
          repeats: 60,
          warmups: 5,
          ours: () =>
            timed(async () => {
              for await (const _ of await runtime.sql(`SELECT * FROM federated WHERE ${SELECTIVE}`));
            }),
          peer: () => timed(() => drainMysql(uri, `SELECT * FROM lineitem WHERE ${SELECTIVE}`)),
        },
        {
          rows: ['mysql-scan-delay-p99', 'mysql-scan-delay-max'],
          repeats: 7,
          ours: () => scanning.sample(),
          peer: () => delaysDuring(drain),
        },
        {
          rows: ['mysql-refresh-delay-p99', 'mysql-refresh-delay-max'],
          repeats: 7,
          ours: () => refreshing.sample(),
          peer: () => delaysDuring(drain),
        },
      ],
    };
  },
};

function expectRows(found: number, expected: number): void {
  if (found !== expected) throw new Error(`read ${found} rows of ${expected}`);
}
