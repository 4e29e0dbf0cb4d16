import type pg from 'pg';
import { quoteText } from './bare-duckdb.ts';

/** The table that the accelerator keeps a dataset in, quoted. */
export async function copiedTable(client: pg.Client, dataset: string): Promise<string> {
  const prefix = quoteText(`__millrace_${dataset}__v`);
  const { rows } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE starts_with(tablename, ${prefix})`,
  );
  const [found] = rows;
  if (found === undefined || rows.length > 1) throw new Error(`${rows.length} tables hold ${dataset}`);
  return found.name;
}
