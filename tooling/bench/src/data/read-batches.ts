import type { RecordBatch, Schema } from '@millrace/core';
import { openDatabase } from '@millrace/duckdb';
import { quoteText } from '../peer/bare-duckdb.ts';

/** Reads a Parquet file into record batches in memory. */
export async function readBatches(path: string): Promise<{ readonly schema: Schema; readonly batches: RecordBatch[] }> {
  await using database = await openDatabase({ path: ':memory:', component: 'bench' });
  return await database.withConnection(async (connection) => {
    const stream = await connection.stream({ sql: `SELECT * FROM read_parquet(${quoteText(path)})` });
    const batches: RecordBatch[] = [];
    for await (const batch of stream) batches.push(batch);
    return { schema: stream.schema, batches };
  });
}
