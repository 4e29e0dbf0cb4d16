import { batchFromColumns, batchFromRows, createLiteralReader, sliceBatch } from '@millrace/arrow';
import { checkPlan, dataTypes, field, MillraceError, type RecordBatch, type Schema, TypeId } from '@millrace/core';
import { ConcurrentReaders } from '@millrace/test-fixtures';
import { describe, expect, it } from 'vitest';
import { CONTEXT, heldBatches, openTable, refresh, scan } from './open-table.ts';

const schema: Schema = {
  fields: [field('i', dataTypes.int32()), field('v', dataTypes.int32()), field('text', dataTypes.utf8())],
};

/** One batch whose rows all tell the same version. */
function rowsOf(version: number, rowCount: number): RecordBatch {
  return batchFromColumns(schema, [
    Int32Array.from({ length: rowCount }, (_, row) => row),
    new Int32Array(rowCount).fill(version),
    Array.from({ length: rowCount }, (_, row) => `version ${version}, row ${row}`),
  ]);
}

function* pieces(batch: RecordBatch, rowCount: number): Generator<RecordBatch> {
  for (let start = 0; start < batch.numRows; start += rowCount)
    yield sliceBatch(batch, start, Math.min(batch.numRows, start + rowCount));
}

function values(batches: readonly RecordBatch[], ordinal: number): unknown[] {
  return batches.flatMap(({ numRows, data }) => {
    const read = createLiteralReader(data.children[ordinal]!);
    return Array.from({ length: numRows }, (_, row) => read(row));
  });
}

function expectVersion(batches: readonly RecordBatch[], version: number, rowCount: number): void {
  expect(values(batches, 0)).toEqual(Array.from({ length: rowCount }, (_, row) => row));
  expect(new Set(values(batches, 1))).toEqual(new Set(rowCount === 0 ? [] : [version]));
}

describe('batches in memory', () => {
  it('small batches are joined into slabs, in order', async () => {
    const { table } = await openTable(schema);
    await refresh(table, pieces(rowsOf(1, 300_000), 1_000));
    const held = await heldBatches(table);
    expect(held.length).toBe(3);
    for (const batch of held) expect(batch.numRows).toBeLessThanOrEqual(122_880);
    expectVersion(held, 1, 300_000);
    expect(values(held, 2)[299_999]).toBe('version 1, row 299999');
  });

  it('large batches stay in the memory they came in', async () => {
    const { table } = await openTable(schema);
    const batch = rowsOf(1, 200_000);
    await refresh(table, [batch]);
    const [held] = await heldBatches(table);
    expect(held?.data.children[0]?.values?.buffer).toBe(batch.data.children[0]?.values?.buffer);
    expect(await heldBatches(table)).toBe(await heldBatches(table));
  });

  it('a small part of a large allocation is copied out of it', async () => {
    const { table } = await openTable(schema);
    const batch = rowsOf(1, 200_000);
    await refresh(table, [sliceBatch(batch, 100, 120)]);
    const [held] = await heldBatches(table);
    expect(held?.data.children[0]?.values?.buffer.byteLength).toBeLessThan(1_000);
    expect(values([held!], 0)).toEqual(Array.from({ length: 20 }, (_, row) => row + 100));
  });

  it('a large part of a larger allocation is copied out of it slab by slab', async () => {
    const { table } = await openTable(schema);
    const batch = rowsOf(1, 400_000);
    await refresh(table, [sliceBatch(batch, 0, 150_000)]);
    const held = await heldBatches(table);
    expect(held.length).toBeGreaterThan(1);
    for (const { data, numRows } of held) {
      expect(numRows).toBeLessThanOrEqual(122_880);
      expect(data.children[0]?.values?.buffer).not.toBe(batch.data.children[0]?.values?.buffer);
    }
    expectVersion(held, 1, 150_000);
  });

  it('dictionaries stay, shared ones once, and different ones are told apart', async () => {
    const type = { typeId: TypeId.Dictionary, indices: dataTypes.int32(), dictionary: dataTypes.utf8(), id: 1 };
    const colours: Schema = { fields: [field('c', type)] };
    const { table } = await openTable(colours);
    const first = batchFromRows(
      colours,
      Array.from({ length: 20_000 }, (_, row) => [`a${row % 10}`]),
    );
    const second = batchFromRows(
      colours,
      Array.from({ length: 20_000 }, (_, row) => [`b${row % 10}`]),
    );
    await refresh(table, [...pieces(first, 1_000), ...pieces(second, 1_000)]);
    const held = await heldBatches(table);
    expect(held.map(({ numRows }) => numRows)).toEqual([20_000, 20_000]);
    expect(held.every(({ data }) => data.children[0]?.type.typeId === TypeId.Dictionary)).toBe(true);
    expect(values(held, 0)).toEqual([...values([first], 0), ...values([second], 0)]);
  });

  it('refuses batches of other columns', async () => {
    const { table } = await openTable(schema);
    const other = { fields: [...schema.fields.slice(0, 2), field('text', dataTypes.int64())] };
    await expect(refresh(table, [batchFromRows(other, [[1, 1, 1n]])])).rejects.toMatchObject({
      code: 'schema_mismatch',
    });
    const fewer = { fields: schema.fields.slice(0, 2) };
    await expect(refresh(table, [batchFromRows(fewer, [[1, 1]])])).rejects.toMatchObject({ code: 'schema_mismatch' });
  });
});

