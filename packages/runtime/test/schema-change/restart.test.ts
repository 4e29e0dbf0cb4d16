import { dataTypes } from '@millrace/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OnSchemaChange } from '../../src/config/index.ts';
import { columnsOf, FILE_ENGINES, read, SchemaChangeFixture } from './fixture.ts';

const { int32, utf8 } = dataTypes;
const BEFORE = [
  ['id', int32()],
  ['note', utf8()],
] as const;
const AFTER = [...BEFORE, ['price', int32()]] as const;
const OLD = [{ id: 1, note: 'old' }];
const NEW = [{ id: 2, note: 'new', price: 5 }];

describe.each(FILE_ENGINES)('a file of %s whose source has other columns after a restart', (engine) => {
  let fixture: SchemaChangeFixture;

  beforeEach(async () => {
    fixture = await SchemaChangeFixture.open(engine);
    fixture.put(BEFORE, [[1, 'old']]);
  });
  afterEach(async () => {
    await fixture[Symbol.asyncDispose]();
  });

  const open = (rule?: OnSchemaChange) =>
    fixture.open({ engine, mode: 'file' }, rule ? { on_schema_change: rule } : {});
  const change = () => fixture.put(AFTER, [[2, 'new', 5]]);

  it('serves its old rows and says what to do, which helps', async () => {
    await (await open()).close();
    change();
    const blocked = await open();
    await expect(blocked.refresh('orders')).rejects.toMatchObject({
      code: 'schema_mismatch',
      message: expect.stringContaining('on_schema_change: append_new_columns'),
    });
    expect(await read(blocked)).toEqual(OLD);
    expect(columnsOf(blocked)).toEqual(['id', 'note']);
    expect(blocked.status()).toMatchObject({ isReady: true, isDegraded: true });
    await blocked.close();
    const advised = await open('append_new_columns');
    await advised.refresh('orders');
    expect(await read(advised)).toEqual(NEW);
    expect(columnsOf(advised)).toEqual(['id', 'note', 'price']);
    await advised.close();
    fixture.put(AFTER, [[3, 'newer', 6]]);
    const again = await open();
    expect(await read(again)).toEqual(NEW);
  });

  it('goes on as before once the source has its old columns back', async () => {
    await (await open()).close();
    change();
    const runtime = await open();
    await expect(runtime.refresh('orders')).rejects.toMatchObject({ code: 'schema_mismatch' });
    fixture.put(BEFORE, [[3, 'back']]);
    await runtime.refresh('orders');
    expect(await read(runtime)).toEqual([{ id: 3, note: 'back' }]);
    expect(runtime.status().isDegraded).toBe(false);
  });

  it('is not found again in the mode file_create', async () => {
    const create = () => fixture.open({ engine, mode: 'file_create', refresh_sql: 'SELECT id, note FROM orders' });
    const first = await create();
    expect(await read(first)).toEqual(OLD);
    fixture.put(BEFORE, [[9, 'nine']]);
    await first.close();
    const second = await create();
    expect(await read(second)).toEqual([{ id: 9, note: 'nine' }]);
    expect(second.datasets()[0]).toMatchObject({ mode: 'file_create', rowCount: 1n });
  });

  it('is found again in the mode file_update, and loaded anew where columns are gone', async () => {
    const update = () =>
      fixture.open(
        { engine, mode: 'file_update', refresh_mode: 'append' },
        { time_column: 'id', time_format: 'unix_seconds' },
      );
    fixture.put(BEFORE, [
      [0, 'older'],
      [1, 'old'],
    ]);
    await (await update()).close();
    fixture.put(AFTER, [
      [1, 'old', 4],
      [2, 'new', 5],
    ]);
    const additive = await update();
    await additive.refresh('orders');
    expect(await read(additive)).toEqual([
      { id: 0, note: 'older', price: null },
      { id: 1, note: 'old', price: 4 },
      ...NEW,
    ]);
    await additive.close();
    fixture.put([['id', int32()]], [[7]]);
    const recreated = await update();
    await recreated.refresh('orders');
    expect(await read(recreated)).toEqual([{ id: 7 }]);
    expect(recreated.datasets()[0]).toMatchObject({ mode: 'file_update', state: 'ready' });
  });
});
