import { type DuckDBConnection, DuckDBDateValue, DuckDBDecimalValue } from '@duckdb/node-api';
import pg from 'pg';
import { to } from 'pg-copy-streams';
import Cursor from 'pg-cursor';

const CURSOR_ROWS = 1_000;
const MS_PER_DAY = 86_400_000;

/** PostgreSQL through its own clients, as one would use it without Millrace. */
export interface PostgresPeer extends AsyncDisposable {
  /** Reads a table as binary COPY and drops the bytes; returns how many there were. */
  drainCopy(table: string): Promise<number>;
  /** Runs a query and returns its number of rows. */
  query(sql: string): Promise<number>;
  /** Reads row objects through a cursor and appends them to DuckDB value by value; returns how many there were. */
  append(table: string, target: DuckDBConnection): Promise<number>;
}

/** Opens one connection. */
export async function openPostgresPeer(connectionString: string): Promise<PostgresPeer> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return {
    async drainCopy(table) {
      let byteCount = 0;
      for await (const chunk of client.query(to(`COPY ${table} TO STDOUT (FORMAT binary)`))) {
        byteCount += (chunk as Buffer).length;
      }
      return byteCount;
    },
    query: async (sql) => (await client.query(sql)).rows.length,
    async append(table, target) {
      const cursor = client.query(new Cursor<Record<string, unknown>>(`SELECT * FROM ${table}`));
      const appender = await target.createAppender(table);
      let rowCount = 0;
      for (;;) {
        const rows = await cursor.read(CURSOR_ROWS);
        if (rows.length === 0) break;
        for (const row of rows) {
          for (const value of Object.values(row)) appendValue(appender, value);
          appender.endRow();
        }
        rowCount += rows.length;
      }
      appender.closeSync();
      await cursor.close();
      return rowCount;
    },
    [Symbol.asyncDispose]: () => client.end(),
  };
}

type Appender = Awaited<ReturnType<DuckDBConnection['createAppender']>>;

/** What the client gives for each type: numbers, texts of 64-bit integers and numerics, and dates at local midnight. */
function appendValue(appender: Appender, value: unknown): void {
  if (typeof value === 'number') appender.appendInteger(value);
  else if (value instanceof Date) appender.appendDate(new DuckDBDateValue(Math.round(value.getTime() / MS_PER_DAY)));
  else if (typeof value !== 'string') throw new TypeError(`a value of type ${typeof value} is not expected`);
  else if (/^-?\d+$/.test(value)) appender.appendBigInt(BigInt(value));
  else if (/^-?\d+\.\d\d$/.test(value)) appender.appendDecimal(DuckDBDecimalValue.fromDouble(Number(value), 15, 2));
  else appender.appendVarchar(value);
}
