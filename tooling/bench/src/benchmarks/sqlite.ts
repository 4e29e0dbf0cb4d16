import { sqliteConnector } from '@millrace/connector-sqlite';
import Database from 'better-sqlite3';
import { type Benchmark, timed } from '../benchmark.ts';
import { openBenchRuntime } from '../data/bench-runtime.ts';
import { DelayProcess } from '../data/delay-process.ts';
import { delaysDuring } from '../data/delays-during.ts';
import { drainScan } from '../data/drain-scan.ts';
import { LINEITEM } from '../data/order-tables.ts';
import { ensureParquetFile } from '../data/parquet-file.ts';
import { openSourceTable } from '../data/source-table.ts';
import { ensureSqliteLineitem } from '../data/sqlite-lineitem.ts';

/** SQLite as a source, against better-sqlite3 on one thread. */
export const sqliteSource: Benchmark = {
  name: 'sqlite',
  title:
    'SQLite: scan of 2 M x 16 rows into Arrow by one worker against better-sqlite3 iterating raw rows and dropping them; a selective filter on an indexed column against better-sqlite3; event-loop delay of scan and refresh',
  statedRowCount: 2_000_000,
  rows: [
    { name: 'sqlite-scan', unit: 'ms', digits: 0, bar: { figure: 'ours_over_peer', comparison: 'at_most', limit: 2 } },
    { name: 'sqlite-selective', unit: 'ms', bar: { figure: 'ours_minus_peer', comparison: 'at_most', limit: 10 } },
    { name: 'sqlite-scan-delay-p99', unit: 'ms', bar: { figure: 'ours', comparison: 'at_most', limit: 10 } },
    { name: 'sqlite-scan-delay-max', unit: 'ms', bar: { figure: 'ours', comparison: 'at_most', limit: 50 } },
    { name: 'sqlite-refresh-delay-p99', unit: 'ms', bar: { figure: 'ours', comparison: 'at_most', limit: 10 } },
    { name: 'sqlite-refresh-delay-max', unit: 'ms', bar: { figure: 'ours', comparison: 'at_most', limit: 50 } },
  ],
  async prepare({ dataDirectory: directory, rowCount, own }) {
    const file = await ensureSqliteLineitem(
      await ensureParquetFile({ directory, table: LINEITEM, lineCount: rowCount }),
    );
    const parameters = { sqlite_file: file };
    const { table } = own(await openSourceTable({ plugin: sqliteConnector, path: 'lineitem', parameters }));
    const work = { connector: 'sqlite', path: 'lineitem', parameters, rowCount };
    const scanning = own(new DelayProcess({ ...work, work: 'scan' }));
    const refreshing = own(new DelayProcess({ ...work, work: 'refresh' }));
    const dataset = { from: 'sqlite:lineitem', params: parameters };
    const runtime = own(await openBenchRuntime([{ ...dataset, name: 'federated' }]));
    const database = new Database(file, { readonly: true });
    own({ [Symbol.asyncDispose]: async () => void database.close() });
    const drainPeer = (sql: string, ...parameters: readonly unknown[]): number => {
      let count = 0;
      for (const _ of database
        .prepare(sql)
        .raw()
        .iterate(...parameters))
        count++;
      return count;
    };
    const scan = async (): Promise<void> => expectRows(await drainScan(table), rowCount);
    const iterate = async (): Promise<void> => expectRows(drainPeer('SELECT * FROM lineitem'), rowCount);
    return {
      rowCount,
      cases: [
        { rows: ['sqlite-scan'], repeats: 7, ours: () => timed(scan), peer: () => timed(iterate) },
        {
          rows: ['sqlite-selective'],
          // Short samples: so many are taken without a collection of garbage before each.
          repeats: 60,
          warmups: 5,
          ours: () =>
            timed(async () => {
              const sql = "SELECT * FROM federated WHERE l_shipdate = DATE '1995-03-15' AND l_quantity > 45";
              for await (const _ of await runtime.sql(sql));
            }),
          peer: () =>
            timed(async () => {
              drainPeer('SELECT * FROM lineitem WHERE l_shipdate = ? AND l_quantity > ?', '1995-03-15', 45);
            }),
        },
        {
          rows: ['sqlite-scan-delay-p99', 'sqlite-scan-delay-max'],
          repeats: 7,
          ours: () => scanning.sample(),
          peer: () => delaysDuring(iterate),
        },
        {
          rows: ['sqlite-refresh-delay-p99', 'sqlite-refresh-delay-max'],
          repeats: 7,
          ours: () => refreshing.sample(),
          peer: () => delaysDuring(iterate),
        },
      ],
    };
  },
};

function expectRows(found: number, expected: number): void {
  if (found !== expected) throw new Error(`read ${found} rows of ${expected}`);
}
