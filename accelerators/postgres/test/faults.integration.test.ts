import {
  missingPostgres,
  type PostgresDatabase,
  type PostgresServer,
  serviceTitle,
  sharedPostgres,
} from '@millrace/services';
import { completeVersion, describeRows, VERSION_SCHEMA, versionBatches } from '@millrace/test-fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accelerate, CONTEXT, errorOf, type Given, reach, refresh, scanAll } from './accelerate.ts';
import { openServerSwitch } from './server-switch.ts';

const OVERWRITE = { mode: { kind: 'overwrite' } } as const;

const missing = missingPostgres();
describe.skipIf(missing !== undefined)(serviceTitle('faults', missing), () => {
  let server: PostgresServer;
  let database: PostgresDatabase;
  const schema = VERSION_SCHEMA;
  beforeAll(async () => {
    server = await sharedPostgres();
    database = await server.createDatabase();
  });
  afterAll(async () => {
    await database?.drop();
  });

  function through(port: number): Given {
    const { user, password } = server;
    const address = { pg_host: '127.0.0.1', pg_port: String(port), pg_db: database.database };
    return { ...address, pg_user: user, pg_pass: password, pg_sslmode: 'disable' };
  }

  it('a wrong password, a database that is none and a server that is none are typed errors with advice', async () => {
    const given = through(server.port);
    const cases = [
      [{ ...given, pg_pass: 'canary' }, 'unauthenticated'],
      [{ ...given, pg_db: 'no_such_database' }, 'not_found'],
      [{ ...given, pg_port: '1' }, 'unavailable'],
    ] as const;
    for (const [wrong, code] of cases) {
      const error = await errorOf(() => accelerate({ given: wrong, schema }));
      expect(error.code).toBe(code);
      expect(error.hint).toBeDefined();
      expect(String(error)).not.toContain('canary');
    }
  });

  it('a role that may not make the schema, or not write there, is unauthorized, and says what to grant', async () => {
    const role = `reader_${process.pid}`;
    await database.sql(`CREATE ROLE ${role} LOGIN PASSWORD 'canary'`);
    try {
      const given = { ...through(server.port), pg_user: role, pg_pass: 'canary', pg_schema: 'closed' };
      const atOpening = await errorOf(() => accelerate({ given, schema }));
      expect(atOpening).toMatchObject({ code: 'unauthorized', hint: expect.stringContaining('GRANT') });
      const owner = await accelerate({ given: { ...reach(database), pg_schema: 'closed' }, schema });
      await refresh(owner.table, versionBatches(1, 10), 1);
      await database.sql(
        `GRANT USAGE ON SCHEMA closed TO ${role}; GRANT SELECT ON ALL TABLES IN SCHEMA closed TO ${role}`,
      );
      const reader = await accelerate({ given, schema });
      expect(describeRows(await scanAll(reader.table))).toEqual(completeVersion(1, 10));
      const atRefresh = await errorOf(() => refresh(reader.table, versionBatches(2, 10), 2));
      expect(atRefresh).toMatchObject({ code: 'unauthorized', hint: expect.stringContaining('GRANT') });
      expect(describeRows(await scanAll(reader.table))).toEqual(completeVersion(1, 10));
      await reader.accelerator.shutdown();
      await owner.accelerator.shutdown();
    } finally {
      await database.sql(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });

  it('a server that goes down during a refresh is a typed error, and everything works once it is up again', async () => {
    await using proxy = await openServerSwitch(server);
    const { accelerator, table } = await accelerate({ given: through(proxy.port), schema, name: { table: 'down' } });
    await refresh(table, versionBatches(1, 500), 1);
    for (const moment of ['before the rows', 'among the rows', 'before the commit'] as const) {
      await using session = await table.beginRefresh(OVERWRITE, CONTEXT);
      if (moment === 'before the rows') proxy.down();
      const error = await errorOf(async () => {
        await using writer = await session.writer();
        for (const [index, batch] of versionBatches(2, 20_000).entries()) {
          if (index === 5 && moment === 'among the rows') proxy.down();
          await writer.write(batch);
        }
        await writer.finish();
        proxy.down();
        await session.commit({ refreshedAtMs: 2, bootstrapComplete: true });
      });
      expect(['io', 'unavailable']).toContain(error.code);
      expect(error.retryable).toBe(true);
      expect(['io', 'unavailable']).toContain((await errorOf(() => scanAll(table))).code);
      await session.abort();
      expect(['io', 'unavailable']).toContain((await errorOf(() => refresh(table, versionBatches(3, 5), 3))).code);
      proxy.up();
      expect(describeRows(await scanAll(table))).toEqual(completeVersion(1, 500));
    }
    await refresh(table, versionBatches(4, 50), 4);
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(4, 50));
    await accelerator.shutdown();
  }, 180_000);

  it('a server that is down at the start is found again by the next attempt', async () => {
    await using proxy = await openServerSwitch(server);
    proxy.down();
    const open = () => accelerate({ given: through(proxy.port), schema, name: { table: 'late' } });
    const error = await errorOf(open);
    expect(['io', 'unavailable']).toContain(error.code);
    expect(error.retryable).toBe(true);
    proxy.up();
    const { accelerator, table } = await open();
    await refresh(table, versionBatches(1, 5), 1);
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(1, 5));
    await accelerator.shutdown();
  });

  it('a full disk at the server is resource_exhausted, and the old rows stay', async () => {
    const own = await server.createDatabase();
    const command = { indexes: [{ columns: ['i'], unique: false }] };
    const { accelerator, table } = await accelerate({ given: reach(own), schema, command });
    await refresh(table, versionBatches(1, 100), 1);
    // What a server reports that cannot write an index, at that very place.
    await own.sql(`CREATE FUNCTION disk_full() RETURNS event_trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
      CREATE EVENT TRIGGER disk_full ON ddl_command_end WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION disk_full()`);
    const error = await errorOf(() => refresh(table, versionBatches(2, 200), 2));
    expect(error).toMatchObject({ code: 'resource_exhausted', retryable: true });
    expect(error.hint).toBeDefined();
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(1, 100));
    await own.sql('DROP EVENT TRIGGER disk_full');
    await refresh(table, versionBatches(3, 300), 3);
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(3, 300));
    await accelerator.shutdown();
    await own.drop();
  });

  it('shutdown leaves no connection behind', async () => {
    const given = { ...reach(database), pg_application_name: 'to be shut down' };
    const { accelerator, table } = await accelerate({ given, schema, name: { table: 'closing' } });
    await refresh(table, versionBatches(1, 100), 1);
    await scanAll(table);
    await accelerator.shutdown();
    for (;;) {
      const [row] = await database.sql(
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'to be shut down'",
      );
      if (row?.n === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
});
