import { createHash } from 'node:crypto';
import { access, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { openBareDuckDb, quoteText } from '../peer/bare-duckdb.ts';
import type { GeneratedTable } from './order-tables.ts';

/** Which file is wanted. */
export interface ParquetFileRequest {
  readonly directory: string;
  readonly table: GeneratedTable;
  readonly lineCount: number;
}

/**
 * Writes a generated table as Parquet, unless a run before did. Returns the file's absolute path.
 *
 * The name carries a hash of the SELECT, so a changed generator makes a new file; a file is complete once it has its name.
 */
export async function ensureParquetFile({ directory, table, lineCount }: ParquetFileRequest): Promise<string> {
  const select = table.select(lineCount);
  const hash = createHash('sha256').update(select).digest('hex').slice(0, 12);
  const path = join(directory, `${table.name}-${lineCount}-${hash}.parquet`);
  if (await exists(path)) return path;
  await mkdir(directory, { recursive: true });
  const unfinished = `${path}.${process.pid}.part`;
  await using duckdb = await openBareDuckDb();
  await duckdb.run(`COPY (${select}) TO ${quoteText(unfinished)} (FORMAT parquet)`);
  await rename(unfinished, path);
  return path;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
