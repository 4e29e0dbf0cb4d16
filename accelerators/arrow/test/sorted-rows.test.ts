import { type BuildValue, batchFromRows, rowArraysFromBatch } from '@millrace/arrow';
import {
  type AcceleratedTable,
  type DataType,
  dataTypes,
  type Expr,
  field,
  type PartitionTransform,
  type RecordBatch,
  type ScalarFunction,
  type Schema,
  TypeId,
} from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { CONTEXT, heldBatches, openTable, refresh, scan } from './open-table.ts';

const COLOUR: DataType = {
  typeId: TypeId.Dictionary,
  indices: dataTypes.int32(),
  dictionary: dataTypes.utf8(),
  id: 1,
};
const SCHEMA: Schema = {
  fields: [
    field('id', dataTypes.int32()),
    field('customer', dataTypes.int64()),
    field('name', dataTypes.utf8()),
    field('moment', dataTypes.timestamp()),
    field('price', dataTypes.decimal(18, 2)),
    field('ratio', dataTypes.float64()),
    field('colour', COLOUR),
  ],
};
const ROW_COUNT = 40_000;
const DAY_US = 86_400_000_000n;
/** Values above what a double tells apart. */
const CUSTOMERS_FROM = 2n ** 60n;

type Row = readonly BuildValue[];

/** Rows in no order; some values are null. */
function rowAt(id: number): Row {
  const customer = (id * 7_919) % 10_000;
  return [
    id,
    id % 101 === 0 ? null : CUSTOMERS_FROM + BigInt(customer),
    `customer ${id % 3 === 0 ? '\u{10000}' : 'é'}${customer}`,
    id % 103 === 0 ? null : BigInt((id * 6_007) % 1_096) * DAY_US + BigInt(id),
    BigInt((id * 31) % 50_000) - 25_000n,
    id % 107 === 0 ? Number.NaN : (id * 17) % 1_000,
    `colour ${(id * 13) % 7}`,
  ];
}
const ROWS: readonly Row[] = Array.from({ length: ROW_COUNT }, (_, id) => rowAt(id));

function toBatches(rows: readonly Row[]): RecordBatch[] {
  const size = 5_000;
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, part) =>
    batchFromRows(SCHEMA, rows.slice(part * size, (part + 1) * size)),
  );
}
const BATCHES: readonly RecordBatch[] = toBatches(ROWS);

async function rowsOf(table: AcceleratedTable, projection = [0, 1, 2, 3, 4, 5, 6]): Promise<unknown[][]> {
  return (await scan(table, { projection })).flatMap((batch) => [...rowArraysFromBatch(batch)].map((row) => [...row]));
}

/** The rows as they come. */
const UNSORTED: readonly unknown[][] = BATCHES.flatMap((batch) =>
  [...rowArraysFromBatch(batch)].map((row) => [...row]),
);

/** The values of a column in the order in which the rows are. */
function textsOf(rows: readonly (readonly unknown[])[], column: string): string[] {
  const ordinal = SCHEMA.fields.findIndex(({ name }) => name === column);
  return rows.map((row) => String(row[ordinal]));
}

const call = (name: ScalarFunction, type: DataType, ...args: Expr[]): Expr => ({
  kind: 'call',
  function: name,
  type,
  args,
});
const column = (name: string): Expr => ({
  kind: 'column',
  path: [name],
  type: SCHEMA.fields.find((each) => each.name === name)!.type,
});
const literal = (type: DataType, value: string | number | bigint): Expr => ({ kind: 'literal', type, value });
const between = (name: string, low: bigint | number, high: bigint | number): Expr[] => {
  const { type } = column(name);
  return [
    call('ge', dataTypes.bool(), column(name), literal(type, low)),
    call('lt', dataTypes.bool(), column(name), literal(type, high)),
  ];
};
const monthIs = (month: bigint): Expr => {
  const part = call('extract', dataTypes.int64(), literal(dataTypes.utf8(), 'month'), column('moment'));
  return call('eq', dataTypes.bool(), part, literal(dataTypes.int64(), month));
};

