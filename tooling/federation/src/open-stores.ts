import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingMariaDb, missingPostgres, sharedMariaDb, sharedPostgres } from '@millrace/services';
import { loadDuckdb } from './load-duckdb.ts';
import { loadMysql } from './load-mysql.ts';
import { loadPostgres } from './load-postgres.ts';
import { loadSqlite } from './load-sqlite.ts';
import type { OpenStore, Store } from './store.ts';

/** Why a database cannot be had here; undefined when all can. */
export function missingStores(): string | undefined {
  return missingPostgres() ?? missingMariaDb();
}

/** How a store of each kind is made: files in a folder of their own, databases of their own on the shared servers. */
export const OPEN_STORES: Readonly<Record<Store['connector'], OpenStore>> = {
  async sqlite(tables) {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-federation-'));
    const file = join(folder, 'tables.sqlite');
    loadSqlite(file, tables);
    const close = () => rm(folder, { recursive: true, force: true });
    return { connector: 'sqlite', params: { sqlite_file: file }, schemaName: 'main', close };
  },
  async duckdb(tables) {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-federation-'));
    const file = join(folder, 'tables.duckdb');
    await loadDuckdb(file, tables);
    const close = () => rm(folder, { recursive: true, force: true });
    return { connector: 'duckdb', params: { duckdb_open: file }, schemaName: 'main', close };
  },
  async postgres(tables) {
    const { host, port, user, password, createDatabase } = await sharedPostgres();
    const database = await createDatabase();
    await loadPostgres(database, tables);
    return {
      connector: 'postgres',
      params: {
        pg_host: host,
        pg_port: String(port),
        pg_user: user,
        pg_pass: password,
        pg_db: database.database,
        pg_sslmode: 'disable',
      },
      schemaName: 'public',
      close: () => database.drop(),
    };
  },
  async mysql(tables) {
    const { host, port, user, password, createDatabase } = await sharedMariaDb();
    const database = await createDatabase();
    await loadMysql(database, tables);
    return {
      connector: 'mysql',
      params: {
        mysql_host: host,
        mysql_tcp_port: String(port),
        mysql_user: user,
        mysql_pass: password,
        mysql_db: database.database,
        mysql_sslmode: 'disabled',
      },
      schemaName: database.database,
      close: () => database.drop(),
    };
  },
};
