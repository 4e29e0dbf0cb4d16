import { batchFromColumns, batchFromRows, rowsFromBatch } from '@millrace/arrow';
import { dataTypes, type Expr, field, type RecordBatch, type Schema } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { createMemoryTable, type MemoryTable } from '../src/index.ts';
import { codeOf, column, condition, context, literal, planOf, readAll, write } from './read-all.ts';

const ROWS = 300_000;
const schema: Schema = {
  fields: [field('id', dataTypes.int32()), field('value', dataTypes.float64()), field('text', dataTypes.utf8())],
};
const big: RecordBatch = batchFromColumns(schema, [
  Int32Array.from({ length: ROWS }, (_, row) => row),
  Float64Array.from({ length: ROWS }, (_, row) => (row * 7919) % 10_007),
  Array.from({ length: ROWS }, (_, row) => `text ${row % 1000}`),
]);
const id = column('id', dataTypes.int32());
const value = column('value', dataTypes.float64());
const random: Expr = { kind: 'call', function: 'random', args: [], type: dataTypes.float64() };

function table(partitionCount = 1): MemoryTable {
  return createMemoryTable({ name: 'big', schema, batches: [big], partitionCount });
}

describe('streams', () => {
  it('do nothing before the first pull, and reject when the signal aborted', async () => {
    const plan = await planOf(table());
    const abort = new AbortController();
    const stream = plan.execute(plan.partitions[0]!, { signal: abort.signal });
    abort.abort();
    expect(
      await codeOf(async () => {
        for await (const _ of stream);
      }),
    ).toBe('cancelled');
  });

  it('reject in the middle of a filter, a sort and an aggregate', async () => {
    const slow = [
      condition(
        'gt',
        { kind: 'call', function: 'add', args: [value, value], type: dataTypes.float64() },
        literal(-1, dataTypes.float64()),
      ),
    ];
    const requests = [
      { filters: slow },
      { order: [{ expr: value, descending: false, nullsFirst: false }] },
      {
        aggregate: {
          groupBy: [value],
          calls: [{ function: 'count', args: [], distinct: false, type: dataTypes.int64() }],
        },
      },
    ] as const;
    for (const request of requests) {
      const plan = await planOf(table(), request);
      const abort = new AbortController();
      setTimeout(() => abort.abort(), 5);
      expect(
        await codeOf(async () => {
          for await (const _ of plan.execute(plan.partitions[0]!, { signal: abort.signal }))
            await new Promise(setImmediate);
        }),
      ).toBe('cancelled');
    }
  });

  it('can be read twice, at the same time, and left early', async () => {
    const plan = await planOf(table(3), { filters: [condition('lt', id, literal(10, dataTypes.int32()))] });
    const count = async (): Promise<number> => {
      let rows = 0;
      for (const partition of plan.partitions)
        for await (const batch of plan.execute(partition, context)) rows += batch.numRows;
      return rows;
    };
    for await (const _ of plan.execute(plan.partitions[0]!, context)) break;
    expect(await Promise.all([count(), count()])).toEqual([10, 10]);
  });

  it('leave the event loop free', async () => {
    const plan = await planOf(table(), {
      filters: [
        condition(
          'like',
          column('text', dataTypes.utf8()),
          literal('%9%', dataTypes.utf8()),
          literal('', dataTypes.utf8()),
        ),
      ],
      order: [{ expr: value, descending: true, nullsFirst: false }],
    });
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    let rows = 0;
    for await (const batch of plan.execute(plan.partitions[0]!, context)) rows += batch.numRows;
    clearInterval(timer);
    expect(rows).toBe(81_300);
    // A step is 4 ms of work, and there are far more than a few.
    expect(turns).toBeGreaterThan(3);
  });

  it('cut batches to the size asked for', async () => {
    const plan = await table().scan({ projection: [0], filters: [] }, { ...context, batchRowCount: 1000 });
    for await (const batch of plan.execute(plan.partitions[0]!, context))
      expect(batch.numRows).toBeLessThanOrEqual(1000);
  });
});

