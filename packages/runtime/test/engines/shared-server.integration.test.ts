import { postgresAccelerator } from '@millrace/accelerator-postgres';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { missingPostgres, type PostgresDatabase, serviceTitle, sharedPostgres } from '@millrace/services';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  createRuntime,
  type DatasetInput,
  formatExplanation,
  type Runtime,
  type RuntimeInput,
} from '../../src/index.ts';

const STORE = 'accelerated in postgres';
const store = memoryDatabase(STORE);
const schema = {
  fields: [
    field('id', dataTypes.int64()),
    field('at', dataTypes.timestamp()),
    field('customer', dataTypes.utf8()),
    field('amount', dataTypes.decimal(10, 2)),
  ],
};
const registry = createRegistry({ connectors: [memoryConnector], accelerators: [postgresAccelerator] });

/** Orders numbered from 0, one each second. */
function putOrders(count: number): void {
  const rows = Array.from({ length: count }, (_, index) => [
    BigInt(index),
    BigInt(index) * 1_000_000n,
    `customer ${index % 10}`,
    `${index}.50`,
  ]);
  store.put('orders', { schema, rows });
}

const missing = missingPostgres();
describe.skipIf(missing !== undefined)(serviceTitle('datasets accelerated in a server', missing), () => {
  let database: PostgresDatabase;
  const runtimes: Runtime[] = [];
  beforeAll(async () => {
    database = await (await sharedPostgres()).createDatabase();
  });
  afterEach(async () => {
    await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
  });
  afterAll(async () => {
    await database?.drop();
  });

  async function start(
    acceleration: Partial<NonNullable<DatasetInput['acceleration']>> = {},
    settings: RuntimeInput = {},
  ): Promise<Runtime> {
    const params = { pg_connection_string: database.connectionString, pg_sslmode: 'disable' };
    const runtime = await createRuntime({
      config: {
        runtime: settings,
        datasets: [
          {
            from: 'memory:orders',
            name: 'orders',
            time_column: 'at',
            params: { memory_database: STORE },
            acceleration: { engine: 'postgres', params, ...acceleration },
          },
        ],
      },
      registry,
      baseDirectory: import.meta.dirname,
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
    runtimes.push(runtime);
    await runtime.ready();
    return runtime;
  }

  async function ask(runtime: Runtime, sql: string): Promise<unknown> {
    return await (await runtime.sql(sql)).toRows();
  }

  it('loads, answers with filters pushed down, refreshes, and is there after a restart', async () => {
    putOrders(1_000);
    const first = await start({ primary_key: 'id', indexes: { customer: 'enabled' } });
    const sum = "SELECT count(*) AS n, sum(amount) AS total FROM orders WHERE customer = 'customer 7'";
    expect(await ask(first, sum)).toEqual([{ n: 100n, total: '50250.00' }]);
    expect(formatExplanation(await first.explain(sum))).toContain('WHERE');
    putOrders(10);
    await first.refresh('orders');
    expect(await ask(first, 'SELECT count(*) AS n, max(id) AS last FROM orders')).toEqual([{ n: 10n, last: 9n }]);
    await first.close();
    // Not looked at: the copy is of the same definition, and no time of a schedule has come.
    putOrders(3);
    const second = await start({ primary_key: 'id', indexes: { customer: 'enabled' } });
    expect(await ask(second, 'SELECT count(*) AS n FROM orders')).toEqual([{ n: 10n }]);
  });

  it('two runtimes share a copy: what one appends, the other answers with', async () => {
    putOrders(100);
    const [one, other] = [await start({ refresh_mode: 'append' }), await start({ refresh_mode: 'append' })];
    const count = 'SELECT count(*) AS n, count(DISTINCT id) AS ids FROM orders';
    for (const runtime of [one, other]) expect(await ask(runtime, count)).toEqual([{ n: 100n, ids: 100n }]);
    putOrders(150);
    await one.refresh('orders');
    for (const runtime of [one, other]) expect(await ask(runtime, count)).toEqual([{ n: 150n, ids: 150n }]);
    putOrders(200);
    await Promise.all([one.refresh('orders'), other.refresh('orders')]);
    for (const runtime of [one, other]) expect(await ask(runtime, count)).toEqual([{ n: 200n, ids: 200n }]);
  });

  it('two runtimes share a copy: results that one has cached end with a refresh by the other', async () => {
    putOrders(30);
    const caching = { caching: { sql_results: { item_ttl: '1h' } } };
    const [one, other] = [await start({ refresh_mode: 'append' }, caching), await start({ refresh_mode: 'append' })];
    const count = async () => {
      const result = await one.sql('SELECT count(*) AS n FROM orders');
      return [result.cacheStatus, await result.toRows()];
    };
    await other.refresh('orders', { mode: 'full' });
    expect([await count(), await count()]).toEqual([
      ['miss', [{ n: 30n }]],
      ['hit', [{ n: 30n }]],
    ]);
    putOrders(40);
    await other.refresh('orders');
    expect([await count(), await count()]).toEqual([
      ['miss', [{ n: 40n }]],
      ['hit', [{ n: 40n }]],
    ]);
    await one.refresh('orders', { mode: 'full' });
    expect(await count()).toEqual(['miss', [{ n: 40n }]]);
  });

  it('a refresh that fails keeps the old rows, and the state says so', async () => {
    putOrders(20);
    const runtime = await start({ primary_key: 'id' });
    const rows = [[1n, 0n, 'a', '1.00'] as const, [1n, 0n, 'b', '2.00'] as const];
    store.put('orders', { schema, rows });
    await expect(runtime.refresh('orders')).rejects.toMatchObject({ code: 'integrity' });
    expect(await ask(runtime, 'SELECT count(*) AS n FROM orders')).toEqual([{ n: 20n }]);
    const [dataset] = runtime.status().datasets;
    expect(dataset).toMatchObject({ state: 'error' });
  });
});
