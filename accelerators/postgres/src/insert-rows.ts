import { notUnique } from '@millrace/acceleration';
import type { CreateTableCommand, Schema } from '@millrace/core';
import type { Session } from '@millrace/postgres';
import { allColumns, breaksUnique } from './unique-rows.ts';

/** Rows that go from one table to another. */
export interface RowInsert {
  readonly session: Session;
  readonly command: CreateTableCommand;
  /** The columns of the rows. */
  readonly schema: Schema;
  /** Both quoted. */
  readonly into: string;
  readonly from: string;
  /** Which of them; default all. */
  readonly where?: string;
}

/**
 * Inserts rows in the order in which they were written.
 *
 * @returns how many.
 * @throws MillraceError `integrity` for rows that break a unique index.
 */
export async function insertRows({ session, command, schema, into, from, where = 'TRUE' }: RowInsert): Promise<number> {
  const columns = allColumns(schema);
  const select = `SELECT ${columns} FROM ${from} WHERE ${where} ORDER BY ctid`;
  try {
    return await session.execute(`INSERT INTO ${into} (${columns}) ${select}`, []);
  } catch (error) {
    if (!breaksUnique(error)) throw error;
    throw notUnique(command, 'postgres');
  }
}
