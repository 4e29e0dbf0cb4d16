import { stat } from 'node:fs/promises';

/**
 * What a database file and its log looked like at one moment: size, time of the last write and inode of both; undefined where there is
 * no file. The file is only looked at: opening and closing it here would release the lock that DuckDB holds on it in this process.
 */
export async function versionOf(path: string): Promise<string | undefined> {
  const [file, log] = await Promise.all([path, logOf(path)].map((one) => stat(one, { bigint: true }).catch(missing)));
  if (file === undefined) return undefined;
  return [file, log].map((stats) => (stats ? `${stats.size}:${stats.mtimeNs}:${stats.ino}` : 'none')).join(' ');
}

/** The write-ahead log that belongs to a database file. */
export function logOf(path: string): string {
  return `${path}.wal`;
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}
