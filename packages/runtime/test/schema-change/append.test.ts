import { dataTypes } from '@millrace/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { columnsOf, ENGINES, read, SchemaChangeFixture } from './fixture.ts';

const { int32, int64, utf8 } = dataTypes;
const BEFORE = [
  ['id', int32()],
  ['note', utf8()],
] as const;

describe.each(ENGINES)('on_schema_change of a copy in %s that is appended to', (engine) => {
  let fixture: SchemaChangeFixture;

  beforeEach(async () => {
    fixture = await SchemaChangeFixture.open(engine);
    fixture.put(BEFORE, [
      [1, 'first'],
      [2, '22'],
    ]);
  });
  afterEach(async () => {
    await fixture[Symbol.asyncDispose]();
  });

  const open = (rule: 'append_new_columns' | 'sync_all_columns' | 'drop_and_recreate') =>
    fixture.open(
      { engine, refresh_mode: 'append', primary_key: 'id', on_conflict: { id: 'upsert' } },
      { on_schema_change: rule, time_column: 'id', time_format: 'unix_seconds' },
    );

  it('append_new_columns keeps the rows that the source has no more, with nulls in what is new', async () => {
    const runtime = await open('append_new_columns');
    fixture.put(
      [...BEFORE, ['price', int32()]],
      [
        [2, '22', 20],
        [3, 'third', 30],
      ],
    );
    expect(await runtime.refresh('orders')).toMatchObject({ mode: 'append', rowCount: 2n });
    const rows = [
      { id: 1, note: 'first', price: null },
      { id: 2, note: '22', price: 20 },
      { id: 3, note: 'third', price: 30 },
    ];
    expect(await read(runtime)).toEqual(rows);
    expect(await runtime.refresh('orders')).toMatchObject({ mode: 'append', rowCount: 1n });
    expect(await read(runtime)).toEqual(rows);
    fixture.put(
      [
        ['id', int64()],
        ['note', utf8()],
        ['price', int32()],
      ],
      [
        [3n, 'third', 30],
        [4n, 'fourth', 40],
      ],
    );
    await runtime.refresh('orders');
    expect(await read(runtime, 'SELECT id FROM orders ORDER BY id')).toEqual([1n, 2n, 3n, 4n].map((id) => ({ id })));
    fixture.put([['id', int64()]], [[4n], [5n]]);
    await expect(runtime.refresh('orders')).rejects.toMatchObject({
      code: 'schema_mismatch',
      message: expect.stringMatching(/note is gone, price is gone.*on_schema_change: sync_all_columns/s),
    });
  });

  it('sync_all_columns converts the rows that stay, and advises a whole load where it cannot', async () => {
    const runtime = await open('sync_all_columns');
    fixture.put(
      [
        ['id', int32()],
        ['note', int32()],
      ],
      [[3, 33]],
    );
    await expect(runtime.refresh('orders')).rejects.toMatchObject({
      code: 'schema_mismatch',
      message: expect.stringMatching(/the columns note.*on_schema_change: drop_and_recreate/s),
    });
    expect(await read(runtime)).toEqual([
      { id: 1, note: 'first' },
      { id: 2, note: '22' },
    ]);
    await runtime.close();
    const advised = await open('drop_and_recreate');
    expect(await read(advised)).toEqual([{ id: 3, note: 33 }]);
    fixture.put(
      [
        ['id', int32()],
        ['text', utf8()],
      ],
      [[4, 'four']],
    );
    expect(await advised.refresh('orders')).toMatchObject({ mode: 'full' });
    expect(await read(advised)).toEqual([{ id: 4, text: 'four' }]);
  });

  it('sync_all_columns lets columns go, and converts what fits', async () => {
    fixture.put(BEFORE, [
      [1, '11'],
      [2, '22'],
    ]);
    const runtime = await open('sync_all_columns');
    fixture.put(
      [
        ['note', int32()],
        ['id', int32()],
      ],
      [
        [22, 2],
        [33, 3],
      ],
    );
    await runtime.refresh('orders');
    expect(await read(runtime)).toEqual([
      { note: 11, id: 1 },
      { note: 22, id: 2 },
      { note: 33, id: 3 },
    ]);
    fixture.put([['id', int32()]], [[3], [4]]);
    await runtime.refresh('orders');
    expect(await read(runtime)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }]);
    expect(columnsOf(runtime)).toEqual(['id']);
  });
});