/** What keeps rows together, sort columns, and filters that want few of them. */
const CASES: readonly (readonly [string, readonly PartitionTransform[], string | undefined, readonly Expr[]])[] = [
  [
    'a column',
    [{ kind: 'identity', column: 'Customer' }],
    undefined,
    between('customer', CUSTOMERS_FROM + 42n, CUSTOMERS_FROM + 43n),
  ],
  [
    'a bucket',
    [{ kind: 'bucket', column: 'customer', count: 16 }],
    undefined,
    between('customer', CUSTOMERS_FROM + 42n, CUSTOMERS_FROM + 43n),
  ],
  ['a part of a number', [{ kind: 'truncate', column: 'price', width: 10 }], undefined, between('price', 100n, 200n)],
  [
    'the beginning of a text',
    [{ kind: 'truncate', column: 'name', width: 11 }],
    undefined,
    [call('starts_with', dataTypes.bool(), column('name'), literal(dataTypes.utf8(), 'customer é9'))],
  ],
  [
    'a month',
    [{ kind: 'date_trunc', column: 'moment', unit: 'month' }],
    undefined,
    between('moment', 90n * DAY_US, 120n * DAY_US),
  ],
  [
    'an hour',
    [{ kind: 'date_trunc', column: 'moment', unit: 'hour' }],
    undefined,
    between('moment', 90n * DAY_US, 91n * DAY_US),
  ],
  ['a part of a date', [{ kind: 'date_part', column: 'moment', part: 'month' }], undefined, [monthIs(3n)]],
  [
    'a part of a date, and a range of dates',
    [{ kind: 'date_part', column: 'moment', part: 'month' }],
    undefined,
    [monthIs(3n), ...between('moment', 0n, 100n * DAY_US)],
  ],
  ['sort columns', [], 'ratio, id', between('ratio', 10, 20)],
  [
    'a year, sorted by a column',
    [{ kind: 'date_trunc', column: 'moment', unit: 'year' }],
    '"id"',
    between('moment', 0n, 365n * DAY_US),
  ],
  [
    'a dictionary',
    [{ kind: 'identity', column: 'colour' }],
    'id',
    [call('eq', dataTypes.bool(), column('colour'), literal(dataTypes.utf8(), 'colour 3'))],
  ],
];

