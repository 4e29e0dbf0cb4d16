import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket, connect as tcpConnect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { MillraceError, RecordBatch, ScanContext, TableProvider } from '@millrace/core';
import {
  freePort,
  type MariaDbDatabase,
  type MariaDbServer,
  missingMariaDb,
  type OwnMariaDbServer,
  serviceTitle,
  sharedMariaDb,
  startMariaDb,
} from '@millrace/services';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { context, errorOf, openConnector, openTable, planOf, reach, readAll } from './open-mysql.ts';

const missing = missingMariaDb();
const isOwn = process.env.MILLRACE_TEST_MYSQL_URL !== undefined;
const ROWS = 300_000;

/** A table whose rows do not fit what client and server keep ahead. */
const FILL = `
  CREATE TABLE digits (d INT PRIMARY KEY); INSERT INTO digits VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9);
  CREATE TABLE big (id INT PRIMARY KEY, note VARCHAR(200) NOT NULL);
  INSERT INTO big SELECT a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d + 100000 * f.d, REPEAT('x', 150)
    FROM digits a, digits b, digits c, digits d, digits e, digits f WHERE f.d < ${ROWS / 100_000}`;

async function* scanOf(table: TableProvider, scan: ScanContext = context): AsyncGenerator<RecordBatch> {
  const plan = await planOf(table);
  yield* plan.execute(plan.partitions[0]!, scan);
}

