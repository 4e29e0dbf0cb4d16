import type { Connection } from 'mysql2';

/** A row of metadata. Integers of 64 bits and decimals are texts. */
export type MetadataRow = readonly (string | number | Buffer | null)[];

/** Runs a statement through mysql2 and gives its rows: for metadata and settings, never for a table's rows. */
export function runQuery(
  connection: Connection,
  sql: string,
  values: readonly string[] = [],
): Promise<readonly MetadataRow[]> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, rows: unknown): void => {
      if (error !== null) reject(error);
      else resolve(Array.isArray(rows) ? (rows as readonly MetadataRow[]) : []);
    };
    if (values.length === 0) connection.query({ sql, rowsAsArray: true }, done);
    else connection.execute({ sql, rowsAsArray: true }, [...values], done);
  });
}
