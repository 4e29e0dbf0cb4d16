import type { Connection } from 'mysql2';

/** A row of metadata. Integers of 64 bits and decimals are texts. */
export type MetadataRow = readonly (string | number | Buffer | null)[];

/**
 * Runs a statement through mysql2 and gives its rows: for metadata and settings, never for a table's rows.
 *
 * @param timeoutMs how long the server may be silent; the connection is of no use afterwards. Default: no bound.
 */
export function runQuery(
  connection: Connection,
  sql: string,
  values: readonly string[] = [],
  timeoutMs?: number,
): Promise<readonly MetadataRow[]> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, rows: unknown): void => {
      if (error !== null) reject(error);
      else resolve(Array.isArray(rows) ? (rows as readonly MetadataRow[]) : []);
    };
    const options = { sql, rowsAsArray: true, ...(timeoutMs !== undefined && { timeout: timeoutMs }) };
    if (values.length === 0) connection.query(options, done);
    else connection.execute(options, [...values], done);
  });
}
