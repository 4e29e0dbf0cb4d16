import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, defineConnector, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRuntime, type DatasetInput, type Runtime } from '../../src/index.ts';
import { createHeldAccelerator, type HeldAccelerator } from '../schema-change/held-accelerator.ts';

const STORE = 'requested-meanwhile';

describe('a refresh that is asked for while one runs that has read its rows', () => {
  let engine: HeldAccelerator;
  let requestRefresh: () => void;
  let runtime: Runtime;

  beforeEach(async () => {
    engine = createHeldAccelerator();
    put('a', 1);
    put('b', 2);
    const watched = defineConnector({
      ...memoryConnector,
      id: 'watched',
      create: async (parameters, context) => {
        const connector = await memoryConnector.create(parameters, context);
        return {
          readProvider: connector.readProvider.bind(connector),
          onAcceleratedTableRegistration: async (registration) => {
            requestRefresh = () => registration.requestRefresh();
          },
          close: () => connector.close(),
          [Symbol.asyncDispose]: () => connector.close(),
        };
      },
    });
    runtime = await createRuntime({
      config: {
        datasets: [dataset('memory:a', 'a', 'arrow'), dataset('watched:a', 'w', 'held')],
        views: [{ name: 'v', sql: 'SELECT id FROM a', acceleration: { engine: 'held' } }],
      },
      registry: createRegistry({
        connectors: [memoryConnector, watched],
        accelerators: [arrowAccelerator, engine.plugin],
      }),
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
    await runtime.ready();
  });
  afterEach(async () => {
    await runtime.close();
  });

  const dataset = (from: string, name: string, accelerator: string): DatasetInput => ({
    from,
    name,
    params: { memory_database: STORE },
    acceleration: { engine: accelerator },
  });
  const ids = async (table: string) =>
    (await (await runtime.sql(`SELECT id FROM ${table}`)).toRows()).map(({ id }) => id);

  /** A refresh that has read its rows and has not ended. */
  async function startRefresh(name: string): Promise<{ release: () => void; refreshed: Promise<unknown> }> {
    const held = engine.hold();
    const refreshed = runtime.refresh(name);
    return { release: await held, refreshed };
  }

  it('follows it where the connector has seen a change', async () => {
    const { release, refreshed } = await startRefresh('w');
    put('a', 3);
    requestRefresh();
    requestRefresh();
    release();
    await refreshed;
    await expect.poll(() => ids('w'), { timeout: 60_000 }).toEqual([3]);
  });

  it('follows it where the view reads a dataset that has become another one', async () => {
    const { release, refreshed } = await startRefresh('v');
    await runtime.updateDataset(dataset('memory:b', 'a', 'arrow'));
    release();
    await refreshed;
    await expect.poll(() => ids('v'), { timeout: 60_000 }).toEqual([2]);
  });

  it('does not keep the runtime from closing', async () => {
    const { release, refreshed } = await startRefresh('w');
    requestRefresh();
    const closing = runtime.close();
    release();
    await Promise.allSettled([refreshed]);
    await closing;
  });
});

function put(table: string, id: number): void {
  memoryDatabase(STORE).put(table, { schema: { fields: [field('id', dataTypes.int32())] }, rows: [[id]] });
}
