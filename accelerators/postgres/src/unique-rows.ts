import { notUnique } from '@millrace/acceleration';
import type { CreateTableCommand, Schema } from '@millrace/core';
import { quoteIdentifier, type Session } from '@millrace/postgres';
import { storedName, storedNames } from './stored-schema.ts';

/** A table whose rows were written in the order of their places, within the transaction of the session. */
export interface WrittenTable {
  readonly session: Session;
  /** Quoted. */
  readonly table: string;
  readonly command: CreateTableCommand;
  readonly schema: Schema;
}

const UNIQUE_VIOLATION = '23505';

/**
 * Makes the primary key unique among written rows, as the dataset's {@link CreateTableCommand.onConflict} says, and builds its index.
 *
 * @returns how many rows gave way.
 * @throws MillraceError `integrity` for several rows with one key that none of them gives way for.
 */
export async function createKeyIndex(written: WrittenTable): Promise<number> {
  const { session, command, schema } = written;
  const { primaryKey, onConflict = 'upsert' } = command;
  if (primaryKey === undefined) return 0;
  const create = createIndex(written, { columns: primaryKey, unique: true });
  if (await succeeds(session, create)) return 0;
  const all = schema.fields.map(({ name }) => name);
  switch (onConflict) {
    case 'upsert':
      throw notUnique(command, 'postgres', primaryKey);
    case 'drop':
    case 'upsert_dedup_by_row_id': {
      const removed = await session.execute(keepOne(written, primaryKey, onConflict === 'drop' ? 'ASC' : 'DESC'), []);
      await session.run(create);
      return removed;
    }
    case 'upsert_dedup': {
      const removed = await session.execute(keepOne(written, all, 'ASC'), []);
      if (!(await succeeds(session, create))) throw notUnique(command, 'postgres', primaryKey);
      return removed;
    }
    default:
      return onConflict satisfies never;
  }
}

/** Builds the other indexes. @throws MillraceError `integrity` for rows that break a unique one. */
export async function createIndexes(written: WrittenTable): Promise<void> {
  const { session, command } = written;
  for (const index of command.indexes ?? []) {
    if (!(await succeeds(session, createIndex(written, index)))) throw notUnique(command, 'postgres', index.columns);
  }
}

/** Whether the server refused rows that break a unique index. */
export function breaksUnique(error: unknown): boolean {
  return (error as { readonly code?: unknown } | undefined)?.code === UNIQUE_VIOLATION;
}

/** All columns of a table as a list of names. */
export function allColumns(schema: Schema): string {
  return storedNames(schema).map(quoteIdentifier).join(', ');
}

/** A condition: rows under two aliases have the same values in some columns. Never true for a null. */
export function haveSame(
  schema: Schema,
  columns: readonly string[],
  [left, right]: readonly [left: string, right: string],
): string {
  return columns
    .map((name) => quoteIdentifier(storedName(schema, name)))
    .map((column) => `${left}.${column} = ${right}.${column}`)
    .join(' AND ');
}

function createIndex(
  { table, schema }: WrittenTable,
  { columns, unique }: { readonly columns: readonly string[]; readonly unique: boolean },
): string {
  return `CREATE ${unique ? 'UNIQUE INDEX' : 'INDEX'} ON ${table} (${listOf(schema, columns)})`;
}

function listOf(schema: Schema, columns: readonly string[]): string {
  return columns.map((name) => quoteIdentifier(storedName(schema, name))).join(', ');
}

/** Whether the index could be built; the transaction goes on either way. */
async function succeeds(session: Session, create: string): Promise<boolean> {
  await session.run('SAVEPOINT before_index');
  try {
    await session.run(create);
  } catch (error) {
    if (!breaksUnique(error)) throw error;
    await session.run('ROLLBACK TO SAVEPOINT before_index');
    return false;
  }
  await session.run('RELEASE SAVEPOINT before_index');
  return true;
}

/** The statement by which, of rows that are equal in these columns, null equal to null, the first or the last written one stays. */
export function keepOne({ table, schema }: WrittenTable, columns: readonly string[], order: 'ASC' | 'DESC'): string {
  const numbered = `SELECT ctid AS place, row_number() OVER (PARTITION BY ${listOf(schema, columns)} ORDER BY ctid ${order}) AS number FROM ${table}`;
  return `DELETE FROM ${table} WHERE ctid IN (SELECT place FROM (${numbered}) numbered WHERE number > 1)`;
}
