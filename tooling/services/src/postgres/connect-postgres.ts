import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { CreateDatabaseOptions, PostgresDatabase, PostgresServer } from './postgres-server.ts';
import { ServerLog } from './server-log.ts';

/** Where a server is and who may use it; plain JSON. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** The JSON log, where the server was started here. */
  readonly logFile?: string;
}

const LOGS: Map<string, ServerLog> = new Map();

/** A server object over an address; opens connections only while a call needs one. */
export function connectPostgres(address: PostgresAddress): PostgresServer {
  const { host, port, user, password, database } = address;
  const statements = async (name: string) => {
    if (address.logFile === undefined) return undefined;
    const marker = `millrace-log-marker-${randomUUID()}`;
    await runSql(address, name, `SELECT '${marker}'`, undefined);
    const log = LOGS.get(address.logFile) ?? new ServerLog(address.logFile);
    LOGS.set(address.logFile, log);
    return await log.until(name, marker);
  };
  return {
    host,
    port,
    user,
    password,
    database,
    connectionString: connectionString(address, database),
    receivedStatements: statements,
    async createDatabase(options: CreateDatabaseOptions = {}): Promise<PostgresDatabase> {
      const name = options.name ?? `test_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
      const locale =
        options.icuLocale === undefined
          ? ''
          : ` TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE ${pg.escapeLiteral(options.icuLocale)}`;
      await runSql(address, database, `CREATE DATABASE ${pg.escapeIdentifier(name)}${locale}`, undefined);
      return {
        database: name,
        connectionString: connectionString(address, name),
        sql: (text, values) => runSql(address, name, text, values),
        receivedStatements: () => statements(name),
        drop: async () => {
          await runSql(
            address,
            database,
            `DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`,
            undefined,
          );
        },
      };
    },
  };
}

async function runSql(
  { host, port, user, password }: PostgresAddress,
  database: string,
  text: string,
  values: readonly unknown[] | undefined,
): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({
    host,
    port,
    user,
    password,
    database,
    application_name: 'millrace-services',
  });
  await client.connect();
  try {
    const result = values === undefined ? await client.query(text) : await client.query(text, [...values]);
    const last = Array.isArray(result) ? result.at(-1) : result;
    return (last?.rows ?? []) as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

function connectionString({ host, port, user, password }: PostgresAddress, database: string): string {
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return `postgresql://${login}@${host}:${port}/${encodeURIComponent(database)}`;
}
