import type { DuckDBConnection } from '@duckdb/node-api';
import duckdb, { type DataChunk, type Result } from '@duckdb/node-bindings';
import { interruptUntilSettled } from './interrupt.ts';

/**
 * Stops a streaming result and fetches to its end. A result that is not drained leaks what it holds, and keeps its database's file
 * open after the instance was closed.
 *
 * @param pending a fetch that is under way, which is waited for first.
 */
export async function drainResult(
  connection: DuckDBConnection,
  result: Result,
  pending?: Promise<DataChunk | null>,
): Promise<void> {
  let fetch = pending ?? duckdb.fetch_chunk(result);
  while (await givesRows(connection, fetch)) {
    fetch = duckdb.fetch_chunk(result);
  }
}

async function givesRows(connection: DuckDBConnection, fetch: Promise<DataChunk | null>): Promise<boolean> {
  await interruptUntilSettled(connection, fetch);
  const chunk = await fetch.catch(() => null);
  return chunk !== null && duckdb.data_chunk_get_size(chunk) > 0;
}
