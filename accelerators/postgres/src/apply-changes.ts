import { changeTypesOf } from '@millrace/arrow';
import type { Schema } from '@millrace/core';
import { quoteIdentifier } from '@millrace/postgres';
import { insertRows } from './insert-rows.ts';
import { haveSame, keepOne, type WrittenTable } from './unique-rows.ts';

/** What {@link applyChanges} applies. */
export interface ChangeRequest {
  /** The written changes; their kind is in the last column of its schema. */
  readonly written: WrittenTable;
  /** The table that they are changes of, quoted. */
  readonly target: string;
  /** Its columns. */
  readonly schema: Schema;
}

/**
 * Keeps the last change of each key since all rows were gone, deletes the rows of those keys, and inserts those that are there in the end.
 *
 * @returns how many rows more the table has.
 * @throws MillraceError `integrity` for rows that break another unique index.
 */
export async function applyChanges({ written, target, schema }: ChangeRequest): Promise<number> {
  const { session, table, command } = written;
  const { primaryKey = [] } = command;
  const change = quoteIdentifier(written.schema.fields.at(-1)!.name);
  const truncate = `SELECT ctid FROM ${table} WHERE ${change} IN (${listOfTypes('all_gone')}) ORDER BY ctid DESC LIMIT 1`;
  // No place is as low as NULL, so that nothing is deleted where nobody truncates.
  const forgotten = await session.execute(`DELETE FROM ${table} WHERE ctid <= (${truncate})`, []);
  await session.execute(keepOne(written, primaryKey, 'DESC'), []);
  // A TRUNCATE would wait for readers, and have them wait.
  const changed = `USING ${table} AS written WHERE ${haveSame(schema, primaryKey, ['target', 'written'])}`;
  const deleted = await session.execute(`DELETE FROM ${target} AS target ${forgotten > 0 ? '' : changed}`, []);
  const where = `${change} IN (${listOfTypes('there')})`;
  return (await insertRows({ session, command, schema, into: target, from: table, where })) - deleted;
}

function listOfTypes(effect: Parameters<typeof changeTypesOf>[0]): string {
  return changeTypesOf(effect)
    .map((kind) => `'${kind}'`)
    .join(', ');
}
