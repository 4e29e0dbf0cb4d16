import { type Benchmark, timed } from '../benchmark.ts';
import { openBenchRuntime } from '../data/bench-runtime.ts';
import { openEnginePlace } from '../data/engine-place.ts';
import { putIntoMemory } from '../data/lineitem-in-memory.ts';
import { LINEITEM } from '../data/order-tables.ts';
import { ensureParquetFile } from '../data/parquet-file.ts';
import { openCopyPeer } from '../peer/copy-bytes.ts';

/** A full refresh in a server of PostgreSQL, of rows that come as record batches through the connector’s scan. */
export const refreshPostgres: Benchmark = {
  name: 'refresh-postgres',
  title:
    'full refresh from memory into a server of PostgreSQL, against pg-copy-streams with one binary COPY of ready-made bytes into a table created in the same transaction',
  statedRowCount: 2_000_000,
  rows: [
    {
      name: 'refresh-postgres',
      unit: 'ms',
      digits: 0,
      bar: { figure: 'ours_over_peer', comparison: 'at_most', limit: 1.5 },
    },
  ],
  async prepare(context) {
    const { dataDirectory: directory, rowCount, own } = context;
    const file = await ensureParquetFile({ directory, table: LINEITEM, lineCount: rowCount });
    const { acceleration, connectionString = '' } = await openEnginePlace('postgres', context);
    const runtime = own(await openBenchRuntime([{ ...(await putIntoMemory(file)), acceleration }]));
    const bare = own(await openCopyPeer(connectionString, 'lineitem'));
    return {
      rowCount,
      cases: [
        {
          rows: ['refresh-postgres'],
          repeats: 7,
          ours: () =>
            timed(async () => {
              const report = await runtime.refresh('lineitem');
              if (report.rowCount !== BigInt(rowCount))
                throw new Error(`refreshed ${report.rowCount} rows, not ${rowCount}`);
            }),
          peer: () => timed(() => bare.replace()),
        },
      ],
    };
  },
};
