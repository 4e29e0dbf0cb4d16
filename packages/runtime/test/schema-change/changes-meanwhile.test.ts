import { dataTypes } from '@millrace/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Runtime } from '../../src/index.ts';
import { read, SchemaChangeFixture } from './fixture.ts';
import { createHeldAccelerator, type HeldAccelerator } from './held-accelerator.ts';

const { int32, utf8 } = dataTypes;

describe('a dataset that is changed while a refresh gives its copy other columns', () => {
  let fixture: SchemaChangeFixture;
  let engine: HeldAccelerator;

  beforeEach(async () => {
    fixture = await SchemaChangeFixture.open('arrow');
    engine = createHeldAccelerator();
    fixture.put([['id', int32()]], [[1]]);
    fixture.put([['id', int32()]], [[7]], 'others');
  });
  afterEach(async () => {
    await fixture[Symbol.asyncDispose]();
  });

  const orders = () => fixture.dataset({ engine: 'held' }, { on_schema_change: 'sync_all_columns' });

  /** A runtime whose refresh of the dataset has other columns and is being committed. */
  async function startCommit(): Promise<{ runtime: Runtime; release: () => void; refreshed: Promise<unknown> }> {
    const runtime = await fixture.start({ datasets: [orders()] }, [engine.plugin]);
    await runtime.ready();
    fixture.put(
      [
        ['note', utf8()],
        ['id', int32()],
      ],
      [['new', 2]],
    );
    const held = engine.hold();
    const refreshed = runtime.refresh('orders').catch((error: unknown) => error);
    return { runtime, release: await held, refreshed };
  }

  it('does not come back once it is removed', async () => {
    const { runtime, release, refreshed } = await startCommit();
    expect(await runtime.removeDataset('orders')).toBe(true);
    release();
    await refreshed;
    await expect(runtime.sql('SELECT * FROM orders')).rejects.toMatchObject({ code: 'unknown_table' });
    expect(runtime.datasets()).toEqual([]);
  });

  it('stays what it has become by an update', async () => {
    const { runtime, release, refreshed } = await startCommit();
    expect(await runtime.updateDataset({ ...orders(), from: 'memory:others' })).toBe('updated');
    release();
    await refreshed;
    expect(await read(runtime)).toEqual([{ id: 7 }]);
  });

  it('is known by its new columns otherwise', async () => {
    const { runtime, release, refreshed } = await startCommit();
    const rows = read(runtime);
    release();
    expect(await refreshed).toMatchObject({ rowCount: 1n });
    expect(await read(runtime)).toEqual([{ note: 'new', id: 2 }]);
    await rows;
  });
});
