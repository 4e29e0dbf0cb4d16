import { once } from 'node:events';
import mysql from 'mysql2';

/** Streams a statement's rows as arrays through mysql2 and drops them; returns how many there were. */
export async function drainMysql(connectionString: string, sql: string): Promise<number> {
  const client = mysql.createConnection({ uri: connectionString });
  let rowCount = 0;
  const query = client.query({ sql, rowsAsArray: true });
  query.on('result', () => {
    rowCount += 1;
  });
  await once(query, 'end');
  client.end();
  return rowCount;
}
