import { type Benchmark, timed } from '../benchmark.ts';
import { drain, IN_DUCKDB, openBenchRuntime } from '../data/bench-runtime.ts';
import { LINEITEM } from '../data/order-tables.ts';
import { ensureParquetFile } from '../data/parquet-file.ts';
import { openBareDuckDb, quoteText } from '../peer/bare-duckdb.ts';

const SQL = 'SELECT * FROM lineitem';

/** How fast rows leave the engine: as record batches, or as the row objects that node-api makes. */
export const arrowResult: Benchmark = {
  name: 'arrow-result',
  title: 'a result of 16 columns as Arrow batches, against getRowObjectsJS of node-api',
  statedRowCount: 250_000,
  rows: [{ name: 'arrow-result', unit: 'ms', bar: { figure: 'peer_over_ours', comparison: 'at_least', limit: 8 } }],
  async prepare({ dataDirectory: directory, rowCount, own }) {
    const path = await ensureParquetFile({ directory, table: LINEITEM, lineCount: rowCount });
    const bare = own(await openBareDuckDb());
    await bare.run(`CREATE TABLE lineitem AS SELECT * FROM read_parquet(${quoteText(path)})`);
    const runtime = own(await openBenchRuntime([{ from: `file:${path}`, name: 'lineitem', acceleration: IN_DUCKDB }]));
    return {
      rowCount,
      cases: [
        {
          rows: ['arrow-result'],
          ours: () => timed(() => drain(runtime, SQL)),
          peer: () =>
            timed(async () => {
              const reader = await bare.connection.runAndReadAll(SQL);
              return reader.getRowObjectsJS().length;
            }),
        },
      ],
    };
  },
};
