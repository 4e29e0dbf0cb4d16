import { schemasEqual } from '@millrace/arrow';
import {
  type BootstrapStatus,
  type CreateTableCommand,
  datasetComponent,
  MillraceError,
  type ScanContext,
  type Schema,
} from '@millrace/core';
import type { Query, SqliteValue, WriterClient } from '@millrace/sqlite';
import { type CheckpointRow, checkpointQuery, deleteCheckpoint, readCheckpoint } from './checkpoint-table.ts';
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
  // What needs no change is found without waiting for a refresh of another dataset in the file.
  const [checkpoints = [], relations = []] = await file.rows(
    component,
    [checkpointQuery(names.key), RELATIONS],
    signal,
  );
  const ready = readyTable({
    row: readCheckpoint(checkpoints),
    relations: toRelations(relations, names),
    command,
    names,
    schema,
  });
  if (ready !== undefined) return ready;
  return file.transaction(component, async (client) => {
    const [checkpoint, listed] = await client.run([checkpointQuery(names.key), RELATIONS]);
    const row = readCheckpoint(checkpoint?.rows ?? []);
    const found = toRelations(listed?.rows ?? [], names);
    const reason = row.kind === 'stored' ? whyDiscarded(row, { relations: found, schema, command }) : undefined;
    if (row.kind === 'stored' && reason === undefined) {
      const leftovers = found.versions.filter((version) => version !== row.version);
      await client.run(leftovers.map((version) => dropVersion(names, version)));
      return { names, schema, version: row.version, status: { kind: 'ready', checkpoint: row.checkpoint } };
    }
    const version = Math.max(0, ...found.versions) + 1;
    await client.run([
      createVersion(names, version, schema),
      ...replaceView(names, version),
      ...found.versions.map((old) => dropVersion(names, old)),
      deleteCheckpoint(names.key),
    ]);
    const status: BootstrapStatus =
      row.kind === 'none'
        ? { kind: 'empty' }
        : { kind: 'discarded', reason: reason ?? 'it was written by another release, in another layout' };
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

interface Findings {
  readonly row: CheckpointRow;
  readonly relations: Relations;
  readonly command: CreateTableCommand;
  readonly names: TableNames;
  readonly schema: Schema;
}

/** Usable data without leftovers. */
function readyTable({ row, relations, command, names, schema }: Findings): FoundTable | undefined {
  if (row.kind !== 'stored' || relations.versions.length !== 1) return undefined;
  if (whyDiscarded(row, { relations, schema, command }) !== undefined) return undefined;
  return { names, schema, version: row.version, status: { kind: 'ready', checkpoint: row.checkpoint } };
}

function whyDiscarded(
  { checkpoint, version }: Extract<CheckpointRow, { readonly kind: 'stored' }>,
  found: { readonly relations: Relations; readonly schema: Schema; readonly command: CreateTableCommand },
): string | undefined {
  const { relations, schema, command } = found;
  if (!relations.versions.includes(version) || !relations.hasView) return 'its table is missing';
  if (!checkpoint.bootstrapComplete) return 'it was not loaded completely';
  if (checkpoint.definitionHash !== command.definitionHash) return 'the definition of the dataset has changed';
  return schemasEqual(checkpoint.schema, schema) ? undefined : 'the columns of the dataset have changed';
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
  throw new MillraceError({
    code: 'unsupported',
    component: datasetComponent(command),
    connector: 'sqlite',
    message: 'names that begin so are reserved in SQLite databases',
    hint: 'Give the dataset another name, or use the engine duckdb',
  });
}
