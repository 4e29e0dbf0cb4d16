import type { DuckDBConnection } from '@duckdb/node-api';
import duckdb, { type PreparedStatement } from '@duckdb/node-bindings';
import { bindStatement } from '../binding/bind-parameters.ts';
import type { QueryParameters } from './duckdb-database.ts';

/** The raw handle under node-api's connection, which it does not declare. */
export function rawConnection(connection: DuckDBConnection): duckdb.Connection {
  return (connection as unknown as { readonly connection: duckdb.Connection }).connection;
}

/** A statement to prepare, and the values for it. */
export interface PrepareRequest {
  readonly sql: string;
  readonly parameters?: QueryParameters | undefined;
  /** Runs the preparation; what it does around it comes before anything is bound. */
  readonly around?: (<T>(prepare: () => Promise<T>) => Promise<T>) | undefined;
}

/** Prepares and binds one statement, hands it to `use`, and destroys it. */
export async function withPrepared<T>(
  connection: DuckDBConnection,
  { sql, parameters, around = (prepare) => prepare() }: PrepareRequest,
  use: (statement: PreparedStatement) => T | Promise<T>,
): Promise<T> {
  const bound = bindStatement(sql, parameters);
  const statement = await around(() => duckdb.prepare(rawConnection(connection), bound.sql));
  try {
    bound.bind(statement);
    return await use(statement);
  } finally {
    duckdb.destroy_prepare_sync(statement);
  }
}
