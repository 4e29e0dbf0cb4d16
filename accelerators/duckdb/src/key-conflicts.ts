import { notUnique } from '@millrace/acceleration';
import type { CreateTableCommand, OnConflict, Schema } from '@millrace/core';
import { type DuckDbConnection, quoteIdentifier } from '@millrace/duckdb';
import { freeName } from './free-name.ts';

/** DuckDB's own number of a row, which a column of this name hides. */
const ROW_ID = 'rowid';

/** Rows that were written, and what is to become of those with one key. */
export interface WrittenRows {
  readonly connection: DuckDbConnection;
  readonly command: CreateTableCommand;
  readonly schema: Schema;
  /** The table that holds them, quoted. */
  readonly table: string;
  /** The column that numbers them in the order of writing; there where {@link needsOrder}. */
  readonly ordinal: string | undefined;
  readonly signal: AbortSignal;
}

/** The primary key and what holds for rows that have the same; undefined for a table without one. */
export function conflictRule(
  command: CreateTableCommand,
): { readonly key: readonly string[]; readonly onConflict: OnConflict } | undefined {
  const { primaryKey: key = [], onConflict = 'upsert' } = command;
  return key.length === 0 ? undefined : { key, onConflict };
}

/** Whether the rule depends on which row was written first, or has no other number to tell rows apart by. */
export function needsOrder(command: CreateTableCommand): boolean {
  const rule = conflictRule(command)?.onConflict;
  if (rule === 'upsert_dedup') return command.schema.fields.some(({ name }) => name.toLowerCase() === ROW_ID);
  return rule === 'drop' || rule === 'upsert_dedup_by_row_id';
}

/**
 * Leaves one written row for each primary key, in the connection's transaction. A key with a null equals no other.
 *
 * @returns how many rows were removed.
 * @throws MillraceError `integrity` where the rule allows no second row.
 */
export async function resolveConflicts(rows: WrittenRows): Promise<bigint> {
  const rule = conflictRule(rows.command);
  if (rule === undefined) return 0n;
  const { key, onConflict } = rule;
  switch (onConflict) {
    case 'upsert':
      await requireUnique(rows, key);
      return 0n;
    case 'upsert_dedup': {
      const removed = await removeEqualRows(rows, key);
      await requireUnique(rows, key);
      return removed;
    }
    case 'drop':
      return keepOne(rows, key, 'ASC');
    case 'upsert_dedup_by_row_id':
      return keepOne(rows, key, 'DESC');
    default: {
      const unknown: never = onConflict;
      throw new TypeError(`unknown rule of conflicts ${String(unknown)}`);
    }
  }
}

/**
 * Makes sure that no two rows of a table have the same values in some columns, nulls aside.
 *
 * @throws MillraceError `integrity` naming the columns, never a value.
 */
export async function requireUnique(
  { connection, command, table, signal }: Omit<WrittenRows, 'ordinal' | 'schema'>,
  columns: readonly string[],
): Promise<void> {
  const [duplicate] = await connection.rows(`${duplicatesOf(table, columns)} LIMIT 1`, undefined, { signal });
  if (duplicate) throw notUnique(command, 'duckdb', columns);
}

/** A condition: rows under two aliases have the same values in some columns. Never true for a null. */
export function haveSame(columns: readonly string[], left: string, right: string): string {
  return columns
    .map(quoteIdentifier)
    .map((column) => `${left}.${column} = ${right}.${column}`)
    .join(' AND ');
}

async function removeEqualRows(
  { connection, schema, table, ordinal, signal }: WrittenRows,
  key: readonly string[],
): Promise<bigint> {
  const number = quoteIdentifier(ordinal ?? ROW_ID);
  const isNull = key.map((column) => `${quoteIdentifier(column)} IS NULL`).join(' OR ');
  // A name of the table's own would be taken in its place, and its values for numbers of rows.
  const id = quoteIdentifier(freeName('__millrace_row', schema));
  const suspects = `SELECT *, ${number} AS ${id} FROM ${table} WHERE ${isNull}
    UNION ALL SELECT t.*, t.${number} AS ${id} FROM ${duplicatedRows(table, key)}`;
  const all = listOf(schema.fields.map(({ name }) => name));
  return connection.run(
    `DELETE FROM ${table} WHERE ${number} IN (
       SELECT ${id} FROM (SELECT ${id}, row_number() OVER (PARTITION BY ${all}) AS place FROM (${suspects})) WHERE place > 1
     )`,
    undefined,
    { signal },
  );
}

/** Leaves the first or the last written row of each key. @returns how many rows were removed. */
export async function keepOne(
  { connection, table, ordinal, signal }: Pick<WrittenRows, 'connection' | 'table' | 'ordinal' | 'signal'>,
  key: readonly string[],
  order: 'ASC' | 'DESC',
): Promise<bigint> {
  if (ordinal === undefined) throw new TypeError('the order of the written rows is not known');
  const place = quoteIdentifier(ordinal);
  return connection.run(
    `DELETE FROM ${table} WHERE ${place} IN (
       SELECT ${place} FROM (
         SELECT ${place}, row_number() OVER (PARTITION BY ${listOf(key)} ORDER BY ${place} ${order}) AS place FROM ${duplicatedRows(table, key)}
       ) WHERE place > 1
     )`,
    undefined,
    { signal },
  );
}

/** For FROM: the rows `t` of a table whose key several have. A correlated EXISTS would hold all their columns in memory first. */
function duplicatedRows(table: string, key: readonly string[]): string {
  return `${table} AS t SEMI JOIN (${duplicatesOf(table, key)}) AS twin ON ${haveSame(key, 't', 'twin')}`;
}

/** A query for the keys that several rows have. */
function duplicatesOf(table: string, columns: readonly string[]): string {
  const present = columns.map((column) => `${quoteIdentifier(column)} IS NOT NULL`).join(' AND ');
  const list = listOf(columns);
  return `SELECT ${list} FROM ${table} WHERE ${present} GROUP BY ${list} HAVING count(*) > 1`;
}

function listOf(columns: readonly string[]): string {
  return columns.map(quoteIdentifier).join(', ');
}
