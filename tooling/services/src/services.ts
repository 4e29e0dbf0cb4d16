import { missingMariaDb } from './mariadb/mariadb-binaries.ts';
import { sharedMariaDb } from './mariadb/shared-mariadb.ts';
import { missingPostgres, type PostgresVersion } from './postgres/postgres-binaries.ts';
import { sharedPostgres } from './postgres/shared-postgres.ts';

/** A service that `pnpm services` starts. */
export interface ListedService {
  readonly name: string;
  /** Why it cannot be started here; undefined when it can. */
  readonly missing: () => string | undefined;
  readonly connectionString: () => Promise<string>;
}

const postgres = (version: PostgresVersion): ListedService => ({
  name: `PostgreSQL ${version}`,
  missing: () => missingPostgres(version),
  connectionString: async () => (await sharedPostgres({ version })).connectionString,
});

/** The services in the order in which `pnpm services` prints them. */
export const SERVICES: readonly ListedService[] = [
  postgres(16),
  postgres(17),
  postgres(18),
  {
    name: 'MariaDB',
    missing: missingMariaDb,
    connectionString: async () => (await sharedMariaDb()).connectionString,
  },
];
