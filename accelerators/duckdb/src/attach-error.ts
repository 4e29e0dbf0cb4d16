import { open } from 'node:fs/promises';
import { isMillraceError, MillraceError } from '@millrace/core';

const KEPT: ReadonlySet<string> = new Set(['cancelled', 'resource_exhausted', 'invalid_state']);

/** Says why a database file could not be opened, and names it. */
export async function attachError(
  error: unknown,
  { file, component }: { readonly file: string; readonly component: string },
): Promise<MillraceError> {
  const place = { component, connector: 'duckdb', cause: error };
  const reason = reasonOf(error);
  const code = isMillraceError(error) ? error.code : 'io';
  if (isMillraceError(error) && KEPT.has(code)) return error;
  if (code === 'conflict')
    return new MillraceError({
      ...place,
      code: 'conflict',
      message: `the file ${file} is in use: ${reason}`,
      hint: 'Close it there, or name another file with duckdb_file',
      retryable: true,
    });
  if (code === 'unauthorized')
    return new MillraceError({
      ...place,
      code: 'unauthorized',
      message: `the file ${file} cannot be opened any more: ${reason}`,
      hint: 'Files outside the data directory are opened at start alone: restart, or leave duckdb_file out',
    });
  // What is there and may be read and written, and is yet refused, is not a database, or not a sound one.
  if (isMillraceError(error) && (await isAccessibleFile(file)))
    return new MillraceError({
      ...place,
      code: 'invalid_data',
      message: `the file ${file} is damaged, or is not a database that this DuckDB can read: ${reason}`,
      hint: 'Move it away with its .wal file and restart: the rows are loaded again from the source',
    });
  return new MillraceError({
    ...place,
    code: 'io',
    message: `the file ${file} cannot be opened: ${reason}`,
    hint: 'Check that the folder exists, that it may be written to and that the disk is not full',
  });
}

function reasonOf(error: unknown): string {
  if (isMillraceError(error)) return error.reason;
  return error instanceof Error ? error.message : String(error);
}

/** Opens it, as `access` asks about the real user, and the system about the effective one. */
async function isAccessibleFile(file: string): Promise<boolean> {
  try {
    await using opened = await open(file, 'r+');
    return (await opened.stat()).isFile();
  } catch {
    return false;
  }
}
