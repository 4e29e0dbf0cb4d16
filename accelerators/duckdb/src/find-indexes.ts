import type { Expr } from '@millrace/core';
import type { DuckDbDatabase } from '@millrace/duckdb';

/** The statement whose look-ups are asked for. */
export interface IndexQuestion {
  readonly database: DuckDbDatabase;
  readonly sql: string;
  readonly filters: readonly Expr[];
  readonly signal: AbortSignal;
}

/**
 * The scans of a statement that look rows up in an index, as DuckDB's profile says: it decides so when it begins to read. A statement that compares no
 * column with one value cannot, and is not run.
 */
export async function findIndexes({ database, sql, filters, signal }: IndexQuestion): Promise<readonly string[]> {
  if (!filters.some(isLookUp)) return [];
  const explained = await database.withConnection((connection) =>
    connection.rows(`EXPLAIN (ANALYZE, FORMAT json) ${sql}`, undefined, { signal }),
  );
  return [
    ...explained
      .flat()
      .join()
      .matchAll(/"Type": ?"(Index Scan)"/g),
  ].map(([, kind]) => kind ?? '');
}

function isLookUp(filter: Expr): boolean {
  return filter.kind === 'call' && (filter.function === 'eq' || filter.function === 'in');
}
