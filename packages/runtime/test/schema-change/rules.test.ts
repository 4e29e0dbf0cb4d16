import { type DataType, dataTypes } from '@millrace/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OnSchemaChange } from '../../src/config/index.ts';
import { columnsOf, ENGINES, read, SchemaChangeFixture } from './fixture.ts';

const { int32, int64, utf8, date } = dataTypes;

interface Change {
  readonly columns: readonly (readonly [string, DataType])[];
  readonly rows: readonly (readonly unknown[])[];
  /** What a refresh says of it; undefined where it is no change that counts. */
  readonly words: string | undefined;
  readonly isAdditive: boolean;
  readonly read: readonly unknown[];
}

const BEFORE = [
  ['id', int32()],
  ['note', utf8()],
] as const;

const CHANGES: Readonly<Record<string, Change>> = {
  'a new column': {
    columns: [...BEFORE, ['price', int32()]],
    rows: [[1, 'a', 5]],
    words: 'price int32 is new',
    isAdditive: true,
    read: [{ id: 1, note: 'a', price: 5 }],
  },
  'a column that is gone': {
    columns: [['id', int32()]],
    rows: [[1]],
    words: 'note is gone',
    isAdditive: false,
    read: [{ id: 1 }],
  },
  'a column of another name': {
    columns: [
      ['id', int32()],
      ['remark', utf8()],
    ],
    rows: [[1, 'a']],
    words: 'remark utf8 is new, note is gone',
    isAdditive: false,
    read: [{ id: 1, remark: 'a' }],
  },
  'a wider type': {
    columns: [
      ['id', int64()],
      ['note', utf8()],
    ],
    rows: [[1n << 40n, 'a']],
    words: 'id int32 is int64 now',
    isAdditive: true,
    read: [{ id: 1n << 40n, note: 'a' }],
  },
  'another type': {
    columns: [
      ['id', int32()],
      ['note', int32()],
    ],
    rows: [[1, 7]],
    words: 'note utf8 is int32 now',
    isAdditive: false,
    read: [{ id: 1, note: 7 }],
  },
  'another order': {
    columns: [
      ['note', utf8()],
      ['id', int32()],
    ],
    rows: [['a', 1]],
    words: undefined,
    isAdditive: true,
    read: [{ note: 'a', id: 1 }],
  },
};

const RULES: readonly OnSchemaChange[] = [
  'block',
  'fail',
  'append_new_columns',
  'sync_all_columns',
  'drop_and_recreate',
];

/** Short runs ask the engines that keep rows in files or on a server once for each kind of rule. */
function rulesFor(engine: string): readonly OnSchemaChange[] {
  const isShort = process.env.MILLRACE_TEST_FULL !== '1' && !['arrow', 'duckdb'].includes(engine);
  return isShort ? ['block', 'sync_all_columns'] : RULES;
}

function isBlocked({ words, isAdditive }: Change, rule: OnSchemaChange): boolean {
  if (words === undefined) return false;
  return rule === 'block' || rule === 'fail' || (rule === 'append_new_columns' && !isAdditive);
}

