import { duckDbConnector } from '@millrace/connector-duckdb';
import { fileConnector } from '@millrace/connector-file';
import { memoryConnector } from '@millrace/connector-memory';
import { mysqlConnector } from '@millrace/connector-mysql';
import { postgresConnector } from '@millrace/connector-postgres';
import { sqliteConnector } from '@millrace/connector-sqlite';
import { createRegistry, type PluginRegistry } from '@millrace/core/registry';
import { ENGINES } from '@millrace/engines';

/** Every plugin that the tests use. */
export function allPlugins(): PluginRegistry {
  return createRegistry({
    connectors: [sqliteConnector, duckDbConnector, postgresConnector, mysqlConnector, fileConnector, memoryConnector],
    accelerators: ENGINES,
  });
}
