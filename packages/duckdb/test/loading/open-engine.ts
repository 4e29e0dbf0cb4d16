import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { interruptible } from '../../src/database/interrupt.ts';
import { registerBatchFunction } from '../../src/loading/batch-function.ts';
import type { LoadRequest } from '../../src/loading/load-batches.ts';

/** A bare DuckDB with the table function registered, so that these tests do not depend on the database module. */
export interface Engine extends AsyncDisposable {
  readonly native: DuckDBConnection;
  /** A further connection to the same instance. */
  connect(): Promise<DuckDBConnection>;
  /** What `loadBatches` needs of a connection. */
  readonly connection: LoadRequest['connection'];
  /** A query's rows as arrays of text, numbers and null. */
  rows(sql: string): Promise<unknown[][]>;
}

export async function openEngine(): Promise<Engine> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const native = await instance.connect();
  registerBatchFunction(native);
  await native.run("SET TimeZone = 'UTC'");
  const run: LoadRequest['connection']['run'] = async (sql, _parameters, options) =>
    BigInt((await interruptible(native, native.run(sql), options?.signal)).rowsChanged);
  return {
    native,
    connect: () => instance.connect(),
    connection: { run },
    rows: async (sql) => (await native.runAndReadAll(sql)).getRowsJson() as unknown[][],
    async [Symbol.asyncDispose]() {
      native.disconnectSync();
      instance.closeSync();
    },
  };
}
