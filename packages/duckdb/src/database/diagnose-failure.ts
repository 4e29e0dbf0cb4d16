import type { DuckDBConnection } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { MillraceError } from '@millrace/core';
import { classifyDuckDbError } from './classify-error.ts';
import type { QueryParameters } from './duckdb-database.ts';
import { withPrepared } from './prepared.ts';

/** The second run may take so many times what the first one took until it failed. */
const TIME_FACTOR = 2;
const LEAST_MS = 5_000;

/** A query that failed while its rows were streamed. */
export interface FailedQuery {
  readonly connection: DuckDBConnection;
  readonly sql: string;
  readonly parameters: QueryParameters | undefined;
  readonly component: string;
  readonly memorySetting: string | undefined;
  /** `performance.now()` when it was started. */
  readonly startedAt: number;
}

/**
 * Finds out why a stream failed. The bindings show the error of a statement only when it fails before its first rows, so the
 * statement is run once more, under `EXPLAIN ANALYZE`, which computes every row and keeps none. A query that fails elsewhere or
 * not at all the second time, as one that was interrupted from outside, gets an error that says just that it failed.
 */
export async function diagnoseFailure(query: FailedQuery): Promise<MillraceError> {
  const { connection, parameters, component, memorySetting } = query;
  const timer = setTimeout(
    () => connection.interrupt(),
    Math.max(LEAST_MS, (performance.now() - query.startedAt) * TIME_FACTOR),
  );
  try {
    await withPrepared(connection, { sql: `EXPLAIN ANALYZE ${query.sql}`, parameters }, duckdb.execute_prepared);
    return unknownFailure(component);
  } catch (error) {
    const found = classifyDuckDbError(error, component, { memorySetting });
    return found.code === 'cancelled' || found.code === 'conflict' ? unknownFailure(component, error) : found;
  } finally {
    clearTimeout(timer);
  }
}

function unknownFailure(component: string, cause?: unknown): MillraceError {
  return new MillraceError({
    code: 'sql_error',
    component,
    message: 'the query failed or was interrupted after its first rows, and not every row was delivered',
    hint: 'Run it again; if it fails again, narrow it down with a filter or a limit',
    cause,
  });
}
