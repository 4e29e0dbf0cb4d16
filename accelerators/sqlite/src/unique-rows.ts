import { notUnique } from '@millrace/acceleration';
import type { CreateTableCommand, Schema } from '@millrace/core';
import { quoteIdentifier, SqliteFailure, type WriterClient } from '@millrace/sqlite';
import { lowerCase, quoted } from './table-names.ts';

/** A table whose rows were written in the order of their row ids. */
export interface WrittenTable {
  readonly client: WriterClient;
  readonly table: string;
  readonly command: CreateTableCommand;
  readonly schema: Schema;
}

/**
 * Makes the primary key unique among written rows, as the dataset's {@link CreateTableCommand.onConflict} says, and builds its index.
 *
 * @returns how many rows gave way.
 * @throws MillraceError `integrity` for several rows with one key that none of them gives way for.
 */
export async function createKeyIndex(written: WrittenTable): Promise<number> {
  const { client, table, command, schema } = written;
  const { primaryKey, onConflict = 'upsert' } = command;
  if (primaryKey === undefined) return 0;
  const create = createIndex({ table, number: 0, columns: primaryKey, unique: true });
  if (await succeeds(client, create)) return 0;
  const all = schema.fields.map(({ name }) => name);
  switch (onConflict) {
    case 'upsert':
      throw notUnique(command, 'sqlite', primaryKey);
    case 'drop': {
      const changed = await client.run([keepOne(written, primaryKey, 'min'), create]);
      return changed[0]?.changeCount ?? 0;
    }
    case 'upsert_dedup_by_row_id': {
      const changed = await client.run([keepOne(written, primaryKey, 'max'), create]);
      return changed[0]?.changeCount ?? 0;
    }
    case 'upsert_dedup': {
      const [changed] = await client.run([keepOne(written, all, 'min')]);
      if (!(await succeeds(client, create))) throw notUnique(command, 'sqlite', primaryKey);
      return changed?.changeCount ?? 0;
    }
    default:
      return onConflict satisfies never;
  }
}

/** Builds the other indexes. @throws MillraceError `integrity` for rows that break a unique one. */
export async function createIndexes({ client, table, command }: WrittenTable): Promise<void> {
  for (const [index, { columns, unique }] of (command.indexes ?? []).entries()) {
    const create = createIndex({ table, number: index + 1, columns, unique });
    if (!(await succeeds(client, create))) throw notUnique(command, 'sqlite', columns);
  }
}

/** Columns as a list of names. */
export function listOf(columns: readonly string[]): string {
  return columns.map(quoteIdentifier).join(', ');
}

/** A condition: rows under two aliases have the same values in some columns. Never true for a null. */
export function haveSame(columns: readonly string[], left: string, right: string): string {
  return columns
    .map(quoteIdentifier)
    .map((column) => `${left}.${column} = ${right}.${column}`)
    .join(' AND ');
}

function createIndex(index: {
  readonly table: string;
  readonly number: number;
  readonly columns: readonly string[];
  readonly unique: boolean;
}): string {
  const { table, number, columns, unique } = index;
  const kind = unique ? 'UNIQUE INDEX' : 'INDEX';
  return `CREATE ${kind} ${quoted(`${table}_i${number}`)} ON ${quoteIdentifier(table)} (${listOf(columns)})`;
}

/** Whether the index could be built; the transaction goes on either way. */
async function succeeds(client: WriterClient, create: string): Promise<boolean> {
  try {
    await client.run([create]);
    return true;
  } catch (error) {
    if (
      error instanceof SqliteFailure &&
      error.failure.kind === 'sqlite' &&
      error.failure.code.startsWith('SQLITE_CONSTRAINT')
    )
      return false;
    throw error;
  }
}

/** The statement that leaves, of rows which are equal in these columns, the first or the last written one. */
export function keepOne({ table, schema }: WrittenTable, columns: readonly string[], which: 'min' | 'max'): string {
  const name = quoted(table);
  const rowId = rowIdOf(schema);
  return `DELETE FROM ${name} WHERE ${rowId} NOT IN (SELECT ${which}(${rowId}) FROM ${name} GROUP BY ${listOf(columns)})`;
}

/** The name by which the row id of a table is reached, beside columns of such names. */
export function rowIdOf({ fields }: Schema): string {
  const taken = new Set(fields.map(({ name }) => lowerCase(name)));
  return ['rowid', '_rowid_', 'oid'].find((alias) => !taken.has(alias)) ?? 'rowid';
}