describe('requests', () => {
  it('take samples that are repeatable, whole and empty', async () => {
    const sample = (fraction: number, seed?: bigint, method: 'bernoulli' | 'system' = 'bernoulli') =>
      readAll(table(2), { projection: [0], sample: { fraction, method, ...(seed !== undefined && { seed }) } });
    expect(await sample(0)).toHaveLength(0);
    expect(await sample(1)).toHaveLength(ROWS);
    const first = await sample(0.1, 42n);
    expect(first.length).toBeGreaterThan(ROWS * 0.09);
    expect(first.length).toBeLessThan(ROWS * 0.11);
    expect(await sample(0.1, 42n)).toEqual(first);
    expect(await sample(0.1, 43n)).not.toEqual(first);
    const blocks = await sample(0.5, 1n, 'system');
    expect(new Set(blocks.map((row) => Math.floor(Number(row.id) / 2048))).size).toBeLessThan(ROWS / 2048);
  });

  it('read older versions by name and by time', async () => {
    const source = createMemoryTable({ schema: { fields: [schema.fields[0]!] }, rows: [[1]], versionsKept: 2 });
    const before = BigInt(Date.now()) * 1000n;
    await new Promise((resolve) => setTimeout(resolve, 3));
    await write(source, { mode: { kind: 'append' } }, [batchFromRows({ fields: [schema.fields[0]!] }, [[2]])]);
    expect(await readAll(source, { at: { version: '1' } })).toEqual([{ id: 1 }]);
    expect(await readAll(source, { at: { timestampMicros: before } })).toEqual([{ id: 1 }]);
    expect(await readAll(source, { at: { timestampMicros: BigInt(Date.now() + 1000) * 1000n } })).toHaveLength(2);
    await write(source, { mode: { kind: 'append' } }, [batchFromRows({ fields: [schema.fields[0]!] }, [[3]])]);
    expect(await codeOf(() => readAll(source, { at: { version: '1' } }))).toBe('not_found');
    expect(await codeOf(() => readAll(source, { at: { timestampMicros: 0n } }))).toBe('not_found');
  });

  it('append metadata columns, which filters can use', async () => {
    const filter = condition('ge', column('_row_id', dataTypes.int64()), literal(BigInt(ROWS - 2), dataTypes.int64()));
    const rows = await readAll(table(3), {
      projection: [],
      metadataColumns: ['_partition', '_row_id'],
      filters: [filter],
    });
    expect(rows).toEqual([
      { _partition: 2, _row_id: BigInt(ROWS - 2) },
      { _partition: 2, _row_id: BigInt(ROWS - 1) },
    ]);
    expect(await codeOf(() => readAll(table(), { metadataColumns: ['nope'] }))).toBe('invalid_argument');
    expect(await codeOf(() => readAll(table(), { projection: [9] }))).toBe('invalid_argument');
  });

  it('weaken AND around a part that cannot be evaluated, and refuse OR around one', async () => {
    const known = condition('lt', id, literal(5, dataTypes.int32()));
    const unknown = condition('lt', random, literal(2, dataTypes.float64()));
    const mixed = condition(
      'and',
      known,
      condition('eq', column('text', dataTypes.utf8()), literal(1, dataTypes.int32())),
    );
    const plan = await planOf(table(), {
      filters: [mixed, condition('or', known, unknown)],
      limit: 1n,
      order: [{ expr: id, descending: false, nullsFirst: false }],
    });
    expect(plan.applied).toMatchObject({ filters: ['inexact', 'none'], limit: 'none', order: 'exact' });
    expect(await readAll(table(), { filters: [mixed] })).toHaveLength(5);
  });

  it('compare nothing whose storage compares otherwise than the value', async () => {
    const metadata = new Map([['ARROW:extension:name', 'millrace.timetz']]);
    const source = createMemoryTable({
      schema: { fields: [{ ...field('t', dataTypes.utf8()), metadata }] },
      rows: [['12:00:00+01'], [null]],
    });
    const t = column('t', dataTypes.utf8());
    const requests = {
      filters: [condition('lt', t, literal('13', dataTypes.utf8()))],
      order: [{ expr: t, descending: false, nullsFirst: false }],
    };
    expect((await planOf(source, requests)).applied).toEqual({ filters: ['none'], order: 'none' });
    expect(await readAll(source, { filters: [condition('is_null', t)] })).toEqual([{ t: null }]);
  });

  it('find one of 40,000 values by hash', async () => {
    const list = Array.from({ length: 40_000 }, (_, index) => literal(index * 3, dataTypes.int32()));
    expect(await readAll(table(), { projection: [0], filters: [condition('in', id, ...list)] })).toHaveLength(40_000);
  });

  it('protect an expression that may raise by the filters beside it', async () => {
    const source = createMemoryTable({ schema: { fields: [field('n', dataTypes.int8())] }, rows: [[1], [127]] });
    const n = column('n', dataTypes.int8());
    const raising = condition(
      'gt',
      { kind: 'call', function: 'add', args: [n, literal(1, dataTypes.int8())], type: dataTypes.int8() },
      literal(0, dataTypes.int8()),
    );
    const guard = condition('lt', n, literal(100, dataTypes.int8()));
    expect(await readAll(source, { filters: [raising, guard] })).toEqual([{ n: 1 }]);
    expect(await readAll(source, { filters: [condition('and', raising, guard)] })).toEqual([{ n: 1 }]);
    expect(await codeOf(() => readAll(source, { filters: [raising] }))).toBe('invalid_data');
  });

  it('handle limits and offsets at their edges', async () => {
    for (const [limit, offset, expected] of [
      [0n, 0n, 0],
      [1n, 0n, 1],
      [BigInt(ROWS) + 1n, 0n, ROWS],
      [2n ** 60n, 10n, ROWS - 10],
      [5n, BigInt(ROWS), 0],
      [5n, BigInt(ROWS) - 2n, 2],
    ] as const)
      expect(await readAll(table(3), { projection: [0], limit, offset })).toHaveLength(expected);
  });

  it('read an empty table', async () => {
    const source = createMemoryTable({ schema });
    expect(await readAll(source)).toEqual([]);
    const calls = [
      { function: 'count', args: [], distinct: false, type: dataTypes.int64() },
      { function: 'max', args: [id], distinct: false, type: dataTypes.int32() },
    ] as const;
    expect(await readAll(source, { aggregate: { groupBy: [], calls } })).toEqual([{ count_0: 0n, max_1: null }]);
    expect(await readAll(source, { aggregate: { groupBy: [id], calls } })).toEqual([]);
  });
});

