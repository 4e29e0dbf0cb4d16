import { performance } from 'node:perf_hooks';
import { describe, expect, test } from 'vitest';
import { isRunning, missingMariaDb, serviceTitle, sharedMariaDb, startMariaDb } from '../src/index.ts';

const missing = missingMariaDb();
const isOwn = process.env.MILLRACE_TEST_MYSQL_URL !== undefined;

describe.skipIf(missing !== undefined)(serviceTitle('MariaDB service', missing), () => {
  test('the shared server has databases of their own and tells what they received', async () => {
    const server = await sharedMariaDb();
    const first = await server.createDatabase();
    const second = await server.createDatabase('odd `name` ü');
    try {
      await first.sql('CREATE TABLE t (a INT);\nINSERT INTO t VALUES (1)');
      await first.sql('INSERT INTO t\nVALUES (2)');
      expect(await first.sql('SELECT a FROM t WHERE a > ?', [1])).toEqual([{ a: 2 }]);
      expect(await second.sql('SELECT database() AS name')).toEqual([{ name: 'odd `name` ü' }]);
      const received = await first.receivedStatements();
      if (isOwn) expect(received).toBeUndefined();
      else {
        expect(received?.map(({ sql }) => sql)).toContain('INSERT INTO t\nVALUES (2)');
        expect(received?.map(({ sql }) => sql)).toContain('SELECT a FROM t WHERE a > 1');
        expect((await second.receivedStatements())?.map(({ sql }) => sql)).toEqual(['SELECT database() AS name']);
      }
    } finally {
      await first.drop();
      await second.drop();
    }
  });

  test.skipIf(isOwn)('the log shows prepared statements with and without their values', async () => {
    const { default: mysql } = await import('mysql2/promise');
    const server = await sharedMariaDb();
    const database = await server.createDatabase();
    const client = await mysql.createConnection(database.connectionString);
    await client.execute('SELECT ? AS a', ['one\ntwo']);
    await client.end();
    const received = (await database.receivedStatements()) ?? [];
    expect(received.map(({ command, sql }) => [command, sql])).toEqual([
      ['prepare', 'SELECT ? AS a'],
      ['execute', "SELECT 'one\\ntwo' AS a"],
    ]);
    await database.drop();
  });

  test.skipIf(isOwn)('a server of its own has a row binlog, takes settings, and can be killed', async () => {
    const started = performance.now();
    await using server = await startMariaDb({ settings: { max_connections: '12' } });
    console.log(`MariaDB was ready after ${Math.round(performance.now() - started)} ms`);
    const database = await server.createDatabase();
    const [row] = await database.sql(
      'SELECT @@log_bin AS log, @@binlog_format AS format, @@max_connections AS connections',
    );
    expect(row).toEqual({ log: '1', format: 'ROW', connections: '12' });
    await server.kill();
    expect(isRunning(server.pid)).toBe(false);
    await expect(database.sql('SELECT 1')).rejects.toMatchObject({
      code: expect.stringMatching(/^ECONN(?:REFUSED|RESET)$/),
    });
  });
});