describe('refreshes', () => {
  it('readers see complete versions alone, each the one it began with', async () => {
    const { table } = await openTable(schema);
    await refresh(table, [rowsOf(0, 2_000)]);
    const readers = new ConcurrentReaders(8, async () => {
      const plan = await table.scan({ projection: [0, 1], filters: [] }, CONTEXT);
      const batches: RecordBatch[] = [];
      for await (const batch of plan.execute(plan.partitions[0]!, { ...CONTEXT, batchRowCount: 500 })) {
        batches.push(batch);
        await new Promise((resolve) => setImmediate(resolve));
      }
      const version = values(batches, 1)[0] as number;
      expectVersion(batches, version, 2_000);
      return version;
    });
    for (let version = 1; version <= 20; version++) {
      const batch = rowsOf(version, 2_000);
      await refresh(
        table,
        (async function* () {
          for (const piece of pieces(batch, 100)) {
            await new Promise((resolve) => setImmediate(resolve));
            yield piece;
          }
        })(),
      );
      if (version % 5 === 0) await readers.untilSeen(version);
    }
    await readers.stop();
    expectVersion(await scan(table), 20, 2_000);
  });

  it('a failed one keeps the old rows', async () => {
    const { table } = await openTable(schema);
    await refresh(table, [rowsOf(1, 10)]);
    const { checkpoint } = table;
    const held = await heldBatches(table);
    const failing = (async function* () {
      yield rowsOf(2, 10);
      throw new MillraceError({ code: 'unavailable', component: 'source', message: 'gone' });
    })();
    await expect(refresh(table, failing)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await heldBatches(table)).toBe(held);
    expect(table.checkpoint).toBe(checkpoint);
    expect(checkpoint).toMatchObject({ rowCount: 10n, refreshedAtMs: 7, definitionHash: 'h1', schema });
  });

  it('commits finished writers alone, and nothing twice', async () => {
    const { table } = await openTable(schema);
    const abort = new AbortController();
    const overwrite = { mode: { kind: 'overwrite' } } as const;
    const session = await table.beginRefresh(overwrite, { signal: abort.signal });
    await expect(table.beginRefresh(overwrite, CONTEXT)).rejects.toMatchObject({ code: 'conflict' });
    const commit = () => session.commit({ refreshedAtMs: 0, bootstrapComplete: true });
    await expect(commit()).rejects.toMatchObject({ code: 'invalid_state' });
    const [first, second] = [await session.writer(), await session.writer()];
    await first.write(rowsOf(1, 5));
    await second.write(rowsOf(2, 5));
    expect(await second.finish()).toEqual({ rowCount: 5 });
    await expect(commit()).rejects.toMatchObject({ code: 'invalid_state' });
    await first[Symbol.asyncDispose]();
    await expect(first.write(rowsOf(1, 5))).rejects.toMatchObject({ code: 'invalid_state' });
    expect(await commit()).toEqual({ rowCount: 5n });
    await expect(commit()).rejects.toMatchObject({ code: 'invalid_state' });
    expectVersion(await scan(table), 2, 5);
    const cancelled = await table.beginRefresh(overwrite, { signal: abort.signal });
    const writer = await cancelled.writer();
    abort.abort();
    await expect(writer.write(rowsOf(3, 5))).rejects.toMatchObject({ code: 'cancelled' });
    await cancelled.abort();
    await expect(table.beginRefresh({ mode: { kind: 'append' } }, CONTEXT)).rejects.toMatchObject({
      code: 'unsupported',
    });
  });

  it('more memory than allowed is refused, the old rows stay', async () => {
    const { table } = await openTable(schema, {}, { arrow_memory_limit: '2MB' });
    await refresh(table, pieces(rowsOf(1, 20_000), 1_000));
    const tooMuch = refresh(table, pieces(rowsOf(2, 200_000), 1_000));
    await expect(tooMuch).rejects.toMatchObject({
      code: 'resource_exhausted',
      hint: expect.stringContaining('duckdb'),
    });
    expectVersion(await scan(table), 1, 20_000);
    await refresh(table, pieces(rowsOf(3, 20_000), 1_000));
    expectVersion(await scan(table), 3, 20_000);
  });
});

