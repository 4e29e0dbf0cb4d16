import { type DuckDBConnection, DuckDBInstance, type DuckDBResult } from '@duckdb/node-api';

/** The peer: DuckDB through `@duckdb/node-api` as one would use it without Millrace. */
export interface BareDuckDb extends AsyncDisposable {
  readonly connection: DuckDBConnection;
  /** Runs a statement to its end. */
  run(sql: string): Promise<void>;
  /** Streams a query and drops its chunks; returns how many rows there were. */
  drain(sql: string): Promise<number>;
  /** Prepares a query of one 64-bit parameter; what comes back runs it with a value, and drops its chunks as {@link drain} does. */
  prepare(sql: string): Promise<(value: bigint) => Promise<number>>;
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
    drain: async (sql) => drainResult(await connection.stream(sql)),
    async prepare(sql) {
      const statement = await connection.prepare(sql);
      return async (value) => {
        statement.bindBigInt(1, value);
        return drainResult(await statement.stream());
      };
    },
    async [Symbol.asyncDispose]() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function drainResult(result: DuckDBResult): Promise<number> {
  let rowCount = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return rowCount;
    rowCount += chunk.rowCount;
  }
}

/** A text as an SQL literal. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
