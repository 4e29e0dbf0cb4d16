import { notUnique } from '@millrace/acceleration';
import type { CreateTableCommand, Schema } from '@millrace/core';
import { SqliteFailure, type WriterClient } from '@millrace/sqlite';
import { listOf, rowIdOf } from './unique-rows.ts';

/** Rows that go from one table to another. */
export interface RowInsert {
  readonly client: WriterClient;
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
export async function insertRows({ client, command, schema, into, from, where = 'TRUE' }: RowInsert): Promise<number> {
  const columns = listOf(schema.fields.map(({ name }) => name));
  const select = `SELECT ${columns} FROM ${from} WHERE ${where} ORDER BY ${rowIdOf(schema)}`;
  try {
    const [inserted] = await client.run([`INSERT INTO ${into} (${columns}) ${select}`]);
    return inserted?.changeCount ?? 0;
  } catch (error) {
    const failure = error instanceof SqliteFailure ? error.failure : undefined;
    if (failure?.kind !== 'sqlite' || failure.code !== 'SQLITE_CONSTRAINT_UNIQUE') throw error;
    throw notUnique(command, 'sqlite');
  }
}
