import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { duckdbAccelerator } from '@millrace/accelerator-duckdb';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { afterEach, describe, expect, it } from 'vitest';
import { createRuntime, type DatasetInput, formatExplanation, type Runtime } from '../src/index.ts';

const registry = createRegistry({
  connectors: [memoryConnector],
  accelerators: [arrowAccelerator, duckdbAccelerator],
});
const STORE = 'accelerated-datasets';
const store = memoryDatabase(STORE);
const schema = {
  fields: [
    field('id', dataTypes.int64()),
    field('customer', dataTypes.int32()),
    field('amount', dataTypes.decimal(10, 2)),
  ],
};

function putOrders(count: number): void {
  const rows = Array.from({ length: count }, (_, index) => [BigInt(index), index % 10, `${index}.50`]);
  store.put('orders', { schema, rows });
}

describe('accelerated datasets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-accelerated-'));
  const runtimes: Runtime[] = [];
  afterEach(async () => {
    await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(...accelerations: NonNullable<DatasetInput['acceleration']>[]): Promise<Runtime> {
    const runtime = await createRuntime({
      config: {
        datasets: accelerations.map((acceleration, index) => ({
          from: 'memory:orders',
          name: index === 0 ? 'orders' : `copy${index}.orders`,
          params: { memory_database: STORE },
          acceleration,
        })),
      },
      registry,
      baseDirectory: folder,
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
    runtimes.push(runtime);
    await runtime.ready();
    return runtime;
  }

  async function count(runtime: Runtime, table = 'orders'): Promise<unknown> {
    const result = await runtime.sql(`SELECT count(*) AS n, sum(amount) AS total FROM ${table}`);
    return (await result.toRows())[0];
  }

  const variants = [
    { engine: 'arrow' },
    { engine: 'duckdb' },
    { engine: 'duckdb', mode: 'file' },
    { engine: 'duckdb', mode: 'file', params: { duckdb_file: 'somewhere/else.duckdb' } },
  ] as const;
  it.each(variants)('serves and refreshes %o', async (acceleration) => {
    putOrders(1_000);
    const runtime = await start(acceleration, acceleration);
    const loaded = { n: 1_000n, total: '500000.00' };
    for (const mode of [{}, { native: 'off' }, { pushdown: 'off' }] as const) {
      const result = await runtime.sql(
        'SELECT count(*) AS n, sum(o.amount) AS total FROM orders o JOIN copy1.orders c USING (id) WHERE o.id >= $1',
        { parameters: [0n], ...mode },
      );
      expect(await result.toRows()).toEqual([loaded]);
    }
    const explanation = await runtime.explain('SELECT amount FROM orders WHERE id = 5', { native: 'off' });
    expect(formatExplanation(explanation)).toContain(acceleration.engine);
    putOrders(2_000);
    expect(await count(runtime)).toEqual(loaded);
    expect(await runtime.refresh('orders')).toMatchObject({
      rowCount: 2_000n,
      path: acceleration.engine === 'arrow' ? 'batches' : 'native',
    });
    expect(await count(runtime)).toEqual({ n: 2_000n, total: '2000000.00' });
    expect(await count(runtime, 'copy1.orders')).toEqual(loaded);
    expect(runtime.datasets()[0]).toMatchObject({ state: 'ready', rowCount: 2_000n });
  });

  it('finds the rows of a file again without asking the source', async () => {
    putOrders(300);
    const acceleration = { engine: 'duckdb', mode: 'file', refresh_check_interval: '1h' } as const;
    const first = await start(acceleration);
    const before = first.datasets()[0]!.refreshedAtMs;
    await first.close();
    putOrders(500);
    const second = await start(acceleration);
    expect(await count(second)).toEqual({ n: 300n, total: '45000.00' });
    expect(second.datasets()[0]).toMatchObject({ state: 'ready', refreshedAtMs: before });
    await second.refresh('orders');
    expect(await count(second)).toMatchObject({ n: 500n });
  });

  it('loads what refresh_sql chooses', async () => {
    putOrders(100);
    const runtime = await start({ engine: 'duckdb', refresh_sql: 'SELECT id, amount FROM orders WHERE customer = 3' });
    expect(await count(runtime)).toMatchObject({ n: 10n });
    expect(await runtime.refresh('orders')).toMatchObject({ path: 'batches', rowCount: 10n });
    await expect(runtime.sql('SELECT customer FROM orders')).rejects.toMatchObject({ code: 'sql_error' });
  });
});
