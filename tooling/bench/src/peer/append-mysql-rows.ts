import { once } from 'node:events';
import { type DuckDBAppender, type DuckDBConnection, DuckDBDateValue, DuckDBDecimalValue } from '@duckdb/node-api';
import mysql from 'mysql2';

const MS_PER_DAY = 86_400_000;

/** Streams a table as row objects, as mysql2 does by default, and appends them to DuckDB value by value. Returns how many there were. */
export async function appendMysqlRows(
  connectionString: string,
  connection: DuckDBConnection,
  table: string,
): Promise<number> {
  const client = mysql.createConnection({ uri: connectionString, timezone: 'Z' });
  const appender = await connection.createAppender(table);
  let rowCount = 0;
  try {
    for await (const row of client.query(`SELECT * FROM ${table}`).stream({ highWaterMark: 1_000 })) {
      for (const value of Object.values(row as Record<string, unknown>)) appendValue(appender, value);
      appender.endRow();
      rowCount += 1;
    }
  } finally {
    client.end();
    await once(client, 'end');
  }
  appender.closeSync();
  return rowCount;
}

function appendValue(appender: DuckDBAppender, value: unknown): void {
  if (typeof value === 'number') {
    appender.appendBigInt(BigInt(value));
  } else if (value instanceof Date) {
    appender.appendDate(new DuckDBDateValue(value.getTime() / MS_PER_DAY));
  } else if (typeof value === 'string') {
    if (DECIMAL.test(value)) appender.appendDecimal(DuckDBDecimalValue.fromDouble(Number(value), 15, 2));
    else appender.appendVarchar(value);
  } else throw new TypeError(`a value of type ${typeof value} is not expected in ${String(value)}`);
}

const DECIMAL = /^-?\d+\.\d\d$/;
