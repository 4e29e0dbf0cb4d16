import { rowsFromBatch } from '@millrace/arrow';
import {
  checkPlan,
  dataTypes,
  type ExecutionPlan,
  type Expr,
  field,
  type RecordBatch,
  type ScanRequest,
  type Schema,
} from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { createMemoryTable, type MemoryTable } from '../src/index.ts';

const schema: Schema = {
  fields: [field('id', dataTypes.int64()), field('name', dataTypes.utf8()), field('amount', dataTypes.float64())],
};
const rows = Array.from({ length: 1000 }, (_, index) => [
  BigInt(index),
  index % 7 === 0 ? null : `name ${index % 10}`,
  index / 4,
]);
const id: Expr = { kind: 'column', path: ['id'], type: dataTypes.int64() };
const name: Expr = { kind: 'column', path: ['name'], type: dataTypes.utf8() };
const amount: Expr = { kind: 'column', path: ['amount'], type: dataTypes.float64() };
const int = (value: bigint): Expr => ({ kind: 'literal', value, type: dataTypes.int64() });
const call = (fn: Extract<Expr, { kind: 'call' }>['function'], ...args: readonly Expr[]): Expr => ({
  kind: 'call',
  function: fn,
  args,
  type: dataTypes.bool(),
});

function table(partitionCount = 1): MemoryTable {
  return createMemoryTable({ name: 'orders', schema, rows, partitionCount });
}

async function plan(source: MemoryTable, request: Partial<ScanRequest>): Promise<ExecutionPlan> {
  const full: ScanRequest = { projection: [0, 1, 2], filters: [], ...request };
  const made = await source.scan(full, { signal: new AbortController().signal });
  checkPlan(full, made);
  return made;
}

async function read(made: ExecutionPlan): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  for (const partition of made.partitions)
    for await (const batch of made.execute(JSON.parse(JSON.stringify(partition)), {
      signal: new AbortController().signal,
    }))
      found.push(...rowsFromBatch(batch));
  return found;
}

describe('scan', () => {
  it('returns every row in the projection asked for, over any number of partitions', async () => {
    for (const partitionCount of [1, 3]) {
      const made = await plan(table(partitionCount), { projection: [2, 0] });
      expect(made.partitions).toHaveLength(partitionCount);
      expect(made.schema.fields.map((one) => one.name)).toEqual(['amount', 'id']);
      const found = await read(made);
      expect(found).toHaveLength(1000);
      expect(found[5]).toEqual({ amount: 1.25, id: 5n });
    }
  });

  it('counts rows without columns', async () => {
    const made = await plan(table(), { projection: [], filters: [call('lt', id, int(10n))] });
    let count = 0;
    for await (const batch of made.execute(made.partitions[0]!, { signal: new AbortController().signal })) {
      expect(batch.data.children).toHaveLength(0);
      count += batch.numRows;
    }
    expect(count).toBe(10);
  });

  it('pushes every stage exactly', async () => {
    const made = await plan(table(4), {
      projection: [0],
      filters: [
        call('is_not_null', name),
        call('ge', amount, { kind: 'literal', value: 10, type: dataTypes.float64() }),
      ],
      order: [
        { expr: name, descending: true, nullsFirst: false },
        { expr: id, descending: false, nullsFirst: false },
      ],
      offset: 2n,
      limit: 3n,
    });
    expect(made.applied).toEqual({ filters: ['exact', 'exact'], order: 'exact', offset: true, limit: 'exact' });
    const expected = rows
      .filter(([, text, value]) => text !== null && (value as number) >= 10)
      .sort(
        (left, right) =>
          String(right[1]).localeCompare(String(left[1])) || Number((left[0] as bigint) - (right[0] as bigint)),
      )
      .slice(2, 5)
      .map(([key]) => ({ id: key }));
    expect(await read(made)).toEqual(expected);
  });

  it('shares stored buffers where nothing was filtered', async () => {
    const source = table();
    const made = await plan(source, {});
    const native = await source.nativeRelation({ signal: new AbortController().signal });
    const stored: readonly RecordBatch[] = native?.kind === 'batches' ? native.batches : [];
    for await (const batch of made.execute(made.partitions[0]!, { signal: new AbortController().signal }))
      expect(batch.data.children[0]!.values).toBe(stored[0]!.data.children[0]!.values);
  });

  it('groups, with a complete aggregate in one partition', async () => {
    const made = await plan(table(3), {
      projection: [],
      filters: [],
      aggregate: {
        groupBy: [name],
        calls: [
          { function: 'count', args: [], distinct: false, type: dataTypes.int64() },
          { function: 'sum', args: [id], distinct: false, type: dataTypes.decimal(38, 0) },
          { function: 'max', args: [amount], distinct: false, type: dataTypes.float64() },
        ],
      },
      order: [{ expr: name, descending: false, nullsFirst: true }],
    });
    expect(made.applied.aggregate).toBe('complete');
    const found = await read(made);
    expect(found).toHaveLength(11);
    const nulls = rows.filter(([, text]) => text === null);
    expect(found[0]).toEqual({
      name: null,
      count_0: BigInt(nulls.length),
      sum_1: String(nulls.reduce((sum, [key]) => sum + (key as bigint), 0n)),
      max_2: Math.max(...nulls.map(([, , value]) => value as number)),
    });
  });

  it('answers none for a filter it cannot evaluate, and then cuts nothing', async () => {
    const random: Expr = { kind: 'call', function: 'random', args: [], type: dataTypes.float64() };
    const made = await plan(table(), { filters: [call('lt', random, amount)], limit: 1n });
    expect(made.applied).toEqual({ filters: ['none'], limit: 'none' });
    expect(await read(made)).toHaveLength(1000);
  });
});
