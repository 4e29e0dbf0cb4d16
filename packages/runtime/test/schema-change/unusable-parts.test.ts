import { dataTypes } from '@millrace/core';
import { expect, it } from 'vitest';
import { read, SchemaChangeFixture } from './fixture.ts';

const { int32, int64 } = dataTypes;

it('a copy whose new source cannot be asked in its place is not refreshed, until it can', async () => {
  await using fixture = await SchemaChangeFixture.open('arrow');
  const put = (type: typeof int32, amount: unknown) =>
    fixture.put(
      [
        ['id', int32()],
        ['amount', type()],
      ],
      [[1, amount]],
    );
  put(int64, 10n);
  // The copy keeps its type whatever the source has; the source is asked for the column as it is.
  const runtime = await fixture.open({
    engine: 'arrow',
    refresh_sql: 'SELECT id, CAST(amount AS BIGINT) AS amount FROM orders',
    on_zero_results: 'use_source',
  });
  put(int32, 20);
  for (let attempt = 0; attempt < 2; attempt += 1)
    await expect(runtime.refresh('orders')).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining('on_zero_results'),
    });
  expect(await read(runtime)).toEqual([{ id: 1, amount: 10n }]);
  put(int64, 30n);
  await runtime.refresh('orders');
  expect(await read(runtime)).toEqual([{ id: 1, amount: 30n }]);
  expect(await read(runtime, 'SELECT id FROM orders WHERE id = 2')).toEqual([]);
});
