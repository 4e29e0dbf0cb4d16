import { setTimeout as delay } from 'node:timers/promises';
import type { DataConnector, MillraceError, RecordBatch, TableProvider } from '@millrace/core';
import {
  missingPostgres,
  type PostgresDatabase,
  type PostgresServer,
  serviceTitle,
  sharedPostgres,
  startPostgres,
} from '@millrace/services';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  batchesOf,
  CONTEXT,
  errorOf,
  openConnector,
  openTable,
  planOf,
  reach,
  reachByParts,
  rowsOf,
} from './open-postgres.ts';
import { openTcpProxy } from './tcp-proxy.ts';

const ROWS = 300_000;
const BIG = `CREATE TABLE big AS SELECT i AS id, repeat('x', 100) AS t FROM generate_series(1, ${ROWS}) AS t(i)`;

const missing = missingPostgres();
describe.skipIf(missing !== undefined)(serviceTitle('faults', missing), () => {
  let server: PostgresServer;
  let database: PostgresDatabase;
  let connector: DataConnector;

  beforeAll(async () => {
    server = await sharedPostgres();
    database = await server.createDatabase();
    await database.sql(BIG);
    connector = await openConnector(reach(database));
  });
  afterAll(async () => {
    await connector?.close();
    await database?.drop();
  });

  /** Reads one batch, does something, and reads the rest. */
  async function readAround(table: TableProvider, between: () => Promise<void>): Promise<number> {
    const plan = await planOf(table);
    let rowCount = 0;
    let isFirst = true;
    for await (const batch of plan.execute(plan.partitions[0]!, CONTEXT)) {
      rowCount += batch.numRows;
      if (isFirst) await between();
      isFirst = false;
    }
    return rowCount;
  }

  async function activity(condition: string): Promise<number> {
    const [row] = await database.sql(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'millrace' AND ${condition}`,
    );
    return Number(row?.n);
  }

  async function untilNone(condition: string): Promise<void> {
    const deadline = Date.now() + 60_000;
    while ((await activity(condition)) > 0) {
      if (Date.now() > deadline) expect.fail(`still there after 60 s: ${condition}`);
      await delay(20);
    }
  }

  test('a server that is killed in the middle of a scan is a typed error, never a partial result', async () => {
    await using own = await startPostgres();
    const ownDatabase = await own.createDatabase();
    await ownDatabase.sql(BIG);
    await using reading = await openConnector(reach(ownDatabase));
    const error = await errorOf(readAround(await openTable(reading, 'big'), () => own.kill()));
    expect(['io', 'unavailable']).toContain(error.code);
    expect(error.retryable).toBe(true);
    const after = await errorOf(openTable(reading, 'big'));
    expect(after.code).toBe('unavailable');
  });

  test('a connection that is reset in the middle of the rows is a typed error', async () => {
    await using proxy = await openTcpProxy(server);
    await using reading = await openConnector(reachByParts(server, database, { pg_port: String(proxy.port) }));
    const table = await openTable(reading, 'big');
    proxy.resetAfter(5_000_000);
    const plan = await planOf(table);
    let rowCount = 0;
    const error = await errorOf(async () => {
      for await (const batch of plan.execute(plan.partitions[0]!, CONTEXT)) rowCount += batch.numRows;
    });
    expect(error.code).toBe('io');
    expect(rowCount).toBeGreaterThan(0);
    expect(rowCount).toBeLessThan(ROWS);
  });

  test('a connection that is reset before the first rows is tried again', async () => {
    await using proxy = await openTcpProxy(server);
    await using reading = await openConnector({
      ...reach(database),
      pg_connection_string: database.connectionString.replace(`:${server.port}/`, `:${proxy.port}/`),
    });
    const table = await openTable(reading, 'big');
    await database.sql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'millrace' AND datname = current_database() AND state = 'idle'",
    );
    const [batch] = await batchesOf(await planOf(table, { limit: 1n }));
    expect(batch?.numRows).toBe(1);
  });

  test('a pool without a free connection says so, and works again afterwards', async () => {
    await using narrow = await openConnector({
      ...reach(database),
      connection_pool_size: '1',
      connection_pool_timeout: '200ms',
    });
    const table = await openTable(narrow, 'big');
    const plan = await planOf(table);
    const reading = plan.execute(plan.partitions[0]!, CONTEXT)[Symbol.asyncIterator]();
    await reading.next();
    const error = await errorOf(rowsOf(table, { projection: [0], limit: 1n }));
    expect(error.code).toBe('resource_exhausted');
    expect(error.hint).toContain('connection_pool_size');
    await reading.return?.();
    expect(await rowsOf(table, { projection: [0], limit: 1n })).toHaveLength(1);
  });

  test('many more scans than connections are queued and all finish', async () => {
    const table = await openTable(connector, 'big');
    const results = await Promise.all(
      Array.from(
        { length: 20 },
        async (_, index) => (await rowsOf(table, { projection: [0], limit: BigInt(index + 1) })).length,
      ),
    );
    expect(results).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  test('a statement that runs into its timeout is `timeout`, one that somebody cancels is `cancelled`', async () => {
    await database.sql('CREATE VIEW sleepy AS SELECT 1 AS id FROM pg_sleep(600)');
    await using hasty = await openConnector({ ...reach(database), pg_statement_timeout: '150ms' });
    // What is asked of the table may take as long on a busy machine, and is asked again then.
    const opening = async (): Promise<TableProvider> => {
      for (;;) {
        const found = await openTable(hasty, 'sleepy').catch((error: MillraceError) => error);
        if (!(found instanceof Error)) return found;
        expect(found.code).toBe('timeout');
      }
    };
    expect((await errorOf(rowsOf(await opening()))).code).toBe('timeout');

    const reading = errorOf(rowsOf(await openTable(connector, 'sleepy')));
    while ((await activity("query LIKE '%sleepy%' AND state = 'active'")) === 0) await delay(10);
    await database.sql(
      "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%sleepy%' AND application_name = 'millrace'",
    );
    expect((await reading).code).toBe('cancelled');
  });

  test('a scan that is aborted is gone from the server, while it waits and while it sends', async () => {
    for (const name of ['sleepy', 'big']) {
      const abort = new AbortController();
      const plan = await planOf(await openTable(connector, name));
      const reading = plan.execute(plan.partitions[0]!, { signal: abort.signal })[Symbol.asyncIterator]();
      const first = reading.next();
      if (name === 'big') await first;
      else while ((await activity("query LIKE '%sleepy%' AND state = 'active'")) === 0) await delay(10);
      abort.abort();
      const error = await errorOf(async () => {
        await first;
        for (;;) if ((await reading.next()).done) return;
      });
      expect(error.code).toBe('cancelled');
      await untilNone("state = 'active'");
    }
  });

  test('a cancelled scan never hits the next user of a connection', async () => {
    await using narrow = await openConnector({ ...reach(database), connection_pool_size: '1' });
    const table = await openTable(narrow, 'big');
    for (let round = 0; round < 25; round += 1) {
      const plan = await planOf(table);
      for await (const _ of plan.execute(plan.partitions[0]!, CONTEXT)) break;
      expect(await rowsOf(table, { projection: [0], limit: 2n })).toHaveLength(2);
    }
  });

  test('a table that changes between plan and read is an error, never misread', async () => {
    await database.sql(`
      CREATE TABLE moving (id int, v int, w numeric(6,2), x text);
      INSERT INTO moving VALUES (1, 2, 3.25, 'x')`);
    const table = await openTable(connector, 'moving');
    const expected = [[1, 2, '3.25', 'x']];
    expect(await rowsOf(table)).toEqual(expected);
    const readAfter = async (ddl: string): Promise<unknown[][]> => {
      const plan = await planOf(table);
      await database.sql(ddl);
      const batches: RecordBatch[] = await batchesOf(plan);
      return batches.map(({ numRows }) => [numRows]);
    };
    expect(await readAfter('ALTER TABLE moving ADD COLUMN y int')).toEqual([[1]]);
    expect((await errorOf(readAfter('ALTER TABLE moving ALTER v TYPE bigint'))).code).toBe('conflict');
    await database.sql('ALTER TABLE moving ALTER v TYPE int');
    expect((await errorOf(readAfter('ALTER TABLE moving ALTER w TYPE numeric(12,4)'))).code).toBe('conflict');
    await database.sql('ALTER TABLE moving ALTER w TYPE numeric(6,2)');
    expect((await errorOf(readAfter('ALTER TABLE moving RENAME x TO z'))).code).toBe('conflict');
    expect((await errorOf(readAfter('DROP TABLE moving'))).code).toBe('not_found');

    await database.sql('CREATE TABLE strict (id int NOT NULL)');
    const strict = await planOf(await openTable(connector, 'strict'));
    await database.sql('ALTER TABLE strict ALTER id DROP NOT NULL; INSERT INTO strict VALUES (NULL)');
    expect((await errorOf(batchesOf(strict))).code).toBe('conflict');
  });

  test('the partitions of a plan see one snapshot, which is released after them', async () => {
    await using parallel = await openConnector(reach(database));
    const context = { ...CONTEXT, targetPartitions: 3 };
    const plan = await planOf(await openTable(parallel, 'big'), { projection: [0] }, context);
    expect(plan.partitions).toHaveLength(3);
    expect(plan.explain().notes?.join()).toContain('snapshot');
    const counts: number[] = [];
    for (const partition of plan.partitions) {
      let rowCount = 0;
      for await (const batch of plan.execute(partition, context)) rowCount += batch.numRows;
      counts.push(rowCount);
      // Rows that come and go between the partitions.
      await database.sql(
        `DELETE FROM big WHERE id % 7 = ${counts.length}; INSERT INTO big SELECT 0, 'new' FROM generate_series(1, 999)`,
      );
    }
    expect(counts.every((count) => count > 0)).toBe(true);
    expect(counts.reduce((sum, count) => sum + count)).toBe(ROWS);
    await untilNone("state LIKE 'idle in transaction%'");
    await database.sql('DROP TABLE big');
    await database.sql(BIG);
  });
});
