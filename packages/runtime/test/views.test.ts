import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { describe, expect, it } from 'vitest';
import { createRuntime, type RuntimeConfigInput } from '../src/index.ts';

const PARAMS = { memory_database: 'views' };

describe('views', () => {
  const store = memoryDatabase('views');
  for (const id of [1, 2]) store.put(`t${id}`, { schema: { fields: [field('id', dataTypes.int32())] }, rows: [[id]] });
  const datasets = [
    { from: 'memory:t1', name: 'orders', params: PARAMS },
    { from: 'memory:t2', name: 'sales.orders', params: PARAMS },
  ];
  const start = (config: RuntimeConfigInput) =>
    createRuntime({ config, registry: createRegistry({ connectors: [memoryConnector], accelerators: [] }) });

  it.each([{}, { native: 'off' }, { pushdown: 'off' }] as const)(
    'read what they name, in any schema (%o)',
    async (mode) => {
      await using runtime = await start({
        datasets,
        views: [
          { name: 'sales.pair', sql: 'SELECT a.id AS main_id, b.id AS sales_id FROM main.orders a, sales.orders b' },
          { name: 'plain', sql: 'SELECT * FROM orders' },
          { name: 'sales.over_view', sql: 'SELECT main_id, sales_id, id FROM sales.pair, plain' },
        ],
      });
      const result = await runtime.sql('SELECT * FROM sales.over_view, sales.orders', mode);
      expect(await result.toRows()).toEqual([{ main_id: 1, sales_id: 2, id: 1, id_1: 2 }]);
    },
  );

  it('are refused when a name could mean a table of their own schema', async () => {
    const own = { name: 'sales.big', sql: 'SELECT * FROM orders' };
    await expect(start({ datasets, views: [own] })).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining('orders could mean main.orders or sales.orders'),
    });
    const shadowing = { name: 'sales.orders', sql: 'SELECT 7 AS id' };
    await expect(start({ datasets: datasets.slice(0, 1), views: [own, shadowing] })).rejects.toMatchObject({
      code: 'invalid_config',
      component: 'view sales.orders',
    });
  });
});
