import { changeTypesOf } from '@millrace/arrow';
import { type DuckDbConnection, quoteIdentifier } from '@millrace/duckdb';
import { keepOne } from './key-conflicts.ts';

/** Changes that were written. */
export interface WrittenChanges {
  readonly connection: DuckDbConnection;
  /** The table that holds them, quoted. */
  readonly table: string;
  readonly primaryKey: readonly string[];
  /** The column that numbers them in the order in which they happened. */
  readonly ordinal: string;
  /** The column that tells their kinds. */
  readonly change: string;
  readonly signal: AbortSignal;
}

/** What changes come to. */
export interface ChangeOutcome {
  /** Rows of changed keys that are there in the end. */
  readonly thereCount: bigint;
  /** What became of rows that no change names. */
  readonly others: 'stay' | 'gone';
}

/** A condition: the row of a change is there after it. */
export function isThere(change: string): string {
  return isOneOf(change, changeTypesOf('there'));
}

/** Leaves the last change of each key since all rows were gone, in the connection's transaction. */
export async function resolveChanges(changes: WrittenChanges): Promise<ChangeOutcome> {
  const { connection, table, primaryKey, change, signal } = changes;
  const ordinal = quoteIdentifier(changes.ordinal);
  const options = { signal };
  const truncates = `SELECT max(${ordinal}) FROM ${table} WHERE ${isOneOf(change, changeTypesOf('all_gone'))}`;
  // No row is as low as NULL, so that nothing is deleted where nobody truncates.
  const forgotten = await connection.run(`DELETE FROM ${table} WHERE ${ordinal} <= (${truncates})`, undefined, options);
  await keepOne(changes, primaryKey, 'DESC');
  const [counted] = await connection.rows(`SELECT count(*) FROM ${table} WHERE ${isThere(change)}`, undefined, options);
  return { thereCount: BigInt(String(counted?.[0] ?? 0)), others: forgotten > 0n ? 'gone' : 'stay' };
}

function isOneOf(change: string, kinds: readonly string[]): string {
  return `${quoteIdentifier(change)} IN (${kinds.map((kind) => `'${kind}'`).join(', ')})`;
}
