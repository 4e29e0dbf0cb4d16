import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetInput, RefreshReport } from '@millrace/runtime';
import { type BenchCase, type BenchContext, type RowSpec, timed } from '../benchmark.ts';
import { openBareDuckDb, quoteText } from '../peer/bare-duckdb.ts';
import { openBenchRuntime } from './bench-runtime.ts';
import { LINEITEM } from './order-tables.ts';
import { ensureParquetFile } from './parquet-file.ts';

/** A full refresh of the lineitem-shaped table, against bare `CREATE TABLE AS` from the Parquet file of its rows. */
export interface RefreshCase {
  readonly row: RowSpec;
  /** The way that the rows have to go; a refresh that went another way fails the benchmark. */
  readonly path: RefreshReport['path'];
  /** Where both sides keep the table. */
  readonly mode: 'memory' | 'file';
  /** The dataset that holds the rows of this file. */
  toDataset(file: string): Promise<DatasetInput> | DatasetInput;
}

/** Opens both sides; each replaces a table that is there already. */
export async function prepareRefresh(refresh: RefreshCase, context: BenchContext): Promise<BenchCase> {
  const { row, path, mode, toDataset } = refresh;
  const { dataDirectory: directory, rowCount, own } = context;
  const file = await ensureParquetFile({ directory, table: LINEITEM, lineCount: rowCount });
  const folder = await mkdtemp(join(directory, 'refresh-'));
  own({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) });
  const bare = own(await openBareDuckDb(mode === 'memory' ? ':memory:' : join(folder, 'bare.duckdb')));
  const acceleration = {
    engine: 'duckdb',
    mode,
    ...(mode === 'file' ? { params: { duckdb_file: join(folder, 'millrace.duckdb') } } : {}),
  };
  const runtime = own(await openBenchRuntime([{ ...(await toDataset(file)), acceleration }]));
  const create = `CREATE OR REPLACE TABLE lineitem AS SELECT * FROM read_parquet(${quoteText(file)})`;
  return {
    rows: [row.name],
    ours: () =>
      timed(async () => {
        const report = await runtime.refresh('lineitem');
        if (report.path !== path || report.rowCount !== BigInt(rowCount))
          throw new Error(`refreshed ${report.rowCount} rows by ${report.path}, not ${rowCount} by ${path}`);
      }),
    peer: () => timed(() => bare.run(create)),
  };
}