describe.each(ENGINES)('on_schema_change of a copy in %s that is refreshed in full', (engine) => {
  let fixture: SchemaChangeFixture;

  beforeEach(async () => {
    fixture = await SchemaChangeFixture.open(engine);
    fixture.put(BEFORE, [[1, 'old']]);
  });
  afterEach(async () => {
    await fixture[Symbol.asyncDispose]();
  });

  it.each(rulesFor(engine))('%s', async (rule) => {
    const changes = Object.values(CHANGES).map((change, number) => ({ ...change, table: `orders_${number}` }));
    for (const { table } of changes) fixture.put(BEFORE, [[1, 'old']], table);
    const datasets = changes.map(({ table }) => fixture.dataset({ engine }, { on_schema_change: rule }, table));
    const runtime = await fixture.start({ datasets });
    const rowsOf = (table: string) => read(runtime, `SELECT * FROM ${table}`);
    const countOf = (name: string, table: string): unknown => {
      const family = runtime.metrics().find((each) => each.name === name);
      if (family?.kind !== 'counter') throw new Error(`${name} is no counter`);
      return family.samples.find(({ labels }) => labels.dataset === table)?.value;
    };
    const statusOf = (table: string) => runtime.status().datasets.find(({ name }) => name === table);
    for (const change of changes) {
      const { table } = change;
      expect(await rowsOf(table)).toEqual([{ id: 1, note: 'old' }]);
      fixture.put(change.columns, change.rows, table);
      if (!isBlocked(change, rule)) {
        for (const time of ['first', 'second']) {
          await runtime.refresh(table);
          expect(await rowsOf(table), time).toEqual(change.read);
          expect(columnsOf(runtime, table)).toEqual(change.columns.map(([column]) => column));
          expect(statusOf(table)).toMatchObject({ state: 'ready', rowCount: 1n });
          const changeCount = change.words === undefined ? undefined : 1;
          expect(countOf('schema_evolution_detected', table)).toBe(changeCount);
          expect(countOf('schema_evolution_applied', table)).toBe(changeCount);
        }
        continue;
      }
      const failed = { code: 'schema_mismatch', message: expect.stringContaining(change.words ?? '') };
      await expect(runtime.refresh(table)).rejects.toMatchObject(failed);
      expect(columnsOf(runtime, table)).toEqual(['id', 'note']);
      expect(countOf('schema_evolution_detected', table)).toBe(1);
      expect(countOf('schema_evolution_applied', table)).toBeUndefined();
      expect(statusOf(table)).toMatchObject({ state: 'error', rowCount: 1n, lastErrorCode: 'schema_mismatch' });
      if (rule === 'fail') await expect(rowsOf(table)).rejects.toMatchObject(failed);
      else expect(await rowsOf(table)).toEqual([{ id: 1, note: 'old' }]);
      fixture.put(BEFORE, [[2, 'back']], table);
      await runtime.refresh(table);
      expect(await rowsOf(table)).toEqual([{ id: 2, note: 'back' }]);
    }
  });

  it('goes by columns that a refresh_sql keeps, and by none that it leaves out', async () => {
    const runtime = await fixture.open({ engine, refresh_sql: 'SELECT id, id + 1 AS next FROM orders' });
    fixture.put(
      [
        ['id', int32()],
        ['note', date()],
        ['more', utf8()],
      ],
      [[5, null, 'x']],
    );
    await runtime.refresh('orders');
    expect(await read(runtime)).toEqual([{ id: 5, next: 6 }]);
    fixture.put([['id', int64()]], [[5n]]);
    await expect(runtime.refresh('orders')).rejects.toMatchObject({
      code: 'schema_mismatch',
      message: expect.stringContaining('id int32 is int64 now, next int32 is int64 now'),
    });
    fixture.put([['other', int64()]], [[5n]]);
    await expect(runtime.refresh('orders')).rejects.toMatchObject({ code: 'invalid_config' });
    expect(await read(runtime)).toEqual([{ id: 5, next: 6 }]);
  });

  it('has nothing to say of columns that are declared: a source without them fails', async () => {
    const columns = [
      { name: 'id', type: 'INTEGER' },
      { name: 'note', type: 'VARCHAR' },
    ];
    const runtime = await fixture.open({ engine }, { columns, on_schema_change: 'sync_all_columns' });
    fixture.put([['id', int32()]], [[2]]);
    await expect(runtime.refresh('orders')).rejects.toMatchObject({ code: 'schema_mismatch' });
    expect(await read(runtime)).toEqual([{ id: 1, note: 'old' }]);
    expect(columnsOf(runtime)).toEqual(['id', 'note']);
  });

  it('does not look at a copy that has no rows yet', async () => {
    const runtime = await fixture.open({
      engine,
      refresh_sql: 'SELECT id, note, error(note) IS NULL AS ok FROM orders',
    });
    expect(runtime.datasets()[0]).toMatchObject({ state: 'error' });
    fixture.put(
      [
        ['id', int64()],
        ['note', utf8()],
      ],
      [],
    );
    await runtime.refresh('orders');
    expect(runtime.datasets()[0]).toMatchObject({ state: 'ready', rowCount: 0n });
    expect(runtime.datasets()[0]?.schema?.fields[0]?.type).toMatchObject({ bitWidth: 64 });
  });

  it('takes keys and views along', async () => {
    const acceleration = { engine, primary_key: 'id', indexes: { note: 'enabled' } } as const;
    const runtime = await fixture.start({
      datasets: [fixture.dataset(acceleration, { on_schema_change: 'sync_all_columns' })],
      views: [
        { name: 'all_orders', sql: 'SELECT * FROM orders' },
        { name: 'notes', sql: 'SELECT note FROM all_orders' },
      ],
    });
    expect(await read(runtime, 'SELECT * FROM notes')).toEqual([{ note: 'old' }]);
    fixture.put([['id', int64()], ...BEFORE.slice(1), ['price', int32()]], [[1n, 'new', 5]]);
    await runtime.refresh('orders');
    expect(await read(runtime, 'SELECT * FROM all_orders')).toEqual([{ id: 1n, note: 'new', price: 5 }]);
    expect(await read(runtime, 'SELECT * FROM notes')).toEqual([{ note: 'new' }]);
    expect(await read(runtime, 'DESCRIBE orders')).toHaveLength(3);
    fixture.put([['id', int64()]], [[1n]]);
    await expect(runtime.refresh('orders')).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining('note'),
    });
    expect(await read(runtime, 'SELECT * FROM notes')).toEqual([{ note: 'new' }]);
  });
});
