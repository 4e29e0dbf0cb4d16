import { batchFromRows, rowArraysFromBatch } from '@millrace/arrow';
import {
  type AcceleratedTable,
  dataTypes,
  type Expr,
  field,
  MillraceError,
  type OnConflict,
  type RecordBatch,
  type ScalarFunction,
  type Schema,
  type WriteMode,
} from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { CONTEXT, heldBatches, openTable, scan } from './open-table.ts';

/** `t` is what windows are about. */
const SCHEMA: Schema = {
  fields: [
    field('a', dataTypes.int64()),
    field('b', dataTypes.utf8()),
    field('t', dataTypes.int32()),
    field('v', dataTypes.list(dataTypes.float64())),
  ],
};

type Row = readonly [bigint | null, string | null, number | null, readonly number[] | null];

const call = (name: ScalarFunction, ...args: Expr[]): Expr => ({
  kind: 'call',
  function: name,
  args,
  type: dataTypes.bool(),
});
const t: Expr = { kind: 'column', path: ['t'], type: dataTypes.int32() };
const number = (value: number): Expr => ({ kind: 'literal', value, type: dataTypes.int32() });
/** The window that an append replaces: everything from a bound on, and what has no place in time. */
const from = (bound: number): WriteMode => ({
  kind: 'overwrite_where',
  filters: [call('or', call('ge', t, number(bound)), call('is_null', t))],
});
const overwrite: WriteMode = { kind: 'overwrite' };

async function write(
  table: AcceleratedTable,
  how: WriteMode,
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
): Promise<bigint> {
  await using session = await table.beginRefresh({ mode: how }, CONTEXT);
  await using writer = await session.writer();
  for await (const batch of batches) await writer.write(batch);
  await writer.finish();
  return (await session.commit({ refreshedAtMs: 1, bootstrapComplete: true, watermark: 'w' })).rowCount;
}

const rows = (...written: Row[]): RecordBatch[] => [batchFromRows(SCHEMA, written)];

function describeRows(found: readonly (readonly unknown[])[]): string[] {
  return found.map((row) => row.map((value) => String(value)).join('|')).sort();
}

async function read(table: AcceleratedTable): Promise<string[]> {
  const found = (await scan(table)).flatMap((batch) => [...rowArraysFromBatch(batch)]);
  expect(table.checkpoint?.rowCount).toBe(BigInt(found.length));
  return describeRows(found);
}

