import { setTimeout as delay } from 'node:timers/promises';
import type { DataConnector, ScanContext } from '@millrace/core';
import {
  missingPostgres,
  type PostgresDatabase,
  type PostgresServer,
  serviceTitle,
  sharedPostgres,
} from '@millrace/services';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CONTEXT,
  errorOf,
  type Given,
  openConnector,
  openTable,
  parametersOf,
  planOf,
  reach,
  reachByParts,
  rowsOf,
} from './open-postgres.ts';
import { openTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** More pages than three partitions need. */
const ROWS = 100_000;

const missing = missingPostgres();
describe.skipIf(missing !== undefined)(serviceTitle('aborts', missing), () => {
  let server: PostgresServer;
  let database: PostgresDatabase;

  beforeAll(async () => {
    server = await sharedPostgres();
    database = await server.createDatabase();
    await database.sql(`
      CREATE TABLE orders (id int); INSERT INTO orders VALUES (1);
      CREATE TABLE big AS SELECT i AS id, repeat('x', 100) AS t FROM generate_series(1, ${ROWS}) AS t(i)`);
  });
  afterAll(() => database?.drop());

  const through = ({ port }: TcpProxy, changed: Given = {}): Given =>
    reachByParts(server, database, { pg_port: String(port), pg_connect_timeout: '60s', ...changed });

  const describeTable = (connector: DataConnector, context: ScanContext) =>
    connector.readProvider({ name: 't', path: 'orders', parameters: parametersOf({}) }, context);

  async function untilStuck(proxy: TcpProxy): Promise<void> {
    while (proxy.stuckCount === 0) await delay(5);
  }

  test('a user that gives up while the pool is made takes nobody else with it', async () => {
    await using proxy = await openTcpProxy(server);
    await using connector = await openConnector(through(proxy, { pg_sslmode: 'prefer' }));
    proxy.freeze();
    const abort = new AbortController();
    const given = errorOf(describeTable(connector, { signal: abort.signal }));
    const kept = describeTable(connector, CONTEXT);
    await untilStuck(proxy);
    abort.abort();
    expect((await given).code).toBe('cancelled');
    proxy.thaw();
    expect(await rowsOf(await kept)).toEqual([[1]]);
  });

  test('a statement that is never answered ends with its signal, and gives its connection up', async () => {
    await using proxy = await openTcpProxy(server);
    await using connector = await openConnector(through(proxy, { connection_pool_size: '1' }));
    const table = await openTable(connector, 'orders');
    proxy.freeze();
    const abort = new AbortController();
    const given = errorOf(describeTable(connector, { signal: abort.signal }));
    await untilStuck(proxy);
    abort.abort();
    expect((await given).code).toBe('cancelled');
    proxy.thaw();
    expect(await rowsOf(table)).toEqual([[1]]);
  });

  test('closing ends what is never answered', async () => {
    await using proxy = await openTcpProxy(server);
    const connector = await openConnector(through(proxy, { connection_pool_size: '1' }));
    const table = await openTable(connector, 'orders');
    proxy.freeze();
    const waiting = [errorOf(describeTable(connector, CONTEXT)), errorOf(rowsOf(table))];
    await untilStuck(proxy);
    await connector.close();
    expect((await Promise.all(waiting)).map(({ code }) => code)).toEqual(['invalid_state', 'invalid_state']);
  });

  test('a login that fails for want of a password leaves no connection behind', async () => {
    await using proxy = await openTcpProxy(server);
    await using connector = await openConnector(through(proxy, { pg_pass: '' }));
    expect((await errorOf(openTable(connector, 'orders'))).code).toBe('unauthenticated');
    while (proxy.connectionCount > 0) await delay(5);
  });

  test('the timeout of the pool is waited for once', async () => {
    await using connector = await openConnector({
      ...reach(database),
      connection_pool_size: '1',
      connection_pool_timeout: '50ms',
    });
    const table = await openTable(connector, 'big');
    const plan = await planOf(table);
    const reading = plan.execute(plan.partitions[0]!, CONTEXT)[Symbol.asyncIterator]();
    await reading.next();
    expect((await errorOf(rowsOf(table))).code).toBe('resource_exhausted');
    expect((await errorOf(describeTable(connector, CONTEXT))).code).toBe('resource_exhausted');
    expect(connector.metricsProvider?.metrics()).toMatchObject({ retries: 0 });
    await reading.return?.();
  });

  test('partitions whose snapshot the server has ended are a conflict, and a plan of which nothing was read takes another one', async () => {
    const name = `snapshot_${process.pid}`;
    await using connector = await openConnector({ ...reach(database), pg_application_name: name });
    const context = { ...CONTEXT, targetPartitions: 3 };
    const table = await openTable(connector, 'big');
    const endHolder = async (): Promise<void> => {
      const holders = `FROM pg_stat_activity WHERE application_name = '${name}' AND query LIKE '%pg_export_snapshot%'`;
      // A reader that has left may still be on its way out.
      await expect.poll(() => database.sql(`SELECT pid ${holders}`)).toHaveLength(1);
      await database.sql(`SELECT pg_terminate_backend(pid) ${holders}`);
      while ((await database.sql(`SELECT ${holders}`)).length > 0) await delay(5);
    };
    const read = async (plan: Awaited<ReturnType<typeof planOf>>, ordinal: number): Promise<number> => {
      let rowCount = 0;
      for await (const batch of plan.execute(plan.partitions[ordinal]!, context)) rowCount += batch.numRows;
      return rowCount;
    };

    const begun = await planOf(table, { projection: [0] }, context);
    expect(begun.partitions).toHaveLength(3);
    expect(await read(begun, 0)).toBeGreaterThan(0);
    await endHolder();
    for (const ordinal of [1, 2])
      expect(await errorOf(read(begun, ordinal))).toMatchObject({ code: 'conflict', retryable: true });

    const untouched = await planOf(table, { projection: [0] }, context);
    for await (const _ of untouched.execute(untouched.partitions[0]!, context)) break;
    await endHolder();
    let rowCount = 0;
    for (const ordinal of [0, 1, 2]) rowCount += await read(untouched, ordinal);
    expect(rowCount).toBe(ROWS);
  });
});
