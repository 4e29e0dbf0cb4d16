import { dataTypes } from '@millrace/core';
import { expect, it } from 'vitest';
import { columnsOf, read, SchemaChangeFixture } from './fixture.ts';

const { int32, utf8 } = dataTypes;

/** A copy of a column is found again, and the source has one more. */
async function reopen(fixture: SchemaChangeFixture, condition: string) {
  fixture.put([['id', int32()]], [[1]]);
  await (await fixture.open({ engine: 'duckdb', mode: 'file' })).close();
  fixture.put(
    [
      ['id', int32()],
      ['note', utf8()],
    ],
    [
      [1, 'old'],
      [2, 'new'],
    ],
  );
  return fixture.open(
    {
      engine: 'duckdb',
      mode: 'file',
      retention_check_enabled: true,
      retention_check_interval: '1s',
      retention_sql: `DELETE FROM orders WHERE ${condition}`,
    },
    { on_schema_change: 'append_new_columns' },
  );
}

it('a copy that is found again gets a retention over a column which comes with the next refresh', async () => {
  await using fixture = await SchemaChangeFixture.open('duckdb');
  const runtime = await reopen(fixture, "note = 'old'");
  await expect.poll(() => read(runtime), { timeout: 60_000 }).toEqual([{ id: 2, note: 'new' }]);
});

it('a copy that is found again is not refreshed where its retention names a column that is nowhere', async () => {
  await using fixture = await SchemaChangeFixture.open('duckdb');
  const runtime = await reopen(fixture, 'missing = 1');
  await expect(runtime.refresh('orders')).rejects.toMatchObject({
    code: 'invalid_config',
    message: expect.stringContaining('missing'),
  });
  expect(await read(runtime)).toEqual([{ id: 1 }]);
  expect(columnsOf(runtime)).toEqual(['id']);
});
