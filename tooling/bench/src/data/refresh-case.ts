import type { DatasetInput, RefreshReport } from '@millrace/runtime';
import { type BenchContext, type PreparedBenchmark, type RowSpec, timed } from '../benchmark.ts';
import { openBareDuckDb, quoteText } from '../peer/bare-duckdb.ts';
import { IN_DUCKDB, openBenchRuntime } from './bench-runtime.ts';
import { LINEITEM } from './order-tables.ts';
import { ensureParquetFile } from './parquet-file.ts';

/** A full refresh of the lineitem-shaped table, against bare `CREATE TABLE AS` from the Parquet file of its rows. */
export interface RefreshCase {
  readonly row: RowSpec;
  /** The way that the rows have to go; a refresh that went another way fails the benchmark. */
  readonly path: RefreshReport['path'];
  /** The dataset that holds the rows of this file. */
  toDataset(file: string): Promise<DatasetInput> | DatasetInput;
}

/** Opens both sides; each replaces a table that is there already. */
export async function prepareRefresh(
  { row, path, toDataset }: RefreshCase,
  { dataDirectory: directory, rowCount, own }: BenchContext,
): Promise<PreparedBenchmark> {
  const file = await ensureParquetFile({ directory, table: LINEITEM, lineCount: rowCount });
  const bare = own(await openBareDuckDb());
  const runtime = own(await openBenchRuntime([{ ...(await toDataset(file)), acceleration: IN_DUCKDB }]));
  const create = `CREATE OR REPLACE TABLE lineitem AS SELECT * FROM read_parquet(${quoteText(file)})`;
  return {
    rowCount,
    cases: [
      {
        rows: [row.name],
        ours: () =>
          timed(async () => {
            const report = await runtime.refresh('lineitem');
            if (report.path !== path || report.rowCount !== BigInt(rowCount))
              throw new Error(`refreshed ${report.rowCount} rows by ${report.path}, not ${rowCount} by ${path}`);
          }),
        peer: () => timed(() => bare.run(create)),
      },
    ],
  };
}