describe('scans', () => {
  it('project, and apply limit and offset where nothing comes before', async () => {
    const { table } = await openTable(schema);
    await refresh(table, [rowsOf(1, 100_000), rowsOf(1, 100_000)]);
    const request = { projection: [2, 0], filters: [], limit: 4n, offset: 99_998n };
    const plan = await table.scan(request, CONTEXT);
    checkPlan(request, plan);
    expect(plan.applied).toEqual({ filters: [], offset: true, limit: 'exact' });
    expect((await plan.statistics?.())?.rowCount).toEqual({ value: 4n, exact: true });
    const found = await scan(table, request);
    expect(values(found, 1)).toEqual([99_998, 99_999, 0, 1]);
    for (const batch of found) expect(batch.schema.fields.map(({ name }) => name)).toEqual(['text', 'i']);
  });

  it('leave filters of rows and what depends on them to the engine', async () => {
    const { table } = await openTable(schema);
    await refresh(table, [rowsOf(1, 100)]);
    const i = { kind: 'column', path: ['i'], type: dataTypes.int32() } as const;
    const filter = { kind: 'call', function: 'is_not_null', args: [i], type: dataTypes.bool() } as const;
    const request = { projection: [], filters: [filter], limit: 1n };
    const plan = await table.scan(request, CONTEXT);
    checkPlan(request, plan);
    expect(plan.applied).toEqual({ filters: ['inexact'] });
    expect((await scan(table, request)).map(({ numRows }) => numRows)).toEqual([100]);
    const ordered = await table.scan(
      { projection: [0], filters: [], order: [{ expr: i, descending: true, nullsFirst: true }], limit: 1n },
      CONTEXT,
    );
    expect(ordered.applied).toEqual({ filters: [] });
  });

  it('keep to the batch size asked for, and end with cancelled when aborted', async () => {
    const { table } = await openTable(schema);
    await refresh(table, [rowsOf(1, 1_050)]);
    const found = await scan(table, {}, { ...CONTEXT, batchRowCount: 500 });
    expect(found.map(({ numRows }) => numRows)).toEqual([500, 500, 50]);
    await expect(scan(table, {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('are refused after the shutdown, which is idempotent', async () => {
    const { accelerator, table } = await openTable(schema);
    await refresh(table, [rowsOf(1, 10)]);
    const plan = await table.scan({ projection: [0, 1], filters: [] }, CONTEXT);
    await accelerator.shutdown();
    await accelerator.shutdown();
    expect(() => table.scan({ projection: [0], filters: [] }, CONTEXT)).toThrow(
      expect.objectContaining({ code: 'invalid_state' }),
    );
    const batches: RecordBatch[] = [];
    for await (const batch of plan.execute(plan.partitions[0]!, CONTEXT)) batches.push(batch);
    expectVersion(batches, 1, 10);
  });
});
