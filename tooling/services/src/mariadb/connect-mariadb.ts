import { randomUUID } from 'node:crypto';
import mysql from 'mysql2/promise';
import { GeneralLog, logMarker } from './general-log.ts';
import type { MariaDbDatabase, MariaDbServer } from './mariadb-server.ts';

/** Where a server is and who may use it; plain JSON. */
export interface MariaDbAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** The general log, where the server was started here. */
  readonly logFile?: string;
}

const LOGS: Map<string, GeneralLog> = new Map();

/** A server object over an address; opens connections only while a call needs one. */
export function connectMariaDb(address: MariaDbAddress): MariaDbServer {
  const { host, port, user, password, database } = address;
  const statements = async (name: string) => {
    if (address.logFile === undefined) return undefined;
    const token = randomUUID();
    await runSql(address, name, logMarker(token), undefined);
    const log = LOGS.get(address.logFile) ?? new GeneralLog(address.logFile);
    LOGS.set(address.logFile, log);
    return await log.until(name, token);
  };
  return {
    host,
    port,
    user,
    password,
    database,
    connectionString: connectionString(address, database),
    receivedStatements: statements,
    async createDatabase(name = `test_${randomUUID().replaceAll('-', '').slice(0, 16)}`): Promise<MariaDbDatabase> {
      await runSql(address, database, `CREATE DATABASE ${quote(name)} CHARACTER SET utf8mb4`, undefined);
      return {
        database: name,
        connectionString: connectionString(address, name),
        sql: (text, values) => runSql(address, name, text, values),
        receivedStatements: () => statements(name),
        drop: async () => {
          await runSql(address, database, `DROP DATABASE IF EXISTS ${quote(name)}`, undefined);
        },
      };
    },
  };
}

async function runSql(
  { host, port, user, password }: MariaDbAddress,
  database: string,
  text: string,
  values: readonly unknown[] | undefined,
): Promise<readonly Record<string, unknown>[]> {
  const client = await mysql.createConnection({
    host,
    port,
    user,
    password,
    database,
    multipleStatements: values === undefined,
    charset: 'utf8mb4',
    timezone: 'Z',
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    // A server that ends a busy connection sends an error after its answer.
    connectTimeout: 20_000,
  });
  client.on('error', () => undefined);
  try {
    const [result] = values === undefined ? await client.query(text) : await client.query(text, [...values]);
    const results = Array.isArray(result) ? result : [];
    const last = values === undefined && Array.isArray(results.at(-1)) ? results.at(-1) : results;
    return (Array.isArray(last) ? last : []) as unknown as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

function quote(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

function connectionString({ host, port, user, password }: MariaDbAddress, database: string): string {
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return `mysql://${login}@${host}:${port}/${encodeURIComponent(database)}`;
}
