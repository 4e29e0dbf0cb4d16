import type { CreateTableCommand } from '@millrace/core';
import { type DuckDbConnection, quoteIdentifier } from '@millrace/duckdb';
import type { TableNames } from './table-names.ts';

/** What {@link createIndexes} works on. */
export interface IndexRequest {
  readonly connection: DuckDbConnection;
  readonly names: TableNames;
  readonly version: number;
  readonly command: CreateTableCommand;
  readonly signal: AbortSignal;
}

/**
 * Creates the indexes of a version that has been filled, the primary key's among them, in the connection's transaction.
 * @throws MillraceError `integrity` for rows that break a unique one.
 */
export async function createIndexes({ connection, names, version, command, signal }: IndexRequest): Promise<void> {
  const { primaryKey, indexes = [] } = command;
  const wanted = [...(primaryKey ? [{ columns: primaryKey, unique: true }] : []), ...indexes];
  const table = names.version(version);
  for (const [number, { columns, unique }] of wanted.entries()) {
    const index = quoteIdentifier(`${table}_i${number}`);
    const list = columns.map(quoteIdentifier).join(', ');
    const kind = unique ? 'UNIQUE INDEX' : 'INDEX';
    await connection.run(`CREATE ${kind} ${index} ON ${names.quoted(table)} (${list})`, undefined, { signal });
  }
}