describe('rows that are kept together', () => {
  it.each(CASES)('by %s are skipped together, and are the same rows', async (_, partitionBy, sortColumns, filters) => {
    const { table } = await openTable(
      SCHEMA,
      { partitionBy },
      sortColumns ? { on_refresh_sort_columns: sortColumns } : {},
    );
    expect(await refresh(table, BATCHES)).toBe(BigInt(ROW_COUNT));
    const ids = (await rowsOf(table, [0])).map(([id]) => Number(id));
    expect(ids.toSorted((a, b) => a - b)).toEqual(ROWS.map(([id]) => id));
    const { table: plain } = await openTable(SCHEMA);
    await refresh(plain, BATCHES);
    const read = async (from: AcceleratedTable) => {
      const plan = await from.scan({ projection: [0], filters }, CONTEXT);
      const [, readCount, blockCount] = /(\d+) of (\d+) blocks/.exec(plan.explain().notes?.[0] ?? '') ?? [];
      return { readCount: Number(readCount), blockCount: Number(blockCount) };
    };
    const { readCount, blockCount } = await read(table);
    expect(blockCount).toBeGreaterThanOrEqual(ROW_COUNT / 8_192);
    expect(readCount).toBeGreaterThan(0);
    expect(readCount).toBeLessThanOrEqual(blockCount / 2);
    const unsorted = await read(plain);
    // What no bounds are kept of is not named there.
    expect(Number.isNaN(unsorted.readCount) || unsorted.readCount > unsorted.blockCount / 2).toBe(true);
  });

  it.each<[string, string, (values: string[]) => string[]]>([
    [
      'integers beyond those of a double',
      'customer',
      (values) => values.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0)),
    ],
    [
      'texts by their bytes',
      'name',
      (values) => values.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    ],
    ['texts of a dictionary', 'colour', (values) => values.toSorted()],
  ])('are in the order of %s, nulls last', async (_, by, sort) => {
    const { table } = await openTable(SCHEMA, {}, { on_refresh_sort_columns: `${by}, id` });
    await refresh(table, BATCHES);
    const rows = await rowsOf(table);
    const texts = textsOf(rows, by);
    const values = textsOf(UNSORTED, by).filter((text) => text !== 'null');
    expect(texts).toEqual([...sort(values), ...Array.from({ length: ROW_COUNT - values.length }, () => 'null')]);
    // The rows are whole: ids are those of their places.
    const asText = (row: readonly unknown[]) => row.join('|');
    const found = rows.toSorted((a, b) => Number(a[0]) - Number(b[0])).map(asText);
    expect(found.join() === UNSORTED.map(asText).join()).toBe(true);
  });

  it('that come in their order stay in the memory they came in', async () => {
    const { table } = await openTable(SCHEMA, {}, { on_refresh_sort_columns: 'id' });
    const whole = batchFromRows(SCHEMA, ROWS);
    await refresh(table, [whole]);
    const [held] = await heldBatches(table);
    expect(held?.data.children[0]?.values?.buffer).toBe(whole.data.children[0]?.values?.buffer);
  });

  it('are sorted among themselves when they are appended', async () => {
    const { table } = await openTable(SCHEMA, { primaryKey: ['id'] }, { on_refresh_sort_columns: 'price, id' });
    await refresh(table, toBatches(ROWS.slice(0, 1_000)));
    const before = await rowsOf(table);
    const filters = [call('lt', dataTypes.bool(), column('id'), literal(dataTypes.int32(), -1))];
    await using session = await table.beginRefresh({ mode: { kind: 'overwrite_where', filters } }, CONTEXT);
    await using writer = await session.writer();
    for (const batch of toBatches(ROWS.slice(1_000, 2_000))) await writer.write(batch);
    await writer.finish();
    await session.commit({ refreshedAtMs: 1, bootstrapComplete: true });
    const rows = await rowsOf(table);
    expect(rows.slice(0, 1_000)).toEqual(before);
    const prices = textsOf(rows, 'price').map(Number);
    for (const part of [prices.slice(0, 1_000), prices.slice(1_000)])
      expect(part).toEqual(part.toSorted((a, b) => a - b));
    expect(rows).toHaveLength(2_000);
  });

  it('count against the memory limit once they are sorted', async () => {
    const parameters = { on_refresh_sort_columns: 'price', arrow_memory_limit: '1MB' };
    const { table } = await openTable(SCHEMA, {}, parameters);
    await expect(refresh(table, BATCHES)).rejects.toMatchObject({ code: 'resource_exhausted' });
  });

  it.each<[string, readonly PartitionTransform[], string | undefined]>([
    ['a column that is not there', [{ kind: 'identity', column: 'nowhere' }], undefined],
    ['a period of a number', [{ kind: 'date_trunc', column: 'id', unit: 'day' }], undefined],
    ['a part of a number', [{ kind: 'date_part', column: 'id', part: 'day' }], undefined],
    ['a cut of a time', [{ kind: 'truncate', column: 'moment', width: 3 }], undefined],
    ['an order by a column that is not there', [], 'id, nowhere'],
  ])('cannot be told by %s', async (_, partitionBy, sortColumns) => {
    const parameters = sortColumns ? { on_refresh_sort_columns: sortColumns } : {};
    await expect(openTable(SCHEMA, { partitionBy }, parameters)).rejects.toMatchObject({ code: 'invalid_config' });
  });

  it('cannot be told by a column whose values have no order', async () => {
    const schema: Schema = { fields: [field('list', dataTypes.list(dataTypes.int32()))] };
    await expect(openTable(schema, {}, { on_refresh_sort_columns: 'list' })).rejects.toMatchObject({
      code: 'invalid_config',
    });
  });
});
