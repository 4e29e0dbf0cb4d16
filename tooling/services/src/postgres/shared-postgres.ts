import { ownerPid } from '../owner-pid.ts';
import { sharedService } from '../shared-service.ts';
import { connectPostgres } from './connect-postgres.ts';
import type { PostgresVersion } from './postgres-binaries.ts';
import type { PostgresServer } from './postgres-server.ts';
import { launchPostgres } from './start-postgres.ts';

/** Which shared server is meant. */
export interface SharedPostgresOptions {
  /** Default 18. Without meaning where `MILLRACE_TEST_POSTGRES_URL` names a server. */
  readonly version?: PostgresVersion;
}

/**
 * The server that all test files of a run share, started on first use. `MILLRACE_TEST_POSTGRES_URL` (a superuser's connection string)
 * names a server of one's own instead.
 */
export async function sharedPostgres({ version = 18 }: SharedPostgresOptions = {}): Promise<PostgresServer> {
  const url = process.env.MILLRACE_TEST_POSTGRES_URL;
  if (url !== undefined) return connectPostgres(fromUrl(new URL(url)));
  const launched = await sharedService({
    name: `postgres-${version}`,
    start: (directory) => launchPostgres({ version, directory, ownerPid: ownerPid() }),
  });
  return connectPostgres(launched);
}

function fromUrl(url: URL) {
  return {
    host: url.hostname,
    port: url.port === '' ? 5432 : Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)) || 'postgres',
  };
}
