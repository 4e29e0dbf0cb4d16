import { accessSync, constants } from 'node:fs';
import path from 'node:path';

const FOLDERS: readonly string[] = ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin'];

/** The programs that make and run a server, by absolute path. */
export interface MariaDbBinaries {
  readonly server: string;
  readonly install: string;
}

/** Why MariaDB cannot be started here; undefined when it can, or when `MILLRACE_TEST_MYSQL_URL` names a server. */
export function missingMariaDb(): string | undefined {
  if (process.env.MILLRACE_TEST_MYSQL_URL !== undefined) return undefined;
  const { server, install } = locate();
  if (server !== undefined && install !== undefined) return undefined;
  return 'mariadbd is not installed (Debian: apt-get install --no-install-recommends mariadb-server-core mariadb-client-core)';
}

/** @throws Error where {@link missingMariaDb} gives a reason. */
export function mariaDbBinaries(): MariaDbBinaries {
  const { server, install } = locate();
  if (server === undefined || install === undefined) throw new Error(missingMariaDb() ?? 'mariadbd is not installed');
  return { server, install };
}

function locate(): { readonly server: string | undefined; readonly install: string | undefined } {
  return { server: findProgram('mariadbd'), install: findProgram('mariadb-install-db') };
}

/** Server programs lie in folders that are not on everybody's PATH. */
function findProgram(name: string): string | undefined {
  const folders = new Set([...FOLDERS, ...(process.env.PATH ?? '').split(path.delimiter).filter(path.isAbsolute)]);
  return [...folders].map((folder) => path.join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
