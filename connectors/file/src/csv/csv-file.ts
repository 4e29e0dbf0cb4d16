import { quoteIdentifier } from '@millrace/duckdb';
import type { FileEngine } from '../engine.ts';
import { callSql, sqlTypes } from '../table-function.ts';
import type { CsvLayout } from './sniff-csv.ts';
import { textField } from './text-field.ts';

/** One CSV file and what was found out about it. */
export interface CsvFile {
  readonly path: string;
  readonly layout: CsvLayout;
}

/** Those of the columns that hold no value in the file, so that the type found for them, VARCHAR, means nothing. */
export async function findEmptyColumns(
  { path, layout }: CsvFile,
  names: readonly string[],
  { engine, signal }: { readonly engine: FileEngine; readonly signal: AbortSignal },
): Promise<ReadonlySet<string>> {
  if (names.length === 0) return new Set();
  const columns = sqlTypes(layout.columns.map(({ name }) => textField(name)));
  const call = callSql({ function: 'read_csv', options: { ...layout.dialect, columns } }, [path]);
  const counts = names.map((name) => `count(${quoteIdentifier(name)})`).join(', ');
  const [row = []] = await engine.use(signal, (connection) => connection.rows(`SELECT ${counts} FROM ${call}`));
  return new Set(names.filter((_, index) => row[index] === 0n));
}
