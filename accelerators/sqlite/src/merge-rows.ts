import type { Query } from '@millrace/sqlite';
import { insertRows } from './insert-rows.ts';
import { quoted } from './table-names.ts';
import { haveSame, rowIdOf, type WrittenTable } from './unique-rows.ts';

/** What {@link mergeRows} merges. */
export interface MergeRequest {
  /** The written rows, unique by the primary key. */
  readonly written: WrittenTable;
  /** The table that takes them. */
  readonly target: string;
  /** The condition whose rows give way. */
  readonly where: Query;
}

/**
 * Lets rows of a table give way, and adds the written ones: first those go for which the condition is TRUE; where there is a primary key,
 * then those whose key was written, or with `drop` it is the written ones that stay out.
 *
 * @returns how many rows more the table has beyond the written ones; mostly negative.
 * @throws MillraceError `integrity` for rows that break another unique index.
 */
export async function mergeRows({ written, target, where }: MergeRequest): Promise<number> {
  const { client, table, command, schema } = written;
  const { primaryKey, onConflict = 'upsert' } = command;
  const [into, from] = [quoted(target), quoted(table)];
  const [cleared] = await client.run([{ ...where, sql: `DELETE FROM ${into} WHERE ${where.sql}` }]);
  let change = -(cleared?.changeCount ?? 0);
  if (primaryKey !== undefined) {
    const same = haveSame(primaryKey, 'target', 'written');
    // The few written rows are looked up in the index of the many others.
    const rowId = rowIdOf(schema);
    const drop =
      onConflict === 'drop'
        ? `DELETE FROM ${from} AS written WHERE EXISTS (SELECT 1 FROM ${into} AS target WHERE ${same})`
        : `DELETE FROM ${into} WHERE ${rowId} IN (SELECT target.${rowId} FROM ${from} AS written CROSS JOIN ${into} AS target WHERE ${same})`;
    const [dropped] = await client.run([drop]);
    change -= dropped?.changeCount ?? 0;
  }
  await insertRows({ client, command, schema, into, from });
  return change;
}
