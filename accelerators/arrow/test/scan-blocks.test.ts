import { batchFromColumns, rowArraysFromBatch, sliceBatch } from '@millrace/arrow';
import { checkPlan, dataTypes, type Expr, field, type RecordBatch, type Schema } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { CONTEXT, openTable, refresh, scan } from './open-table.ts';

const SCHEMA: Schema = { fields: [field('id', dataTypes.int32()), field('at', dataTypes.timestamp())] };
const ROW_COUNT = 200_000;
const BLOCK_ROWS = 8_192;

/** Rows in the order of time, as most of them come. */
function timedRows(): RecordBatch[] {
  const whole = batchFromColumns(SCHEMA, [
    Int32Array.from({ length: ROW_COUNT }, (_, row) => row),
    BigInt64Array.from({ length: ROW_COUNT }, (_, row) => BigInt(row) * 1_000_000n),
  ]);
  return [0, 1, 2, 3].map((part) => sliceBatch(whole, part * 50_000, (part + 1) * 50_000));
}

function atLeast(seconds: bigint): Expr {
  const type = dataTypes.timestamp();
  const args: Expr[] = [
    { kind: 'column', path: ['at'], type },
    { kind: 'literal', value: seconds * 1_000_000n, type },
  ];
  return { kind: 'call', function: 'ge', type: dataTypes.bool(), args };
}

describe('a scan with a filter', () => {
  it('reads the blocks that may have rows for it, and says how many of how many', async () => {
    const { table } = await openTable(SCHEMA);
    await refresh(table, timedRows());
    const request = { projection: [0], filters: [atLeast(199_000n)] };
    const plan = await table.scan(request, CONTEXT);
    checkPlan(request, plan);
    expect(plan.applied.filters).toEqual(['inexact']);
    expect(plan.explain().notes?.[0]).toMatch(/^\d+ batches in memory, 1 of \d+ blocks of 8192 rows$/);
    const rows = (await scan(table, request)).flatMap((batch) => [...rowArraysFromBatch(batch)]);
    expect(rows.length).toBeLessThanOrEqual(BLOCK_ROWS);
    expect((await plan.statistics?.())?.rowCount).toEqual({ value: BigInt(rows.length), exact: true });
    expect(rows.filter(([id]) => Number(id) >= 199_000)).toHaveLength(1_000);
    expect(await scan(table, { filters: [atLeast(200_000n)] })).toEqual([]);
  });

  it('reads everything for a sample, which is taken before the filter', async () => {
    const { table } = await openTable(SCHEMA);
    await refresh(table, timedRows());
    const sample = { fraction: 0.5, method: 'bernoulli' } as const;
    const plan = await table.scan({ projection: [0], filters: [atLeast(199_000n)], sample }, CONTEXT);
    expect(plan.applied.filters).toEqual(['none']);
    expect(plan.partitions[0]?.rowCount).toBe(ROW_COUNT);
  });

  it('ends with cancelled while the bounds are worked out', async () => {
    const { table } = await openTable(SCHEMA);
    await refresh(table, timedRows());
    const aborted = AbortSignal.abort();
    await expect(table.scan({ projection: [0], filters: [atLeast(0n)] }, { signal: aborted })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });

  it('works bounds out for others when the scan that began to was cancelled', async () => {
    const { table } = await openTable(SCHEMA);
    await refresh(table, timedRows());
    const first = new AbortController();
    const request = { projection: [0], filters: [atLeast(199_000n)] };
    const cancelled = table.scan(request, { signal: first.signal });
    const others = [1, 2].map(() => table.scan(request, CONTEXT));
    first.abort();
    await Promise.allSettled([cancelled]);
    for (const plan of await Promise.all(others))
      expect(plan.explain().notes?.[0]).toMatch(/, 1 of \d+ blocks of 8192 rows$/);
  });
});
