import { dataTypes } from '@millrace/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ENGINES, read, SchemaChangeFixture } from './fixture.ts';

const { decimal, int32, int64, utf8 } = dataTypes;
const VERSION_COUNT = 8;
const ROW_COUNT = 3_000;

/** Columns that each value tells of: a decimal that is read with another scale is another number. */
const SHAPES = [
  {
    columns: [
      ['id', int32()],
      ['price', decimal(10, 2)],
    ],
    row: (id: number) => [id, '1.25'],
    price: '1.25',
  },
  {
    columns: [
      ['id', int32()],
      ['price', decimal(12, 3)],
    ],
    row: (id: number) => [id, '1.125'],
    price: '1.125',
  },
  {
    columns: [
      ['price', utf8()],
      ['id', int64()],
    ],
    row: (id: number) => ['text', BigInt(id)],
    price: 'text',
  },
] as const;

describe.each(ENGINES)('queries while a copy in %s gets other columns', (engine) => {
  let fixture: SchemaChangeFixture;

  beforeEach(async () => {
    fixture = await SchemaChangeFixture.open(engine);
  });
  afterEach(async () => {
    await fixture[Symbol.asyncDispose]();
  });

  function put(version: number): void {
    const { columns, row } = SHAPES[version % SHAPES.length]!;
    fixture.put(
      columns.map(([name, type]) => [name, type] as const),
      Array.from({ length: ROW_COUNT }, (_, id) => row(id)),
    );
  }

  it('see one version with its own columns, those that run keep theirs, and none fails', async () => {
    put(0);
    const runtime = await fixture.start({
      datasets: [fixture.dataset({ engine }, { on_schema_change: 'sync_all_columns' })],
      views: [{ name: 'prices', sql: 'SELECT price FROM orders' }],
    });
    await runtime.ready();
    const paused = await runtime.sql('SELECT id, price FROM orders');
    const sql = [
      'SELECT DISTINCT price::VARCHAR AS price FROM orders',
      'SELECT DISTINCT price::VARCHAR AS price FROM prices',
      'SELECT DISTINCT price::VARCHAR AS price FROM orders WHERE id < 2000',
    ];
    let isDone = false;
    const readers = sql.flatMap((statement) =>
      [{}, { native: 'off' as const }].map(async (options) => {
        const seen = new Set<unknown>();
        while (!isDone) {
          const rows = await (await runtime.sql(statement, options)).toRows();
          expect(rows).toHaveLength(1);
          seen.add(rows[0]?.price);
          await new Promise((resolve) => setImmediate(resolve));
        }
        return seen;
      }),
    );
    const ended = Promise.all(readers);
    ended.catch(() => undefined);
    try {
      for (let version = 1; version <= VERSION_COUNT; version++) {
        put(version);
        await runtime.refresh('orders');
        const { price } = SHAPES[version % SHAPES.length]!;
        expect(await read(runtime, sql[1])).toEqual([{ price }]);
      }
    } finally {
      isDone = true;
    }
    const known = new Set<unknown>(SHAPES.map(({ price }) => price));
    for (const seen of await ended) for (const price of seen) expect(known).toContain(price);
    const kept = await paused.toRows();
    expect(kept).toHaveLength(ROW_COUNT);
    expect(new Set(kept.map(({ price }) => String(price)))).toEqual(new Set(['1.25']));
  });
});
