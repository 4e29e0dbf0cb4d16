import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchFromRows, rowArraysFromBatch } from '@millrace/arrow';
import { type AcceleratedTable, checkPlan, dataTypes, type Expr, field, type ScanRequest } from '@millrace/core';
import { type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Accelerated, accelerate, CONTEXT, refresh } from './accelerate.ts';

const schema = {
  fields: [
    field('id', dataTypes.int64()),
    field('na me', dataTypes.utf8()),
    field('price', dataTypes.decimal(10, 2)),
    field('at', dataTypes.struct([field('city', dataTypes.utf8())])),
  ],
};
const rows = Array.from({ length: 5_000 }, (_, id) => [
  BigInt(id),
  id % 7 === 0 ? null : `name ${id % 50}`,
  `${id % 100}.25`,
  { city: id % 2 === 0 ? 'Oslo' : 'Brno' },
]);

const column = (name: string, ordinal: number): Expr => ({
  kind: 'column',
  path: [name],
  type: schema.fields[ordinal]!.type,
});
const call = (name: Extract<Expr, { kind: 'call' }>['function'], ...args: Expr[]): Expr => ({
  kind: 'call',
  function: name,
  args,
  type: dataTypes.bool(),
});
const id = column('id', 0);
const number = (value: bigint): Expr => ({ kind: 'literal', value, type: dataTypes.int64() });
const text = (value: string): Expr => ({ kind: 'literal', value, type: dataTypes.utf8() });
const city: Expr = { kind: 'column', path: ['at', 'city'], type: dataTypes.utf8() };
const unsayable = call('starts_of' as 'eq', id, number(1n));
const raising = call(
  'gt',
  { kind: 'call', function: 'cast', args: [column('na me', 1)], type: dataTypes.int64() },
  number(0n),
);