describe('statistics', () => {
  it('are exact, and silent where rows were filtered away', async () => {
    const source = createMemoryTable({
      schema,
      rows: [
        [3, NaN, 'b'],
        [null, 1, '\u{1F600}'],
        [1, -0, '\u{E000}'],
      ],
    });
    const all = await (await planOf(source)).statistics!();
    expect(all.rowCount).toEqual({ value: 3n, exact: true });
    expect(all.columns!.id).toEqual({
      nullCount: { value: 1n, exact: true },
      minimum: { value: 1, exact: true },
      maximum: { value: 3, exact: true },
    });
    expect(all.columns!.value!.maximum).toEqual({ value: NaN, exact: true });
    expect(all.columns!.text!.maximum).toEqual({ value: '\u{1F600}', exact: true });
    const filtered = await planOf(source, { filters: [condition('is_null', id)] });
    expect(await filtered.statistics!()).toEqual({});
    expect(filtered.partitions[0]!.rowCount).toBeUndefined();
    expect(await (await planOf(source, { limit: 5n, offset: 1n })).statistics!()).toEqual({
      rowCount: { value: 2n, exact: true },
    });
    expect((await planOf(table(3))).partitions.map((partition) => partition.rowCount)).toEqual([
      ROWS / 3,
      ROWS / 3,
      ROWS / 3,
    ]);
  });

  it('come with an explanation without row values', async () => {
    const plan = await planOf(table(), { filters: [condition('eq', id, literal(4711, dataTypes.int32()))], limit: 3n });
    expect(plan.explain()).toEqual({ source: 'memory table big', notes: ['in memory: filters exact; limit'] });
  });
});

it('reads batches of two versions of apache-arrow', async () => {
  for (const { tableFromArrays } of [await import('apache-arrow'), await import('apache-arrow-17')]) {
    const foreign = tableFromArrays({ id: Int32Array.of(1, 2, 3), text: ['a', 'b', 'c'] });
    const source = createMemoryTable({ batches: foreign.batches as unknown as readonly RecordBatch[] });
    const found = await readAll(source, { filters: [condition('gt', id, literal(1, dataTypes.int32()))] });
    expect(found).toEqual([
      { id: 2, text: 'b' },
      { id: 3, text: 'c' },
    ]);
    const native = await source.nativeRelation(context);
    expect(native?.kind === 'batches' && native.batches.flatMap((batch) => [...rowsFromBatch(batch)])).toHaveLength(3);
  }
});
