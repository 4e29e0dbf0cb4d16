import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { duckdbAccelerator } from '@millrace/accelerator-duckdb';
import { duckDbConnector } from '@millrace/connector-duckdb';
import { fileConnector } from '@millrace/connector-file';
import { mysqlConnector } from '@millrace/connector-mysql';
import { postgresConnector } from '@millrace/connector-postgres';
import { sqliteConnector } from '@millrace/connector-sqlite';
import { createRegistry, type PluginRegistry } from '@millrace/core/registry';

/** Every plugin that the tests use. */
export function allPlugins(): PluginRegistry {
  return createRegistry({
    connectors: [sqliteConnector, duckDbConnector, postgresConnector, mysqlConnector, fileConnector],
    accelerators: [arrowAccelerator, duckdbAccelerator],
  });
}
