import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { duckdbAccelerator } from '@millrace/accelerator-duckdb';
import { postgresAccelerator } from '@millrace/accelerator-postgres';
import { sqliteAccelerator } from '@millrace/accelerator-sqlite';
import { fileConnector } from '@millrace/connector-file';
import { memoryConnector } from '@millrace/connector-memory';
import { mysqlConnector } from '@millrace/connector-mysql';
import { postgresConnector } from '@millrace/connector-postgres';
import { sqliteConnector } from '@millrace/connector-sqlite';
import { createRegistry } from '@millrace/core/registry';
import { createRuntime, type DatasetInput, type Runtime, type SqlOptions } from '@millrace/runtime';
import { scannedConnector } from './scanned-connector.ts';

/** The acceleration block of a local copy in DuckDB's memory. */
export const IN_DUCKDB = { engine: 'duckdb', mode: 'memory', refresh_mode: 'full' } as const;

/** Opens a runtime over these datasets with default settings, and waits until every accelerated one is loaded. */
export async function openBenchRuntime(datasets: readonly DatasetInput[]): Promise<Runtime> {
  const runtime = await createRuntime({
    config: { version: 'v1', name: 'bench', datasets: [...datasets] },
    registry: createRegistry({
      connectors: [
        fileConnector,
        memoryConnector,
        mysqlConnector,
        postgresConnector,
        scannedConnector,
        sqliteConnector,
      ],
      accelerators: [arrowAccelerator, duckdbAccelerator, postgresAccelerator, sqliteAccelerator],
    }),
  });
  try {
    await runtime.ready();
    return runtime;
  } catch (error) {
    await runtime.close();
    throw error;
  }
}

/** Runs a query and drops its batches; returns how many rows there were. */
export async function drain(runtime: Runtime, sql: string, options?: SqlOptions): Promise<number> {
  let rowCount = 0;
  for await (const batch of await runtime.sql(sql, options)) rowCount += batch.numRows;
  return rowCount;
}
