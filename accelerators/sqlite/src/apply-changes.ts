import { changeTypesOf } from '@millrace/arrow';
import type { Schema } from '@millrace/core';
import { quoteIdentifier } from '@millrace/sqlite';
import { insertRows } from './insert-rows.ts';
import { quoted } from './table-names.ts';
import { haveSame, keepOne, rowIdOf, type WrittenTable } from './unique-rows.ts';

/** What {@link applyChanges} applies. */
export interface ChangeRequest {
  /** The written changes; their kind is in the last column of its schema. */
  readonly written: WrittenTable;
  /** The table that they are changes of, which has the index of its primary key. */
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
  const { client, table, command } = written;
  const { primaryKey = [] } = command;
  const [into, from] = [quoted(target), quoted(table)];
  const change = quoteIdentifier(written.schema.fields.at(-1)!.name);
  const rowId = rowIdOf(written.schema);
  const truncates = `SELECT max(${rowId}) FROM ${from} WHERE ${change} IN (${listOfTypes('all_gone')})`;
  // No row is as low as NULL, so that nothing is deleted where nobody truncates.
  const [forgotten] = await client.run([
    `DELETE FROM ${from} WHERE ${rowId} <= (${truncates})`,
    keepOne(written, primaryKey, 'max'),
  ]);
  const same = haveSame(primaryKey, 'target', 'written');
  // The few changes are looked up in the index of the many rows.
  const changed = `SELECT target.${rowId} FROM ${from} AS written CROSS JOIN ${into} AS target WHERE ${same}`;
  const isTruncated = (forgotten?.changeCount ?? 0) > 0;
  const [deleted] = await client.run([`DELETE FROM ${into}${isTruncated ? '' : ` WHERE ${rowId} IN (${changed})`}`]);
  const where = `${change} IN (${listOfTypes('there')})`;
  return (await insertRows({ client, command, schema, into, from, where })) - (deleted?.changeCount ?? 0);
}

function listOfTypes(effect: Parameters<typeof changeTypesOf>[0]): string {
  return changeTypesOf(effect)
    .map((kind) => `'${kind}'`)
    .join(', ');
}