describe.each(['host engine', 'own engine'])('scans in the %s', (place) => {
  let folder: string;
  let engine: DuckDbDatabase;
  let accelerated: Accelerated;
  let table: AcceleratedTable;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-scan-'));
    engine = await openDatabase({ path: ':memory:', threads: 2 });
    accelerated = await accelerate({ folder, schema, engine: place === 'host engine' ? engine : undefined });
    table = accelerated.table;
    await refresh(table, [batchFromRows(schema, rows)]);
  });
  afterAll(async () => {
    await accelerated.accelerator.shutdown();
    await engine.close();
    rmSync(folder, { recursive: true });
  });

  async function run(request: Partial<ScanRequest>) {
    const whole: ScanRequest = { projection: [0], filters: [], ...request };
    const plan = await table.scan(whole, CONTEXT);
    checkPlan(whole, plan);
    const found: (readonly unknown[])[] = [];
    let rowCount = 0;
    for await (const batch of plan.execute(plan.partitions[0]!, { ...CONTEXT, batchRowCount: 1_000 })) {
      expect(batch.schema).toBe(plan.schema);
      rowCount += batch.numRows;
      if (plan.schema.fields.length > 0) found.push(...rowArraysFromBatch(batch));
    }
    return { plan, found, rowCount };
  }

  it('offers itself in place only to the engine that it lives in', async () => {
    const relation = await table.nativeRelation?.(CONTEXT);
    if (place === 'own engine') expect(relation).toBeUndefined();
    else expect(relation).toMatchObject({ kind: 'engine_table', engine, schemaName: 'main', table: 'orders' });
  });

  it('applies filters, order, offset and limit exactly', async () => {
    const { plan, found } = await run({
      projection: [1, 0],
      filters: [
        call('lt', id, number(1_000n)),
        call('eq', city, text('Oslo')),
        call('is_not_null', column('na me', 1)),
      ],
      order: [{ expr: id, descending: true, nullsFirst: false }],
      offset: 2n,
      limit: 3n,
    });
    expect(plan.applied).toEqual({
      filters: ['exact', 'exact', 'exact'],
      order: 'exact',
      offset: true,
      limit: 'exact',
    });
    const wanted = rows.filter(([i, name]) => Number(i) < 1_000 && Number(i) % 2 === 0 && name !== null).reverse();
    expect(found).toEqual(wanted.slice(2, 5).map(([i, name]) => [name, i]));
    expect(plan.explain().statement).toContain('WHERE');
  });

  it('leaves to the engine what cannot be said in SQL, and all that would depend on it', async () => {
    const { plan, rowCount } = await run({
      filters: [call('lt', id, number(10n)), unsayable, raising],
      order: [{ expr: id, descending: false, nullsFirst: true }],
      limit: 2n,
    });
    expect(plan.applied).toEqual({ filters: ['exact', 'none', 'none'], order: 'exact' });
    expect(rowCount).toBe(10);
  });

  it('evaluates what can raise behind all else', async () => {
    const { plan, found } = await run({ filters: [raising, call('eq', id, number(0n))] });
    expect(plan.applied.filters).toEqual(['exact', 'exact']);
    expect(found).toEqual([]);
    await expect(run({ filters: [raising] })).rejects.toMatchObject({ code: 'invalid_data' });
  });

  it('counts rows without a column, and reads a column twice', async () => {
    expect(await run({ projection: [] })).toMatchObject({ rowCount: 5_000, found: [] });
    const { found } = await run({ projection: [0, 0], limit: 1n });
    expect(found[0]).toHaveLength(2);
  });

  it('claims nothing below a sample or an aggregate', async () => {
    const { plan } = await run({
      sample: { fraction: 0.5, method: 'bernoulli' },
      filters: [call('lt', id, number(10n))],
      limit: 1n,
    });
    expect(plan.applied).toEqual({ filters: ['none'] });
    const aggregate = {
      groupBy: [],
      calls: [{ function: 'count' as const, args: [], distinct: false, type: dataTypes.int64() }],
    };
    expect((await run({ aggregate, limit: 1n })).plan.applied).toEqual({ filters: [] });
  });

  it('estimates how many rows there are', async () => {
    const count = async (request: Partial<ScanRequest>) =>
      (await (await run(request)).plan.statistics?.())?.rowCount?.value;
    expect(await count({})).toBe(5_000n);
    expect(await count({ offset: 4_990n })).toBe(10n);
    expect(await count({ limit: 7n })).toBe(7n);
    expect(await count({ filters: [call('lt', id, number(10n))] })).toBeUndefined();
  });

  it('has no older versions and no metadata columns', async () => {
    await expect(run({ at: { version: '1' } })).rejects.toMatchObject({ code: 'unsupported' });
    await expect(run({ metadataColumns: ['file'] })).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('ends with cancelled when it is aborted', async () => {
    const abort = new AbortController();
    const plan = await table.scan({ projection: [0], filters: [] }, CONTEXT);
    const reading = (async () => {
      for await (const _ of plan.execute(plan.partitions[0]!, { signal: abort.signal, batchRowCount: 1 }))
        abort.abort();
    })();
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
  });
});

it('accelerators without an engine share one, which ends with the last of them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-own-'));
  const name = { table: 'other' };
  const file = 'shared.duckdb';
  const first = await accelerate({ folder, schema, mode: 'file', file });
  const second = await accelerate({ folder, schema, mode: 'file', file, name });
  await refresh(first.table, [batchFromRows(schema, rows.slice(0, 10))]);
  await first.accelerator.shutdown();
  await refresh(second.table, [batchFromRows(schema, rows.slice(0, 20))]);
  await second.accelerator.shutdown();
  expect(() => first.table.scan({ projection: [0], filters: [] }, CONTEXT)).toThrow(
    expect.objectContaining({ code: 'invalid_state' }),
  );
  const again = await accelerate({ folder, schema, mode: 'file', file, name });
  expect(again.table.checkpoint?.rowCount).toBe(20n);
  await again.accelerator.shutdown();
  rmSync(folder, { recursive: true });
});
