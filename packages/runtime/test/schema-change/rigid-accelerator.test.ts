import { duckdbAccelerator } from '@millrace/accelerator-duckdb';
import { type AcceleratorPlugin, dataTypes } from '@millrace/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { read, SchemaChangeFixture } from './fixture.ts';

const { int32, utf8 } = dataTypes;
const BEFORE = [['id', int32()]] as const;
const AFTER = [...BEFORE, ['note', utf8()]] as const;

/** One whose tables keep the columns that they were opened with. */
const RIGID: AcceleratorPlugin = { ...duckdbAccelerator, id: 'rigid', canRedefine: false, canPartition: false };

describe('an accelerator that cannot change the columns of a copy', () => {
  let fixture: SchemaChangeFixture;

  beforeEach(async () => {
    fixture = await SchemaChangeFixture.open('duckdb');
    fixture.put(BEFORE, [[1]]);
  });
  afterEach(async () => {
    await fixture[Symbol.asyncDispose]();
  });

  it.each([
    [{}, { on_schema_change: 'sync_all_columns' as const }, 'sync_all_columns'],
    [{ mode: 'file_update' as const }, {}, 'file_update'],
  ])('is refused at the start where that is asked for: %o %o', async (acceleration, rest, words) => {
    const datasets = [fixture.dataset({ engine: 'rigid', ...acceleration }, rest)];
    await expect(fixture.start({ datasets }, [RIGID])).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining(words),
    });
  });

  it.each(['memory', 'file'] as const)('blocks, and a restart helps as it says, in mode %s', async (mode) => {
    const datasets = [fixture.dataset({ engine: 'rigid', mode })];
    const first = await fixture.start({ datasets }, [RIGID]);
    await first.ready();
    fixture.put(AFTER, [[2, 'new']]);
    await expect(first.refresh('orders')).rejects.toMatchObject({
      code: 'schema_mismatch',
      message: expect.stringContaining('restart the runtime'),
    });
    expect(await read(first)).toEqual([{ id: 1 }]);
    await first.close();
    const second = await fixture.start({ datasets }, [RIGID]);
    expect(await read(second)).toEqual([{ id: 2, note: 'new' }]);
  });
});
