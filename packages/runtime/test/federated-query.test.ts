import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRuntime, formatExplanation, type Runtime } from '../src/index.ts';

describe('queries over memory datasets', () => {
  let runtime: Runtime;
  const store = memoryDatabase('federated-query');

  beforeAll(async () => {
    store.put('orders', {
      schema: {
        fields: [
          field('id', dataTypes.int64()),
          field('customer', dataTypes.int32()),
          field('amount', dataTypes.decimal(10, 2)),
        ],
      },
      rows: Array.from({ length: 1_000 }, (_, index) => [BigInt(index), index % 10, `${index}.50`]),
    });
    store.put('customers', {
      schema: { fields: [field('id', dataTypes.int32()), field('Full Name', dataTypes.utf8())] },
      rows: Array.from({ length: 10 }, (_, index) => [index, `customer ${index}`]),
    });
    runtime = await createRuntime({
      config: {
        datasets: [
          { from: 'memory:orders', name: 'orders', params: { memory_database: 'federated-query' } },
          { from: 'memory:customers', name: 'sales.customers', params: { memory_database: 'federated-query' } },
        ],
        views: [{ name: 'big_orders', sql: 'SELECT * FROM orders WHERE amount > 500' }],
      },
      registry: createRegistry({ connectors: [memoryConnector], accelerators: [] }),
    });
  });
  afterAll(() => runtime.close());

  const modes = [{}, { native: 'off' }, { pushdown: 'off' }] as const;

  it.each(modes)('joins, filters and aggregates with %o', async (mode) => {
    const result = await runtime.sql(
      'SELECT "Full Name" AS name, sum(amount) AS total FROM big_orders o JOIN sales.customers c ON o.customer = c.id WHERE c.id = $1 GROUP BY ALL',
      { parameters: [3], ...mode },
    );
    const expected = Array.from({ length: 1_000 }, (_, index) => index).filter(
      (index) => index % 10 === 3 && index >= 500,
    );
    const total = expected.reduce((sum, index) => sum + index, 0) + expected.length / 2;
    expect(await result.toRows()).toEqual([{ name: 'customer 3', total: total.toFixed(2) }]);
  });

  it('binds the values of a template', async () => {
    const result = await runtime.sql`SELECT count(*) AS n FROM orders WHERE id >= ${990n} AND customer <> ${3}`;
    expect(await result.toRows()).toEqual([{ n: 9n }]);
  });

  it('explains what is pushed', async () => {
    const explanation = await runtime.explain('SELECT amount FROM orders WHERE id = 5', { native: 'off' });
    expect(formatExplanation(explanation)).toContain('filter (exact): id = 5');
    expect(explanation.scans[0]).toMatchObject({ access: 'scan', columns: ['id', 'amount'] });
  });

  it('answers questions about the catalog from the datasets alone', async () => {
    expect(await (await runtime.sql('SHOW TABLES')).toRows()).toEqual([
      { name: 'big_orders' },
      { name: 'orders' },
      { name: 'sales.customers' },
    ]);
    const columns = await (await runtime.sql('DESCRIBE sales.customers')).toRows();
    expect(columns.map((row) => [row.column_name, row.column_type])).toEqual([
      ['id', 'INTEGER'],
      ['Full Name', 'VARCHAR'],
    ]);
    const tables = await runtime.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = 'sales'");
    expect(await tables.toRows()).toEqual([{ table_name: 'customers' }]);
  });

  it('runs in UTC whatever the machine’s zone', async () => {
    const sql = "SELECT CAST(TIMESTAMP '2024-07-01 12:00:00' AS TIMESTAMPTZ) AS at FROM orders WHERE id = 1";
    expect(await (await runtime.sql(sql)).toRows()).toEqual([{ at: '2024-07-01T12:00:00Z' }]);
  });

  it('names the nearest dataset', async () => {
    await expect(runtime.sql('SELECT * FROM ordrs')).rejects.toMatchObject({
      code: 'unknown_table',
      hint: expect.stringContaining('orders'),
    });
  });

  it('gives a table of the host’s apache-arrow', async () => {
    const table = await (await runtime.sql('SELECT id FROM orders ORDER BY id LIMIT 3')).toTable();
    expect(table.numRows).toBe(3);
    expect(table.getChild('id')).toBeTruthy();
  });
});
