import type { ScanContext } from '@millrace/core';
import { classifySqliteError, quoteIdentifier } from '@millrace/sqlite';
import type { SqliteTable } from './scan.ts';

/** A range of row ids, as decimal text: beyond 2^53 JSON has no numbers for them. `start` inclusive, `end` exclusive. */
export interface RowIdRange {
  readonly start?: string;
  readonly end?: string;
}

/** Below this many ids a second thread costs more than it saves. */
const MIN_IDS_PER_PARTITION = 100_000n;
const MAX_PARTITIONS = 4;

/** How a table is divided, and what is worth saying about it. */
export interface RowIdSplit {
  readonly ranges: readonly (RowIdRange | undefined)[];
  readonly note?: string;
}

const WHOLE: RowIdSplit = { ranges: [undefined] };

/**
 * Splits a table into ranges of row ids, as many as the caller can read at the same time; one range without ends where the table is
 * small or has no row ids. The outer ranges are open, so that together they are the whole table whatever is inserted meanwhile.
 *
 * Only in WAL mode: with a rollback journal a writer that waits for one of the readers keeps the next one out until it gives up.
 */
export async function splitRowIds(
  { pool, description, component }: SqliteTable,
  { targetPartitions = 1, signal }: ScanContext,
): Promise<RowIdSplit> {
  const { rowId, name } = description;
  const wanted = Math.min(targetPartitions, MAX_PARTITIONS);
  if (rowId === undefined || wanted < 2) return WHOLE;
  const id = quoteIdentifier(rowId);
  const from = `"main".${quoteIdentifier(name)}`;
  try {
    // One subquery for each end: SQLite finds one end of a b-tree at once, and scans the table for both.
    const [rows, modes] = await pool.use(component, signal, (client) =>
      client.rows([
        { sql: `SELECT (SELECT min(${id}) FROM ${from}), (SELECT max(${id}) FROM ${from})`, parameters: [] },
        { sql: 'PRAGMA journal_mode', parameters: [] },
      ]),
    );
    const [low, high] = rows?.[0] ?? [];
    if (typeof low !== 'bigint' || typeof high !== 'bigint') return WHOLE;
    const ranges = splitRange(low, high, wanted);
    return ranges.length === 1 || modes?.[0]?.[0] === 'wal'
      ? { ranges }
      : { ...WHOLE, note: 'the database is not in WAL mode, so that one statement reads the whole table' };
  } catch (error) {
    throw classifySqliteError(error, { component, file: pool.path });
  }
}

/** Equal ranges between two ids, both of them inclusive. */
export function splitRange(low: bigint, high: bigint, wanted: number): readonly (RowIdRange | undefined)[] {
  const span = high - low + 1n;
  const most = span / MIN_IDS_PER_PARTITION;
  const count = most < BigInt(wanted) ? Number(most) : wanted;
  if (count < 2) return [undefined];
  const edge = (index: number): string => String(low + (span * BigInt(index)) / BigInt(count));
  return Array.from({ length: count }, (_, index) => ({
    ...(index > 0 && { start: edge(index) }),
    ...(index < count - 1 && { end: edge(index + 1) }),
  }));
}
