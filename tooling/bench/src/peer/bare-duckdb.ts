import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/** The peer: DuckDB through `@duckdb/node-api` as one would use it without Millrace. */
export interface BareDuckDb extends AsyncDisposable {
  readonly connection: DuckDBConnection;
  /** Runs a statement to its end. */
  run(sql: string): Promise<void>;
  /** Streams a query and drops its chunks; returns how many rows there were. */
  drain(sql: string): Promise<number>;
}

/** Opens an instance with DuckDB's own defaults: all cores, rows in insertion order. Default in memory. */
export async function openBareDuckDb(path = ':memory:'): Promise<BareDuckDb> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  return {
    connection,
    async run(sql) {
      await connection.run(sql);
    },
    async drain(sql) {
      const result = await connection.stream(sql);
      let rowCount = 0;
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) return rowCount;
        rowCount += chunk.rowCount;
      }
    },
    async [Symbol.asyncDispose]() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** A text as an SQL literal. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
