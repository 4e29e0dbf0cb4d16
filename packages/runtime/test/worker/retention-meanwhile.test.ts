import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { expect, it } from 'vitest';
import { createRuntime, type DatasetInput } from '../../src/index.ts';
import { createHeldAccelerator } from '../schema-change/held-accelerator.ts';
import { ManualClock } from './manual-clock.ts';

const STORE = 'retention-meanwhile';

it('a condition of retention that is replaced while its check waits for a refresh removes nothing', async () => {
  const clock = new ManualClock();
  const engine = createHeldAccelerator();
  memoryDatabase(STORE).put('a', {
    schema: { fields: [field('id', dataTypes.int32())] },
    rows: [[1], [2], [3]],
  });
  const dataset = (condition: string): DatasetInput => ({
    from: 'memory:a',
    name: 'a',
    params: { memory_database: STORE },
    acceleration: {
      engine: 'held',
      retention_check_enabled: true,
      retention_check_interval: '10m',
      retention_sql: `DELETE FROM a WHERE ${condition}`,
    },
  });
  await using runtime = await createRuntime({
    config: { datasets: [dataset('id = 1')] },
    registry: createRegistry({ connectors: [memoryConnector], accelerators: [arrowAccelerator, engine.plugin] }),
    clock,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  await runtime.ready();
  const ids = async () => (await (await runtime.sql('SELECT id FROM a ORDER BY id')).toRows()).map(({ id }) => id);
  const held = engine.hold();
  const refreshed = runtime.refresh('a');
  const release = await held;
  clock.advance(600_000);
  await runtime.updateDataset(dataset('id = 2'));
  release();
  await refreshed;
  expect(await ids()).toContain(2);
  clock.advance(600_000);
  // Checks come in turn: the one that waited has had its own by then.
  await expect.poll(ids, { timeout: 60_000 }).not.toContain(2);
  expect(await ids()).toEqual([1, 3]);
});
