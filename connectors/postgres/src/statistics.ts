import type { PostgresClient } from '@millrace/postgres';
import { SIZE_SQL } from './table-queries.ts';

/** What the server knows of a table's size without reading it. */
export interface TableSize {
  /** Now. */
  readonly pages: number;
  /** Estimated for the pages now from the last count; -1 when nobody ever counted. */
  readonly rows: number;
  /** With large values kept apart, without indexes. */
  readonly bytes: number;
  /** `heap`, or the access method of an extension; null for what has no storage. */
  readonly method: string | null;
}

/** Asks for the size of a table; undefined when it is gone. */
export async function readSize(
  client: PostgresClient,
  { oid, component, signal }: { readonly oid: number; readonly component: string; readonly signal: AbortSignal },
): Promise<TableSize | undefined> {
  const [row] = await client.use({ component, signal }, (session) =>
    session.rows<TableSize & { readonly statisticsPages: number }>(SIZE_SQL, [oid]),
  );
  if (row === undefined) return undefined;
  // The planner's own extrapolation: rows a page as counted, times the pages of today.
  const { statisticsPages, ...size } = row;
  return statisticsPages > 0 && size.rows > 0 ? { ...size, rows: (size.rows / statisticsPages) * size.pages } : size;
}
