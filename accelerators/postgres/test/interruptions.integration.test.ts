import { setTimeout as sleep } from 'node:timers/promises';
import {
  missingPostgres,
  type PostgresDatabase,
  type PostgresServer,
  serviceTitle,
  sharedPostgres,
} from '@millrace/services';
import { completeVersion, describeRows, VERSION_SCHEMA, versionBatches } from '@millrace/test-fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { presenceLock } from '../src/presence.ts';
import { tableNames } from '../src/table-names.ts';
import { accelerate, CONTEXT, createAccelerator, errorOf, type Given, reach, refresh, scanAll } from './accelerate.ts';
import { openServerSwitch } from './server-switch.ts';

/** Longer than anything here takes on a busy machine. */
const TIMEOUT_MS = 180_000;
const schema = VERSION_SCHEMA;
/** The server is shared with other tests. */
const ACTIVITY = '(SELECT * FROM pg_stat_activity WHERE datname = current_database()) a';

const missing = missingPostgres();
describe.skipIf(missing !== undefined)(serviceTitle('interruptions', missing), { timeout: TIMEOUT_MS }, () => {
  let server: PostgresServer;
  let database: PostgresDatabase;
  beforeAll(async () => {
    server = await sharedPostgres();
    database = await server.createDatabase();
  });
  afterAll(async () => {
    await database?.drop();
  });

  const as = (process: string, changed: Given = {}): Given => ({
    ...reach(database),
    pg_application_name: process,
    ...changed,
  });

  async function count(from: string): Promise<number> {
    const [row] = await database.sql(`SELECT count(*)::int AS n FROM ${from}`);
    return Number(row?.n);
  }

  /** Runs statements on a connection of their own, which keeps what they take until the function that it gives is called. */
  async function keeping(statements: string): Promise<() => Promise<void>> {
    const mark = `kept by ${Math.trunc(performance.now())}`;
    const running = database.sql(`SELECT '${mark}'; BEGIN; ${statements}; SELECT pg_sleep(600)`).catch(() => undefined);
    const kept = `${ACTIVITY} WHERE query LIKE '%${mark}%' AND pid <> pg_backend_pid()`;
    while ((await count(`${kept} AND wait_event = 'PgSleep'`)) === 0) await sleep(10);
    return async () => {
      await database.sql(`SELECT pg_terminate_backend(pid) FROM ${kept}`);
      await running;
    };
  }

  it('opening a copy whose rows another process removes can be cancelled, and holds up no other dataset', async () => {
    const name = { table: 'removed' };
    const { accelerator: first, command } = await accelerate({ given: as('first'), schema, name });
    const lock = presenceLock('millrace', tableNames(command, schema));
    await first.shutdown();
    // The connections of a process that shut down are gone by and by.
    while ((await count(`${ACTIVITY} WHERE application_name = 'first'`)) > 0) await sleep(10);
    const release = await keeping(`SELECT pg_advisory_xact_lock(${lock})`);
    const waiting = await createAccelerator(as('waiting'));
    const abort = new AbortController();
    const opening = errorOf(() => waiting.init(command, { signal: abort.signal }));
    const locks = `${ACTIVITY} WHERE application_name = 'waiting' AND query LIKE '%advisory%'`;
    while ((await count(locks)) === 0) await sleep(10);
    const other = await accelerate({ given: as('waiting'), schema, name: { table: 'not removed' } });
    abort.abort();
    expect((await opening).code).toBe('cancelled');
    const again = waiting.init(command, CONTEXT);
    await release();
    expect((await again).kind).toBe('empty');
    await waiting.shutdown();
    await other.accelerator.shutdown();
  });

  it('the connection that says what is open is opened again when it broke, and rows in use stay', async () => {
    const name = { table: 'in use' };
    const old = await accelerate({ given: as('old'), schema, name });
    await refresh(old.table, versionBatches(1, 100), 1);
    const young = await accelerate({ given: as('young'), schema, name, definitionHash: 'h2' });
    const holders = `${ACTIVITY} JOIN pg_locks l USING (pid) WHERE a.application_name = 'old' AND l.locktype = 'advisory' AND l.granted`;
    const [holder] = await database.sql(`SELECT a.pid FROM ${holders}`);
    await database.sql('SELECT pg_terminate_backend($1)', [holder?.pid]);
    while ((await count(`${holders} AND a.pid <> ${holder?.pid}`)) === 0) await sleep(10);
    await refresh(young.table, versionBatches(2, 200), 2);
    expect(describeRows(await scanAll(old.table))).toEqual(completeVersion(1, 100));
    await old.accelerator.shutdown();
    await young.accelerator.shutdown();
  });

  it('a commit whose connection breaks while the server is at it is told as what became of it', async () => {
    await using proxy = await openServerSwitch(server);
    const { user, password } = server;
    const given: Given = {
      pg_host: '127.0.0.1',
      pg_port: String(proxy.port),
      pg_db: database.database,
      pg_user: user,
      pg_pass: password,
      pg_sslmode: 'disable',
      pg_application_name: 'breaking',
      pg_schema: 'slow',
    };
    const { accelerator, table } = await accelerate({ given, schema });
    await refresh(table, versionBatches(1, 10), 1);
    await database.sql(`
      CREATE FUNCTION slow.wait() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER wait AFTER UPDATE ON slow.__millrace_checkpoint DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION slow.wait()`);
    const release = await keeping('SELECT pg_advisory_xact_lock(42)');
    const refreshing = refresh(table, versionBatches(2, 20), 2);
    const committing = `${ACTIVITY} WHERE application_name = 'breaking' AND query = 'COMMIT' AND wait_event = 'advisory'`;
    while ((await count(committing)) === 0) await sleep(10);
    proxy.down();
    proxy.up();
    await release();
    expect(await refreshing).toBe(20n);
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(2, 20));
    expect(table.checkpoint?.refreshedAtMs).toBe(2);
    await accelerator.shutdown();
  });

  it('a scan that runs into the timeout of statements is `timeout`', async () => {
    const given = as('hasty', { pg_statement_timeout: '3s' });
    const { accelerator, table } = await accelerate({ given, schema, name: { table: 'locked' } });
    await refresh(table, versionBatches(1, 10), 1);
    const [row] = await database.sql(
      "SELECT oid::regclass AS name FROM pg_class WHERE relname ~ '^__millrace_locked__v'",
    );
    const release = await keeping(`LOCK TABLE ${row?.name} IN ACCESS EXCLUSIVE MODE`);
    expect((await errorOf(() => scanAll(table))).code).toBe('timeout');
    await release();
    await accelerator.shutdown();
  });
});
