import { ownerPid } from '../owner-pid.ts';
import { sharedService } from '../shared-service.ts';
import { connectMariaDb } from './connect-mariadb.ts';
import type { MariaDbServer } from './mariadb-server.ts';
import { launchMariaDb } from './start-mariadb.ts';

/**
 * The server that all test files of a run share, started on first use. `MILLRACE_TEST_MYSQL_URL` (an administrator's connection string,
 * of MariaDB or MySQL) names a server of one's own instead.
 */
export async function sharedMariaDb(): Promise<MariaDbServer> {
  const url = process.env.MILLRACE_TEST_MYSQL_URL;
  if (url !== undefined) return connectMariaDb(fromUrl(new URL(url)));
  const launched = await sharedService({
    name: 'mariadb',
    start: (directory) => launchMariaDb({ directory, ownerPid: ownerPid() }),
  });
  return connectMariaDb(launched);
}

function fromUrl(url: URL) {
  return {
    host: url.hostname,
    port: url.port === '' ? 3306 : Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)) || 'mysql',
  };
}
