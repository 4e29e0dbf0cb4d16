import { bootstrapStatus } from '@millrace/acceleration';
import { type BootstrapStatus, type CreateTableCommand, MillraceError, type Schema } from '@millrace/core';
import { type DuckDbConnection, quoteIdentifier } from '@millrace/duckdb';
import type { Catalog } from './catalog.ts';
import { deleteCheckpoint, readCheckpoint } from './checkpoint-table.ts';
import { freeName } from './free-name.ts';
import { lookUpColumn } from './indexes.ts';
import { columnDefinitions, toStoredSchema } from './stored-schema.ts';
import { type TableNames, tableNames } from './table-names.ts';

/** A dataset's table as it was found or made. */
export interface FoundTable {
  readonly names: TableNames;
  /** What readers of the table get. */
  readonly schema: Schema;
  readonly status: BootstrapStatus;
  /** Number of the version that the public name stands for. */
  readonly version: number;
}

/** What a dataset has in its catalog. */
export interface Relations {
  /** Numbers of the versions that are there. */
  readonly versions: readonly number[];
  /** What has the public name. */
  readonly named: 'table' | 'view' | undefined;
}

/**
 * Finds the dataset's table in a catalog: rows of the same definition stay, anything else gives way to an empty table. Versions that no
 * public name stands for are dropped.
 *
 * @throws MillraceError `already_exists` when the name belongs to a table or view that is not this package's, `unsupported_type`.
 */
export async function openTable(catalog: Catalog, command: CreateTableCommand): Promise<FoundTable> {
  const names = tableNames(catalog.alias, command.name);
  const schema = toStoredSchema(command);
  return catalog.transaction(async (connection) => {
    await connection.run(
      `CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(names.alias)}.${quoteIdentifier(names.schemaName)}`,
    );
    const row = await readCheckpoint(connection, names);
    const relations = await findRelations(connection, names);
    const isOurs = row.kind !== 'none' || relations.versions.length > 0;
    if (relations.named === 'table' || (relations.named === 'view' && !isOurs)) throw taken(catalog, command);
    const isThere = (version: number): boolean => relations.versions.includes(version) && relations.named === 'view';
    const status = bootstrapStatus(row, { command, schema, isThere });
    if (row.kind === 'stored' && status.kind === 'ready') {
      await dropVersions(
        connection,
        names,
        relations.versions.filter((version) => version !== row.version),
      );
      return { names, schema, version: row.version, status };
    }
    const version = Math.max(0, ...relations.versions) + 1;
    await connection.run(`CREATE TABLE ${names.quoted(names.version(version))} (${columnDefinitions(schema)})`);
    await replaceView(connection, { names, version, command });
    await dropVersions(connection, names, relations.versions);
    await deleteCheckpoint(connection, names);
    return { names, schema, version, status };
  });
}

/**
 * Lets the public name stand for a version, in the connection's transaction.
 *
 * The version is named without catalog and schema, which a view looks up in its own: the catalog has another name in each process. The column that rows
 * are looked up by is named before all others, and left out again: see {@link lookUpColumn}.
 */
export async function replaceView(
  connection: DuckDbConnection,
  {
    names,
    version,
    command,
  }: { readonly names: TableNames; readonly version: number; readonly command: CreateTableCommand },
): Promise<void> {
  const target = quoteIdentifier(names.version(version));
  const column = lookUpColumn(command);
  const first = quoteIdentifier(freeName('looked_up', command.schema));
  const rows =
    column === undefined
      ? `SELECT * FROM ${target}`
      : `SELECT * EXCLUDE (${first}) FROM (SELECT ${quoteIdentifier(column)} AS ${first}, * FROM ${target})`;
  await connection.run(`CREATE OR REPLACE VIEW ${names.quoted(names.view.table)} AS ${rows}`);
}

/** Drops versions, in the connection's transaction. */
export async function dropVersions(
  connection: DuckDbConnection,
  names: TableNames,
  versions: readonly number[],
): Promise<void> {
  for (const version of versions) await connection.run(`DROP TABLE IF EXISTS ${names.quoted(names.version(version))}`);
}

/** The tables and the view that a dataset has in its catalog. */
export async function findRelations(connection: DuckDbConnection, names: TableNames): Promise<Relations> {
  const rows = await connection.rows(
    `SELECT 'table', table_name FROM duckdb_tables() WHERE database_name = $1 AND lower(schema_name) = lower($2)
     UNION ALL
     SELECT 'view', view_name FROM duckdb_views() WHERE database_name = $1 AND lower(schema_name) = lower($2) AND NOT internal`,
    [names.alias, names.schemaName],
  );
  const relations = rows.map(([kind, name]) => ({
    kind: kind === 'table' ? ('table' as const) : ('view' as const),
    name: String(name),
  }));
  const named = relations.find(({ name }) => name.toLowerCase() === names.view.table.toLowerCase());
  const versions = relations.flatMap(({ kind, name }) => (kind === 'table' ? (names.versionOf(name) ?? []) : []));
  return { versions, named: named?.kind };
}

function taken({ file }: Catalog, { name }: CreateTableCommand): MillraceError {
  return new MillraceError({
    code: 'already_exists',
    component: `dataset ${name.table}`,
    connector: 'duckdb',
    message: `the file ${file ?? 'in memory'} has a table or view ${name.table} that is not an accelerated one`,
    hint: 'Give the dataset another name, or name another file with duckdb_file',
  });
}
