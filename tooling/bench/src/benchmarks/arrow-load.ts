import { loadBatches, openDatabase } from '@millrace/duckdb';
import { type Benchmark, timed } from '../benchmark.ts';
import { LINEITEM } from '../data/order-tables.ts';
import { ensureParquetFile } from '../data/parquet-file.ts';
import { readBatches } from '../data/read-batches.ts';
import { appendBatches } from '../peer/append-batches.ts';
import { openBareDuckDb, quoteText } from '../peer/bare-duckdb.ts';

/** How fast Arrow batches reach DuckDB: by whole columns, or value by value. Both start with an empty table. */
export const arrowLoad: Benchmark = {
  name: 'arrow-load',
  title: 'loading Arrow batches of 16 columns into DuckDB, against the Appender of node-api value by value',
  statedRowCount: 250_000,
  rows: [{ name: 'arrow-load', unit: 'ms', bar: { figure: 'peer_over_ours', comparison: 'at_least', limit: 20 } }],
  async prepare({ dataDirectory: directory, rowCount, own }) {
    const path = await ensureParquetFile({ directory, table: LINEITEM, lineCount: rowCount });
    const { schema, batches } = await readBatches(path);
    const empty = `CREATE OR REPLACE TABLE lineitem AS SELECT * FROM read_parquet(${quoteText(path)}) LIMIT 0`;
    const database = own(await openDatabase({ path: ':memory:', component: 'bench' }));
    const connection = own(await database.connect());
    const bare = own(await openBareDuckDb());
    return {
      rowCount,
      cases: [
        {
          rows: ['arrow-load'],
          warmups: 4,
          async ours() {
            await connection.run(empty);
            return timed(() => loadBatches({ connection, target: 'lineitem', schema, batches }));
          },
          async peer() {
            await bare.run(empty);
            return timed(() => appendBatches(bare.connection, 'lineitem', batches));
          },
        },
      ],
    };
  },
};