describe('appends', () => {
  it('replace the rows of the window, with ties, nulls and duplicates as often as they are written', async () => {
    const { table } = await openTable(SCHEMA);
    const kept: Row[] = [
      [1n, 'old', 1, [1]],
      [2n, 'old', 2, [1, 2]],
      [2n, 'old', 2, [1, 2]],
    ];
    await write(table, overwrite, rows(...kept, [3n, 'gone', 3, null], [4n, 'gone', null, []]));
    const written: Row[] = [
      [3n, 'new', 3, [Number.NaN]],
      [3n, 'new', 3, [Number.NaN]],
      [5n, 'new', null, null],
      [5n, 'new', null, null],
      [null, null, null, null],
    ];
    expect(await write(table, from(3), rows(...written))).toBe(5n);
    expect(await read(table)).toEqual(describeRows([...kept, ...written]));
    expect(table.checkpoint).toMatchObject({ watermark: 'w', rowCount: 8n });
    expect(await write(table, from(3), [])).toBe(0n);
    expect(await read(table)).toEqual(describeRows(kept));
    await write(table, { kind: 'overwrite_where', filters: [] }, rows([9n, 'all', 9, [9]]));
    expect(await read(table)).toEqual(describeRows([[9n, 'all', 9, [9]]]));
  });

  it('fill an empty table, which is then loaded', async () => {
    const { table } = await openTable(SCHEMA, { primaryKey: ['a'] });
    await write(table, from(5), rows([1n, 'x', 1, null], [2n, 'x', 9, null]));
    expect(table.checkpoint).toMatchObject({ watermark: 'w', rowCount: 2n });
    await write(table, from(0), []);
    expect(await read(table)).toEqual([]);
  });

  const old: readonly Row[] = [
    [1n, 'a', 1, [10]],
    [2n, 'a', 2, [10]],
    [null, 'a', 2, [10]],
    [7n, 'a', 7, [10]],
  ];
  const nulls: readonly Row[] = [
    [null, 'b', 8, [4, 5]],
    [null, 'b', 8, [4, 5]],
  ];
  const rules: readonly (readonly [
    OnConflict,
    readonly Row[],
    readonly Row[] | 'integrity',
    readonly Row[] | 'integrity',
  ])[] = [
    [
      'drop',
      [[1n, 'b', 8, [1]], [7n, 'b', 8, [2]], [7n, 'b', 8, [3]], ...nulls],
      [[1n, 'b', 8, [1]], [7n, 'b', 8, [2]], ...nulls],
      [...old.slice(0, 3), [7n, 'b', 8, [2]], ...nulls],
    ],
    [
      'upsert',
      [[1n, 'b', 8, [1]], ...nulls],
      [[1n, 'b', 8, [1]], ...nulls],
      [[1n, 'b', 8, [1]], ...old.slice(1, 3), ...nulls],
    ],
    [
      'upsert',
      [
        [5n, 'b', 8, [1]],
        [5n, 'b', 8, [1]],
      ],
      'integrity',
      'integrity',
    ],
    [
      'upsert_dedup',
      [[1n, null, 8, [1, Number.NaN]], [1n, null, 8, [1, Number.NaN]], [5n, 'b', null, []], ...nulls],
      [[1n, null, 8, [1, Number.NaN]], [5n, 'b', null, []], nulls[0]!],
      [[1n, null, 8, [1, Number.NaN]], ...old.slice(1, 3), [5n, 'b', null, []], nulls[0]!],
    ],
    [
      'upsert_dedup',
      [
        [5n, 'b', 8, [1]],
        [5n, 'b', 8, [2]],
      ],
      'integrity',
      'integrity',
    ],
    [
      'upsert_dedup_by_row_id',
      [[1n, 'b', 8, [1]], [5n, 'b', 9, [1]], [1n, 'c', 6, [2]], [5n, 'c', 8, [3]], [5n, 'd', 7, [2]], ...nulls],
      [[1n, 'c', 6, [2]], [5n, 'd', 7, [2]], ...nulls],
      [[1n, 'c', 6, [2]], ...old.slice(1, 3), [5n, 'd', 7, [2]], ...nulls],
    ],
  ];
  it.each(rules)('rule %s, case %#', async (onConflict, written, replaced, appended) => {
    const { table } = await openTable(SCHEMA, { primaryKey: ['a'], onConflict });
    expect(table.constraints).toEqual([{ kind: 'primary_key', columns: ['a'], enforced: true }]);
    for (const [how, wanted] of [
      [overwrite, replaced],
      [from(7), appended],
    ] as const) {
      // In one batch, and row by row.
      for (const batches of [rows(...written), written.map((row) => batchFromRows(SCHEMA, [row]))]) {
        await write(table, overwrite, rows(...old));
        const { checkpoint } = table;
        if (wanted === 'integrity') {
          await expect(write(table, how, batches)).rejects.toMatchObject({ code: 'integrity' });
          expect(await read(table)).toEqual(describeRows(old));
          expect(table.checkpoint).toBe(checkpoint);
        } else {
          await write(table, how, batches);
          expect(await read(table)).toEqual(describeRows(wanted));
        }
      }
    }
  });

  it('know composite keys and unique indexes over old and new rows', async () => {
    const indexes = [{ columns: ['t'], unique: true }];
    const { table } = await openTable(SCHEMA, { primaryKey: ['a', 'b'], indexes });
    await write(
      table,
      overwrite,
      rows([1n, 'x', 1, null], [1n, 'y', 2, null], [1n, null, 3, null], [2n, 'x', null, null]),
    );
    await write(
      table,
      from(10),
      rows([1n, 'x', 11, null], [1n, null, 12, null], [12n, '', 13, null], [1n, '2', 14, null]),
    );
    const kept: Row[] = [
      [1n, 'y', 2, null],
      [1n, null, 3, null],
    ];
    const added: Row[] = [
      [1n, 'x', 11, null],
      [1n, null, 12, null],
      [12n, '', 13, null],
      [1n, '2', 14, null],
    ];
    expect(await read(table)).toEqual(describeRows([...kept, ...added]));
    for (const broken of [rows([5n, 'z', 2, null]), rows([5n, 'z', 20, null], [6n, 'z', 20, null])])
      await expect(write(table, from(10), broken)).rejects.toMatchObject({
        code: 'integrity',
        message: expect.stringContaining('the same t'),
      });
    expect(await read(table)).toEqual(describeRows([...kept, ...added]));
    await write(table, from(10), rows([1n, 'y', 2, [7]]));
    expect(await read(table)).toEqual(
      describeRows([
        [1n, null, 3, null],
        [1n, 'y', 2, [7]],
      ]),
    );
    await expect(openTable(SCHEMA, { primaryKey: ['nowhere'] })).rejects.toMatchObject({ code: 'invalid_config' });
  });

  it('leave batches without a row of the window where they are, and readers the rows they began with', async () => {
    const { table } = await openTable(SCHEMA);
    const large = (start: number, v: number): RecordBatch =>
      batchFromRows(
        SCHEMA,
        Array.from({ length: 100_000 }, (_, i): Row => [BigInt(start + i), 'x', start + i, [v]]),
      );
    await write(table, overwrite, [large(0, 0), large(100_000, 0)]);
    const [first] = await heldBatches(table);
    const plan = await table.scan({ projection: [0, 3], filters: [] }, CONTEXT);
    const seen: unknown[] = [];
    for await (const batch of plan.execute(plan.partitions[0]!, { ...CONTEXT, batchRowCount: 50_000 })) {
      if (seen.length === 0) await write(table, from(150_000), [large(150_000, 1)]);
      for (const [, v] of rowArraysFromBatch(batch)) seen.push((v as unknown[])[0]);
    }
    expect(seen).toHaveLength(200_000);
    expect(new Set(seen)).toEqual(new Set([0]));
    const held = await heldBatches(table);
    expect(held[0]?.data.children).toBe(first?.data.children);
    const values = (await scan(table)).flatMap((batch) => [...rowArraysFromBatch(batch)]);
    expect(values).toHaveLength(250_000);
    expect(new Set(values.map(([a]) => a)).size).toBe(250_000);
    expect(values.filter(([a, , , v]) => (v as unknown[])[0] !== (Number(a) < 150_000 ? 0 : 1))).toEqual([]);
  });

  it('in small steps make few batches', async () => {
    const { table } = await openTable(SCHEMA, { primaryKey: ['a'] });
    for (let step = 0; step < 200; step++)
      await write(
        table,
        from(step * 10 - 5),
        rows(...Array.from({ length: 15 }, (_, i): Row => [BigInt(step * 10 - 5 + i), 'x', step * 10 - 5 + i, [step]])),
      );
    expect(await heldBatches(table)).toHaveLength(1);
    const found = (await scan(table)).flatMap((batch) => [...rowArraysFromBatch(batch)]);
    expect(found.map(([a]) => Number(a))).toEqual(Array.from({ length: 2_005 }, (_, i) => i - 5));
  });

  it('that fail, are cancelled, given up or too large change nothing', async () => {
    const { table } = await openTable(SCHEMA, { primaryKey: ['a'] }, { arrow_memory_limit: '500KB' });
    await write(table, overwrite, rows(...old));
    const { checkpoint } = table;
    const held = await heldBatches(table);
    const failing = (async function* () {
      yield* rows([1n, 'b', 9, null]);
      throw new MillraceError({ code: 'unavailable', component: 'source', message: 'gone' });
    })();
    await expect(write(table, from(0), failing)).rejects.toMatchObject({ code: 'unavailable' });
    const abort = new AbortController();
    const session = await table.beginRefresh({ mode: from(0) }, { signal: abort.signal });
    const writer = await session.writer();
    await writer.write(rows([1n, 'b', 9, null])[0]!);
    await writer.finish();
    abort.abort();
    await expect(session.commit({ refreshedAtMs: 1, bootstrapComplete: true })).rejects.toMatchObject({
      code: 'cancelled',
    });
    await session.abort();
    const ordinary: WriteMode = {
      kind: 'overwrite_where',
      filters: [call('eq', t, { kind: 'literal', value: 'x', type: dataTypes.utf8() })],
    };
    await expect(table.beginRefresh({ mode: ordinary }, CONTEXT)).rejects.toMatchObject({ code: 'unsupported' });
    const block = (start: number): RecordBatch[] =>
      rows(...Array.from({ length: 8_000 }, (_, i): Row => [BigInt(start + i), 'some text', start + i, [1, 2]]));
    expect(await heldBatches(table)).toBe(held);
    expect(table.checkpoint).toBe(checkpoint);
    await write(table, from(100), block(100));
    // Neither part is too large by itself.
    await expect(write(table, from(100_000), block(100_000))).rejects.toMatchObject({
      code: 'resource_exhausted',
      hint: expect.stringContaining('duckdb'),
    });
    expect(table.checkpoint?.rowCount).toBe(8_004n);
    await write(table, from(100), block(100_000));
    expect(table.checkpoint?.rowCount).toBe(8_004n);
  });
});
