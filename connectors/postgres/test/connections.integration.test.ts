import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  freePort,
  missingPostgres,
  type OwnPostgresServer,
  type PostgresDatabase,
  type PostgresServer,
  serviceTitle,
  sharedPostgres,
  startPostgres,
} from '@millrace/services';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CONTEXT,
  errorOf,
  type Given,
  openConnector,
  openTable,
  parametersOf,
  reach,
  reachByParts,
  rowsOf,
} from './open-postgres.ts';

const missing = missingPostgres();
describe.skipIf(missing !== undefined)(serviceTitle('connections', missing), () => {
  let server: PostgresServer;
  let database: PostgresDatabase;

  beforeAll(async () => {
    server = await sharedPostgres();
    database = await server.createDatabase();
    await database.sql(
      'CREATE TABLE orders (id int); INSERT INTO orders VALUES (1); CREATE TABLE "Orders" (id int); INSERT INTO "Orders" VALUES (2)',
    );
  });
  afterAll(() => database?.drop());

  const open = async (given: Given, table = 'orders'): Promise<unknown[][]> => {
    await using connector = await openConnector({ ...reach(database), ...given });
    return await rowsOf(await openTable(connector, table));
  };
  const failing = (changed: Given) =>
    errorOf(async () => {
      await using connector = await openConnector(reachByParts(server, database, changed));
      return await openTable(connector, 'orders');
    });

  test('errors of connecting have a code and a hint, and never the password', async () => {
    const cases: readonly (readonly [Given, string, RegExp])[] = [
      [{ pg_pass: 'canary-1234' }, 'unauthenticated', /pg_pass/],
      [{ pg_db: 'no_such_database' }, 'not_found', /pg_db/],
      [{ pg_host: 'no-such-host.invalid' }, 'unavailable', /pg_host/],
      [{ pg_port: String(await freePort()) }, 'unavailable', /pg_port/],
      [{ pg_sslmode: 'verify-full' }, 'unavailable', /pg_sslmode/],
    ];
    for (const [changed, code, hint] of cases) {
      const error = await failing(changed);
      expect([changed, error.code]).toEqual([changed, code]);
      expect(error.hint).toMatch(hint);
      expect(error.message + JSON.stringify(error.cause ?? '')).not.toContain(changed.pg_pass ?? server.password);
    }
    await using silent = await openConnector(reachByParts(server, database, { pg_pass: '' }));
    expect((await errorOf(openTable(silent, 'orders'))).code).toBe('unauthenticated');
  });

  test('parameters that contradict each other or are missing are errors before anything is connected', async () => {
    const given: readonly (readonly [Given, string])[] = [
      [{ pg_host: 'h', pg_user: 'u' }, 'missing_parameter'],
      [{ pg_db: 'd' }, 'missing_parameter'],
      [{ pg_connection_string: 'postgres://u@h/d', pg_host: 'other' }, 'invalid_parameter'],
      [{ pg_connection_string: 'mysql://u@h/d' }, 'invalid_parameter'],
      [{ pg_connection_string: 'postgres://u@h/d?sslmod=disable' }, 'invalid_parameter'],
      [{ pg_connection_string: 'postgres://u@h/d', connection_pool_size: '0' }, 'invalid_parameter'],
      [{ pg_host: 'h', pg_db: 'd', pg_user: 'u', pg_port: '65536' }, 'invalid_parameter'],
    ];
    for (const [parameters, code] of given) expect((await errorOf(openConnector(parameters))).code).toBe(code);
  });

  test('names are looked for as written, then in lower case; quoted ones as written only', async () => {
    expect(await open({}, 'orders')).toEqual([[1]]);
    expect(await open({}, 'public.ORDERS')).toEqual([[1]]);
    expect(await open({}, 'Orders')).toEqual([[2]]);
    expect(await open({}, 'public."Orders"')).toEqual([[2]]);
    expect(await open({}, `${database.database}.public.orders`)).toEqual([[1]]);
    await using connector = await openConnector(reach(database));
    expect((await errorOf(openTable(connector, '"ORDERS"'))).code).toBe('not_found');
    const near = await errorOf(openTable(connector, 'public.ordesr'));
    expect(near.hint).toContain('public.orders');
    expect((await errorOf(openTable(connector, 'other_db.public.orders'))).code).toBe('invalid_argument');
    expect((await errorOf(openTable(connector, 'x'.repeat(64)))).message).toContain('63 bytes');
    expect((await errorOf(openTable(connector, 'a..b'))).code).toBe('invalid_argument');
  });

  test('a session that a view changed is as new for the next user', async () => {
    await database.sql(`
      CREATE FUNCTION meddle() RETURNS text LANGUAGE sql AS $$
        SELECT set_config('TimeZone', 'Asia/Kathmandu', false) || set_config('DateStyle', 'German', false)
          || set_config('IntervalStyle', 'iso_8601', false) || set_config('search_path', 'pg_catalog', false) $$;
      CREATE VIEW meddling AS SELECT meddle() AS m;
      CREATE VIEW texts AS SELECT tstzrange('2024-03-10 02:30+00', NULL) AS r`);
    await using connector = await openConnector({ ...reach(database), connection_pool_size: '1' });
    const texts = await openTable(connector, 'texts');
    const before = await rowsOf(texts);
    expect(before).toEqual([['["2024-03-10 02:30:00+00",)']]);
    expect(await rowsOf(await openTable(connector, 'meddling'))).toHaveLength(1);
    expect(await rowsOf(texts)).toEqual(before);
    expect(await rowsOf(await openTable(connector, 'orders'))).toEqual([[1]]);
  });

  test('idle connections that the server ends are replaced, and nothing crashes', async () => {
    await using connector = await openConnector(reach(database));
    const table = await openTable(connector, 'orders');
    for (let round = 0; round < 3; round += 1) {
      await database.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'millrace' AND datname = current_database()",
      );
      expect(await rowsOf(table)).toEqual([[1]]);
    }
  });

  test('a closed connector refuses, and closing twice is harmless', async () => {
    const connector = await openConnector(reach(database));
    const table = await openTable(connector, 'orders');
    await connector.close();
    await connector.close();
    expect((await errorOf(rowsOf(table))).code).toBe('invalid_state');
    expect((await errorOf(openTable(connector, 'orders'))).code).toBe('invalid_state');
  });

  test('metrics count what was read', async () => {
    await using connector = await openConnector(reach(database));
    await rowsOf(await openTable(connector, 'orders'));
    expect(connector.metricsProvider?.metrics()).toMatchObject({ rows: 1, statements: 1, connectionsOpened: 1 });
    expect(parametersOf(reach(database)).toJSON()).not.toContain(server.password);
  });

  describe.skipIf(missingOpenssl() !== undefined)(serviceTitle('TLS', missingOpenssl()), () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'millrace-tls-'));
    let secure: OwnPostgresServer;
    beforeAll(async () => {
      const file = (name: string): string => path.join(folder, name);
      writeFileSync(file('extensions'), 'subjectAltName=DNS:localhost\n');
      const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'ignore' });
      openssl(
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=Test CA',
        '-keyout',
        file('ca.key'),
        '-out',
        file('ca.pem'),
      );
      openssl(
        'req',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-subj',
        '/CN=localhost',
        '-keyout',
        file('server.key'),
        '-out',
        file('server.csr'),
      );
      openssl(
        'x509',
        '-req',
        '-in',
        file('server.csr'),
        '-CA',
        file('ca.pem'),
        '-CAkey',
        file('ca.key'),
        '-CAcreateserial',
        '-days',
        '2',
        '-extfile',
        file('extensions'),
        '-out',
        file('server.pem'),
      );
      secure = await startPostgres({
        tls: { certificate: readFileSync(file('server.pem'), 'utf8'), key: readFileSync(file('server.key'), 'utf8') },
      });
    });
    afterAll(async () => {
      await secure?.stop();
      rmSync(folder, { recursive: true });
    });

    const connect = async (changed: Given): Promise<string> => {
      await using connector = await openConnector({
        pg_host: 'localhost',
        pg_port: String(secure.port),
        pg_db: secure.database,
        pg_user: secure.user,
        pg_pass: secure.password,
        ...changed,
      });
      const [row] = await rowsOf(
        await openTable(connector, 'pg_catalog.pg_stat_ssl', { unsupportedTypeAction: 'string' }),
        {
          projection: [1],
        },
      );
      return String(row?.[0]);
    };

    test('every mode checks what it says', async () => {
      const ca = path.join(folder, 'ca.pem');
      expect(CONTEXT.signal.aborted).toBe(false);
      await expect(connect({ pg_sslmode: 'verify-full', pg_sslrootcert: ca })).resolves.toBe('true');
      await expect(connect({ pg_sslmode: 'verify-ca', pg_sslrootcert: ca, pg_host: '127.0.0.1' })).resolves.toBe(
        'true',
      );
      await expect(connect({ pg_sslmode: 'require' })).resolves.toBe('true');
      await expect(connect({ pg_sslmode: 'prefer' })).resolves.toBe('true');
      await expect(connect({ pg_sslmode: 'disable' })).resolves.toBe('false');
      for (const refused of [
        { pg_sslmode: 'verify-full' },
        { pg_sslmode: 'verify-full', pg_sslrootcert: ca, pg_host: '127.0.0.1' },
        { pg_sslmode: 'verify-ca' },
      ]) {
        const error = await errorOf(connect(refused));
        expect([error.code, error.retryable]).toEqual(['unavailable', false]);
        expect(error.hint).toContain('pg_sslrootcert');
      }
      const unreadable = await errorOf(
        connect({ pg_sslmode: 'verify-full', pg_sslrootcert: path.join(folder, 'none.pem') }),
      );
      expect(unreadable.code).toBe('invalid_parameter');
    });

    test('prefer works without TLS, too', async () => {
      expect(await open({ pg_sslmode: 'prefer' })).toEqual([[1]]);
    });
  });
});

function missingOpenssl(): string | undefined {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'the command openssl, which makes the certificates, is not installed';
  }
}
