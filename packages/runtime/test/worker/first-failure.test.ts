import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { memoryDatabase } from '@millrace/connector-memory';
import { type AcceleratorPlugin, dataTypes, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { expect, it } from 'vitest';
import { withMember } from '../../src/acceleration/with-member.ts';
import { createRuntime } from '../../src/index.ts';
import { createFaultySource } from './faulty-source.ts';
import { ManualClock } from './manual-clock.ts';

const STORE = 'first-failure';

/** One whose refreshes cannot be ended without an error, as where its server is gone. */
const UNTIDY: AcceleratorPlugin = {
  ...arrowAccelerator,
  id: 'untidy',
  create: async (parameters, context) => {
    const accelerator = await arrowAccelerator.create(parameters, context);
    return withMember(accelerator, 'createExternalTable', async (...request) => {
      const table = await accelerator.createExternalTable(...request);
      return withMember(table, 'beginRefresh', async (...refresh) => {
        const session = await table.beginRefresh(...refresh);
        return withMember(session, Symbol.asyncDispose, async () => {
          await session.abort();
          throw new Error('it cannot be tidied up');
        });
      });
    });
  },
};

it('a refresh whose end fails as well tells of what it failed with, and is tried again', async () => {
  const source = createFaultySource();
  const clock = new ManualClock();
  memoryDatabase(STORE).put('a', { schema: { fields: [field('id', dataTypes.int32())] }, rows: [[1]] });
  await using runtime = await createRuntime({
    config: {
      datasets: [
        { from: 'faulty:a', name: 'a', params: { memory_database: STORE }, acceleration: { engine: 'untidy' } },
      ],
    },
    registry: createRegistry({ connectors: [source.plugin], accelerators: [UNTIDY] }),
    clock,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  await runtime.ready().catch(() => undefined);
  source.failure = 'passing';
  await expect(runtime.refresh('a')).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  expect(runtime.datasets()[0]).toMatchObject({ lastErrorCode: 'unavailable', nextRefreshAtMs: clock.now() + 1_000 });
});
