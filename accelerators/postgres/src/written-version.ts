import type { CreateTableCommand, Schema } from '@millrace/core';
import type { Session } from '@millrace/postgres';
import { versionSequence } from './checkpoint-table.ts';
import type { Store } from './store.ts';
import { columnDefinitions } from './stored-schema.ts';
import { relationName } from './table-names.ts';
import { allColumns } from './unique-rows.ts';

/** A table that a refresh writes its rows to. */
export interface WrittenVersion {
  /** Quoted. */
  readonly table: string;
  /** The name of the version; undefined for a temporary table. */
  readonly relation: string | undefined;
  /** Fills the table. */
  readonly copySql: string;
}

/** What a table is made for. */
export interface VersionRequest {
  readonly session: Session;
  readonly store: Store;
  readonly command: CreateTableCommand;
  readonly schema: Schema;
  /** `temporary`: the rows are on their way to another table. */
  readonly target: 'version' | 'temporary';
}

/** Creates an empty table in the transaction of the session. */
export async function createVersion({
  session,
  store,
  command,
  schema,
  target,
}: VersionRequest): Promise<WrittenVersion> {
  const columns = columnDefinitions(schema);
  // Made by this very transaction, its rows can be frozen: nobody ever has to look after them again.
  const copyOf = (table: string): string =>
    `COPY ${table} (${allColumns(schema)}) FROM STDIN WITH (FORMAT binary, FREEZE)`;
  if (target === 'temporary') {
    const table = 'pg_temp.__millrace_written';
    await session.run(`CREATE TEMPORARY TABLE __millrace_written (${columns}) ON COMMIT DROP`);
    return { table, relation: undefined, copySql: copyOf(table) };
  }
  const [row] = await session.run<{ readonly number: string }>(
    `SELECT nextval('${versionSequence(store.schema).replaceAll("'", "''")}') AS number`,
  );
  const relation = relationName(command.name, BigInt(row!.number));
  const table = store.quoted(relation);
  await session.run(`CREATE TABLE ${table} (${columns})`);
  return { table, relation, copySql: copyOf(table) };
}
