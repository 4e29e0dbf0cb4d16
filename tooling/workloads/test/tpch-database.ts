import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DuckDbDatabase, openDatabase, quoteIdentifier } from '@millrace/duckdb';
import { writeTpchFiles } from '../src/tpch/write-tpch-files.ts';

/** Where generated data is kept between test runs. */
export const CACHE_FOLDER: string = path.join(tmpdir(), 'millrace-workloads');

/** A database whose views are the generated tables of a scale factor, read from their files; the caller closes it. */
export async function openTpch(scaleFactor: number): Promise<DuckDbDatabase> {
  const { files } = await writeTpchFiles({ directory: CACHE_FOLDER, scaleFactor });
  const database = await openDatabase({ path: ':memory:' });
  await database.withConnection(async (connection) => {
    for (const { table, path: file } of files) {
      const source = `read_parquet('${file.replaceAll("'", "''")}')`;
      await connection.run(`CREATE VIEW ${quoteIdentifier(table)} AS SELECT * FROM ${source}`);
    }
  });
  return database;
}
