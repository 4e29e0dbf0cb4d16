import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeType } from '@millrace/arrow';
import { memoryDatabase } from '@millrace/connector-memory';
import { type Benchmark, timed } from '../benchmark.ts';
import { openBenchRuntime } from '../data/bench-runtime.ts';
import { LINEITEM } from '../data/order-tables.ts';
import { ensureParquetFile } from '../data/parquet-file.ts';
import { readBatches } from '../data/read-batches.ts';
import { rowsOf } from '../data/rows-of.ts';
import { openInsertPeer } from '../peer/insert-rows.ts';

/** A full refresh in a file of SQLite, of rows that come as record batches through the connector’s scan. */
export const refreshSqlite: Benchmark = {
  name: 'refresh-sqlite',
  title:
    'full refresh from memory into a file of SQLite, against better-sqlite3 with one prepared INSERT in a transaction over ready-made rows, with the same durability (WAL, synchronous FULL, log written back)',
  statedRowCount: 2_000_000,
  rows: [
    {
      name: 'refresh-sqlite',
      unit: 'ms',
      digits: 0,
      bar: { figure: 'ours_over_peer', comparison: 'at_most', limit: 1.3 },
    },
  ],
  async prepare({ dataDirectory: directory, rowCount, own }) {
    const { schema, batches } = await readBatches(
      await ensureParquetFile({ directory, table: LINEITEM, lineCount: rowCount }),
    );
    memoryDatabase('bench').put('lineitem', { schema, batches, versionsKept: 1 });
    const folder = await mkdtemp(join(directory, 'refresh-'));
    own({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) });
    const runtime = own(
      await openBenchRuntime([
        {
          from: 'scanned:lineitem',
          name: 'lineitem',
          acceleration: { engine: 'sqlite', mode: 'file', params: { sqlite_file: join(folder, 'millrace.sqlite') } },
        },
      ]),
    );
    const columns = schema.fields.map(({ name, type }) => {
      return `${name} ${describeType(type) === 'utf8' ? 'TEXT' : 'INTEGER'}`;
    });
    const bare = own(openInsertPeer(join(folder, 'bare.sqlite'), columns));
    const rows = rowsOf(batches);
    return {
      rowCount,
      cases: [
        {
          rows: ['refresh-sqlite'],
          repeats: 7,
          ours: () =>
            timed(async () => {
              const report = await runtime.refresh('lineitem');
              if (report.rowCount !== BigInt(rowCount))
                throw new Error(`refreshed ${report.rowCount} rows, not ${rowCount}`);
            }),
          peer: () => timed(async () => bare.replace(rows)),
        },
      ],
    };
  },
};