describe.skipIf(missing !== undefined)(serviceTitle('faults', missing), () => {
  let server: MariaDbServer;
  let database: MariaDbDatabase;

  beforeAll(async () => {
    server = await sharedMariaDb();
    database = await server.createDatabase();
    await database.sql(FILL);
  });
  afterAll(() => database?.drop());

  /** Statements that run in the database, this question apart. */
  const running = async (): Promise<readonly string[]> => {
    const rows = await database.sql(
      `SELECT INFO FROM information_schema.PROCESSLIST WHERE DB = '${database.database}' AND COMMAND <> 'Sleep' AND ID <> CONNECTION_ID()`,
    );
    return rows.map(({ INFO }) => String(INFO));
  };
  /** Whether the statements end long before they would by themselves; a server at rest needs milliseconds. */
  const gone = async (): Promise<boolean> => {
    const deadline = performance.now() + 60_000;
    while ((await running()).length > 0) {
      if (performance.now() > deadline) return false;
      await delay(20);
    }
    return true;
  };

  test('an aborted scan is gone from the server, and its connection serves the next one', async () => {
    await using connector = await openConnector({ ...reach(server, database.database), mysql_pool_max: '1' });
    const table = await openTable(connector, 'big');
    for (let round = 0; round < 20; round++) {
      const abort = new AbortController();
      const error = await errorOf(async () => {
        for await (const _ of scanOf(table, { signal: abort.signal })) abort.abort();
      });
      expect(error.code).toBe('cancelled');
      expect(await gone()).toBe(true);
      expect((await readAll(await openTable(connector, 'digits'))).length).toBe(10);
    }
    expect(connector.metricsProvider?.metrics()).toMatchObject({ connections_open: 1, scans_failed: 0 });
  });

  test('a statement that has no rows yet is stopped too', async () => {
    await database.sql('CREATE VIEW sleeping AS SELECT SLEEP(600) AS s');
    await using connector = await openConnector(reach(server, database.database));
    const table = await openTable(connector, 'sleeping');
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 300);
    const error = await errorOf(async () => {
      for await (const _ of scanOf(table, { signal: abort.signal }));
    });
    expect(error.code).toBe('cancelled');
    expect(await gone()).toBe(true);
  });

  test('leaving the loop gives the connection back', async () => {
    await using connector = await openConnector({ ...reach(server, database.database), mysql_pool_max: '1' });
    const table = await openTable(connector, 'big');
    for (let round = 0; round < 5; round++) for await (const batch of scanOf(table)) if (batch.numRows > 0) break;
    expect(await gone()).toBe(true);
    expect((await readAll(table, { projection: [] })).length).toBe(ROWS);
  });

  test('an exhausted pool says so, and scans that wait all finish', async () => {
    await using connector = await openConnector({
      ...reach(server, database.database),
      mysql_pool_max: '2',
      mysql_acquire_timeout: '200ms',
    });
    const table = await openTable(connector, 'big');
    const held = [scanOf(table), scanOf(table)];
    for (const scan of held) await scan.next();
    const error = await errorOf(async () => {
      for await (const _ of scanOf(table));
    });
    expect(error).toMatchObject({ code: 'resource_exhausted', retryable: true });
    for (const scan of held) await scan.return(undefined);

    await using patient = await openConnector({ ...reach(server, database.database), mysql_pool_max: '2' });
    const small = await openTable(patient, 'digits');
    const all = await Promise.all(Array.from({ length: 12 }, () => readAll(small)));
    expect(all.map((rows) => rows.length)).toEqual(Array(12).fill(10));
  });

  test('a statement that takes too long ends with timeout', async () => {
    await database.sql('CREATE VIEW crossing AS SELECT COUNT(*) AS n FROM big a JOIN big b ON a.note <> b.note');
    await using connector = await openConnector({
      ...reach(server, database.database),
      mysql_statement_timeout: '300ms',
    });
    // What is asked of the table may take as long on a busy machine, and is asked again then.
    const opening = async (): Promise<TableProvider> => {
      for (;;) {
        const found = await openTable(connector, 'crossing').catch((error: MillraceError) => error);
        if (!(found instanceof Error)) return found;
        expect(found.code).toBe('timeout');
      }
    };
    const table = await opening();
    expect(await errorOf(() => readAll(table))).toMatchObject({ code: 'timeout' });
  });

  test('a connection that is reset in the middle of a result is an error, never an end', async () => {
    const sockets: Socket[] = [];
    let forwarded = 0;
    // Cuts every connection once a megabyte has passed.
    const proxy = createServer((client) => {
      const upstream = tcpConnect(server.port, server.host);
      sockets.push(client, upstream);
      client.pipe(upstream);
      upstream.on('data', (chunk: Buffer) => {
        forwarded += chunk.length;
        if (forwarded > 1 << 20) {
          client.resetAndDestroy();
          upstream.destroy();
        } else client.write(chunk);
      });
      for (const socket of [client, upstream]) socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    try {
      await using connector = await openConnector({
        ...reach({ ...server, host: '127.0.0.1', port }, database.database),
      });
      const table = await openTable(connector, 'big');
      const error = await errorOf(() => readAll(table));
      expect(error).toMatchObject({ code: 'io', retryable: true });
    } finally {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    }
  });

  test('idle connections that the server ends are replaced, and nothing is thrown', async () => {
    await using connector = await openConnector(reach(server, database.database));
    const table = await openTable(connector, 'digits');
    await Promise.all([readAll(table), readAll(table)]);
    const rows = await database.sql(
      `SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '${database.database}' AND ID <> CONNECTION_ID()`,
    );
    for (const { ID } of rows) await database.sql(`KILL ${Number(ID)}`).catch(() => undefined);
    await delay(50);
    expect((await readAll(table)).length).toBe(10);
  });

  test('a session is set at every checkout', async ({ skip }) => {
    const [version] = await database.sql('SELECT VERSION() AS v');
    if (!/mariadb/i.test(String(version?.v))) skip('only MariaDB has a view of the settings of a session');
    await database.sql(`CREATE VIEW settings AS SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value
      FROM information_schema.SESSION_VARIABLES
      WHERE VARIABLE_NAME IN ('SQL_MODE', 'TIME_ZONE', 'COLLATION_CONNECTION', 'TX_READ_ONLY', 'MAX_STATEMENT_TIME')`);
    await using connector = await openConnector({
      ...reach(server, database.database),
      mysql_pool_max: '1',
      mysql_time_zone: '+05:45',
      mysql_statement_timeout: '90s',
    });
    const table = await openTable(connector, 'settings');
    for (let round = 0; round < 2; round++)
      expect(Object.fromEntries(await readAll(table))).toEqual({
        SQL_MODE: 'NO_UNSIGNED_SUBTRACTION,NO_BACKSLASH_ESCAPES',
        TIME_ZONE: '+05:45',
        COLLATION_CONNECTION: 'utf8mb4_bin',
        TX_READ_ONLY: 'ON',
        MAX_STATEMENT_TIME: '90.000000',
      });
  });

  test('a table that changes between plan and read is a conflict, or reads right', async () => {
    await using connector = await openConnector(reach(server, database.database));
    const changes: readonly (readonly [string, string])[] = [
      ['ALTER TABLE moving MODIFY a BIGINT', 'conflict'],
      ['ALTER TABLE moving MODIFY a DECIMAL(9,3)', 'conflict'],
      ['ALTER TABLE moving CHANGE a z INT', 'conflict'],
      ['ALTER TABLE moving MODIFY b INT', 'conflict'],
      ["ALTER TABLE moving MODIFY e ENUM('q','x') NOT NULL; UPDATE moving SET e = 'q'", 'conflict'],
      ['ALTER TABLE moving MODIFY a INT NULL; UPDATE moving SET a = NULL', 'conflict'],
      ['DROP TABLE moving', 'not_found'],
      ["ALTER TABLE moving ADD COLUMN first INT FIRST, MODIFY e ENUM('y','x') NOT NULL", 'none'],
    ];
    for (const [change, code] of changes) {
      await database.sql(
        "DROP TABLE IF EXISTS moving; CREATE TABLE moving (a INT NOT NULL, b VARCHAR(9), e ENUM('x','y') NOT NULL); INSERT INTO moving VALUES (7, '8', 'x')",
      );
      const table = await openTable(connector, 'moving');
      const plan = await planOf(table);
      await database.sql(change);
      const read = async () => {
        const rows: unknown[] = [];
        const { rowArraysFromBatch } = await import('@millrace/arrow');
        for await (const batch of plan.execute(plan.partitions[0]!, context)) rows.push(...rowArraysFromBatch(batch));
        return rows;
      };
      if (code === 'none') expect(await read()).toEqual([[7, '8', 'x']]);
      else expect((await errorOf(read)).code, change).toBe(code);
    }
  });

  test('closing the connector ends its scans with an error', async () => {
    const connector = await openConnector(reach(server, database.database));
    const table = await openTable(connector, 'big');
    const error = await errorOf(async () => {
      for await (const _ of scanOf(table)) await connector.close();
    });
    expect(error.code).toBe('invalid_state');
    await connector.close();
    expect((await errorOf(() => readAll(table))).code).toBe('invalid_state');
    expect(await gone()).toBe(true);
  });

  test.skipIf(isOwn)('a server that dies in the middle of a result is an error, never an end', async () => {
    await using own: OwnMariaDbServer = await startMariaDb();
    const place = await own.createDatabase();
    await place.sql(FILL);
    await using connector = await openConnector({ ...reach(own, place.database), mysql_connect_timeout: '30s' });
    const table = await openTable(connector, 'big');
    let rows = 0;
    const error = await errorOf(async () => {
      for await (const batch of scanOf(table)) {
        if (rows === 0) await own.kill();
        rows += batch.numRows;
      }
    });
    expect(error).toMatchObject({ code: 'io', retryable: true });
    expect(rows).toBeLessThan(ROWS);
    expect((await errorOf(() => readAll(table))).code).toBe('io');
  });

  test('wrong accounts, hosts, ports and names are told apart', async () => {
    const right = reach(server, database.database);
    const codeOf = async (given: Readonly<Record<string, string>>, name = 'digits') => {
      await using connector = await openConnector({ ...right, ...given });
      const error = await errorOf(() => openTable(connector, name));
      expect(error.message).not.toContain(server.password);
      return [error.code, error.hint ?? ''];
    };
    expect((await codeOf({ mysql_pass: 'wrong' }))[0]).toBe('unauthenticated');
    expect((await codeOf({ mysql_host: 'no-such-host.invalid' }))[0]).toBe('io');
    expect((await codeOf({ mysql_tcp_port: String(await freePort()) }))[0]).toBe('io');
    expect((await codeOf({ mysql_db: 'no_such_database' }))[0]).toBe('not_found');
    expect(await codeOf({}, 'digitz')).toEqual(['not_found', `Did you mean ${database.database}.digits?`]);
    expect((await codeOf({ mysql_sslmode: 'required' }))[0]).toBe('io');
  });

  test.skipIf(isOwn)('TLS is used as asked for', async ({ skip }) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'millrace-tls-'));
    try {
      try {
        execFileSync(
          'openssl',
          [
            ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
            ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', `${folder}/key`, '-out', `${folder}/crt`],
          ],
          { stdio: 'ignore' },
        );
      } catch {
        skip('openssl is not installed');
      }
      const certificate = readFileSync(`${folder}/crt`, 'utf8');
      await using own = await startMariaDb({ tls: { certificate, key: readFileSync(`${folder}/key`, 'utf8') } });
      const place = await own.createDatabase();
      await place.sql(
        "CREATE TABLE t (a INT); INSERT INTO t VALUES (1); CREATE VIEW cipher AS SELECT VARIABLE_VALUE AS c FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'Ssl_cipher'",
      );
      const cipherOf = async (given: Readonly<Record<string, string>>) => {
        await using connector = await openConnector({ ...reach(own, place.database), ...given });
        const [row] = await readAll(await openTable(connector, 'cipher'));
        return row?.[0];
      };
      expect(await cipherOf({ mysql_sslmode: 'disabled' })).toBe('');
      for (const mysql_sslmode of ['preferred', 'required']) expect(await cipherOf({ mysql_sslmode })).not.toBe('');
      const ca = { mysql_sslrootcert: `${folder}/crt` };
      expect(await cipherOf({ mysql_sslmode: 'verify_ca', ...ca })).not.toBe('');
      expect(await cipherOf({ mysql_sslmode: 'verify_identity', mysql_host: 'localhost', ...ca })).not.toBe('');
      // The host is an address here, whose certificate would not be checked.
      expect((await errorOf(() => cipherOf({ mysql_sslmode: 'verify_identity', ...ca }))).code).toBe(
        'invalid_parameter',
      );
      expect((await errorOf(() => cipherOf({ mysql_sslmode: 'verify_ca' }))).code).toBe('io');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
