import { insertRows } from './insert-rows.ts';
import { haveSame, type WrittenTable } from './unique-rows.ts';

/** A condition with its values, in the form of the protocol. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly (string | Buffer | null)[];
}

/** What {@link mergeRows} merges. */
export interface MergeRequest {
  /** The written rows, unique by the primary key. */
  readonly written: WrittenTable;
  /** The table that takes them, quoted. */
  readonly target: string;
  /** The condition whose rows give way. */
  readonly where: Condition;
}

/**
 * Lets rows of a table give way, and adds the written ones: first those go for which the condition is TRUE; where there is a primary key,
 * then those whose key was written, or with `drop` it is the written ones that stay out.
 *
 * @returns how many rows more the table has.
 * @throws MillraceError `integrity` for rows that break another unique index.
 */
export async function mergeRows({ written, target, where }: MergeRequest): Promise<number> {
  const { session, table, command, schema } = written;
  const { primaryKey, onConflict = 'upsert' } = command;
  let change = -(await session.execute(`DELETE FROM ${target} WHERE ${where.sql}`, where.values));
  if (primaryKey !== undefined) {
    const same = haveSame(schema, primaryKey, ['target', 'written']);
    if (onConflict === 'drop')
      await session.run(`DELETE FROM ${table} AS written USING ${target} AS target WHERE ${same}`);
    else change -= await session.execute(`DELETE FROM ${target} AS target USING ${table} AS written WHERE ${same}`, []);
  }
  return change + (await insertRows({ session, command, schema, into: target, from: table }));
}
