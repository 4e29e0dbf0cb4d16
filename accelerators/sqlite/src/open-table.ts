import { bootstrapStatus, createRefuse } from '@millrace/acceleration';
import {
  type BootstrapStatus,
  type CreateTableCommand,
  datasetComponent,
  type ScanContext,
  type Schema,
} from '@millrace/core';
import type { Query, SqliteValue, WriterClient } from '@millrace/sqlite';
import { checkpointQuery, deleteCheckpoint, readCheckpoint } from './checkpoint-table.ts';
import type { SqliteFile } from './sqlite-file.ts';
import { columnDefinitions, toStoredSchema } from './stored-schema.ts';
import { lowerCase, quoted, type TableNames, tableNames } from './table-names.ts';

/** A dataset's table as it was found or made. */
export interface FoundTable {
  readonly names: TableNames;
  /** What readers of the table get. */
  readonly schema: Schema;
  readonly status: BootstrapStatus;
  /** Number of the version that the public name stands for. */
  readonly version: number;
}

/** What a dataset has in its database. */
export interface Relations {
  /** Numbers of the versions that are there. */
  readonly versions: readonly number[];
  readonly hasView: boolean;
}

/** What stands in a database; `ready` is the table where its rows can be used. */
interface Found {
  readonly status: BootstrapStatus;
  readonly versions: readonly number[];
  readonly ready: FoundTable | undefined;
}

type Rows = readonly (readonly SqliteValue[])[];

const RELATIONS: Query = {
  sql: "SELECT type, name FROM \"main\".sqlite_schema WHERE type IN ('table', 'view')",
  parameters: [],
};

/**
 * Finds the dataset's table in a database: rows of the same definition stay, anything else gives way to an empty table. Versions that no
 * public name stands for are dropped.
 *
 * @throws MillraceError `unsupported_type` and what else {@link toStoredSchema} refuses, `unsupported` for a name that SQLite reserves.
 */
export async function openTable(
  file: SqliteFile,
  command: CreateTableCommand,
  { signal }: ScanContext,
): Promise<FoundTable> {
  const names = tableNames(command.name);
  const schema = toStoredSchema(command);
  const component = datasetComponent(command);
  requireFreeName(command, names);
  const look = (checkpoints: Rows, listed: Rows): Found => {
    const row = readCheckpoint(checkpoints);
    const { hasView, versions } = toRelations(listed, names);
    const isThere = (version: number): boolean => hasView && versions.includes(version);
    const status = bootstrapStatus(row, { command, schema, isThere });
    const isReady = row.kind === 'stored' && status.kind === 'ready';
    return { status, versions, ready: isReady ? { names, schema, version: row.version, status } : undefined };
  };
  // What needs no change is found without waiting for a refresh of another dataset in the file.
  const [checkpoints = [], listed = []] = await file.rows(component, [checkpointQuery(names.key), RELATIONS], signal);
  const before = look(checkpoints, listed);
  if (before.ready !== undefined && before.versions.length === 1) return before.ready;
  return file.transaction(component, signal, async (client) => {
    const [checkpoint, relations] = await client.run([checkpointQuery(names.key), RELATIONS]);
    const { status, versions, ready } = look(checkpoint?.rows ?? [], relations?.rows ?? []);
    if (ready !== undefined) {
      const leftovers = versions.filter((version) => version !== ready.version);
      await client.run(leftovers.map((version) => dropVersion(names, version)));
      return ready;
    }
    const version = Math.max(0, ...versions) + 1;
    await client.run([
      createVersion(names, version, schema),
      ...replaceView(names, version),
      ...versions.map((old) => dropVersion(names, old)),
      deleteCheckpoint(names.key),
    ]);
    return { names, schema, version, status };
  });
}

/** The statement that creates the table of a version. */
export function createVersion(names: TableNames, version: number, schema: Schema): string {
  return `CREATE TABLE ${quoted(names.version(version))} (${columnDefinitions(schema)})`;
}

/** The statements that let the public name stand for a version. */
export function replaceView(names: TableNames, version: number): readonly string[] {
  const view = quoted(names.view);
  return [`DROP VIEW IF EXISTS ${view}`, `CREATE VIEW ${view} AS SELECT * FROM ${quoted(names.version(version))}`];
}

/** The statement that drops a version. */
export function dropVersion(names: TableNames, version: number): string {
  return `DROP TABLE IF EXISTS ${quoted(names.version(version))}`;
}

/** The tables and the view that a dataset has in its database, asked in the transaction of a writer. */
export async function findRelations(client: WriterClient, names: TableNames): Promise<Relations> {
  const [listed] = await client.run([RELATIONS]);
  return toRelations(listed?.rows ?? [], names);
}

function toRelations(rows: Rows, names: TableNames): Relations {
  return {
    hasView: rows.some(([type, name]) => type === 'view' && lowerCase(String(name)) === lowerCase(names.view)),
    versions: rows.flatMap(([type, name]) => (type === 'table' ? (names.versionOf(String(name)) ?? []) : [])),
  };
}

/** All other names are this package's own, as it takes no database of another program. */
function requireFreeName(command: CreateTableCommand, { view }: TableNames): void {
  if (!/^(sqlite_|__millrace_)/i.test(view)) return;
  throw createRefuse({ component: datasetComponent(command), connector: 'sqlite' })(
    'unsupported',
    'names that begin so are reserved in SQLite databases',
    'Give the dataset another name, or use the engine duckdb',
  );
}
