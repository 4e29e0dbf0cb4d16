import { createLiteralReader, schemasEqual, sliceBatch } from '@millrace/arrow';
import type { RecordBatch } from '@millrace/core';
import { type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import { TYPE_SAMPLES } from '@millrace/test-fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heldBatches, openTable, refresh, scan } from './open-table.ts';

describe('types', () => {
  let engine: DuckDbDatabase;
  beforeAll(async () => {
    engine = await openDatabase({ path: ':memory:', threads: 1 });
  });
  afterAll(() => engine.close());

  it.each(TYPE_SAMPLES)('$type comes back as it was', async ({ type, values }) => {
    await using connection = await engine.connect();
    const rows = [...values, 'NULL', ...values].map((value, index) => `(${index}::INTEGER, (${value})::${type})`);
    const batches: RecordBatch[] = [];
    const stream = await connection.stream({ sql: `SELECT * FROM (VALUES ${rows.join(', ')}) c(k, v)` });
    for await (const batch of stream) batches.push(batch);
    const { table } = await openTable(stream.schema);
    const singles = batches.flatMap((batch) =>
      Array.from({ length: batch.numRows }, (_, row) => sliceBatch(batch, row, row + 1)),
    );
    await refresh(table, singles);
    expect(await heldBatches(table)).toHaveLength(1);
    const scanned = await scan(table);
    expect(schemasEqual(scanned[0]!.schema, stream.schema)).toBe(true);
    expect(literals(scanned)).toEqual(literals(batches));
    const relation = engine.registerBatches({ schema: table.schema, batches: await heldBatches(table) });
    const [counts] = await connection.rows(
      `SELECT count(*), count(*) FILTER (a.v IS DISTINCT FROM b.v OR a.v::VARCHAR IS DISTINCT FROM b.v::VARCHAR OR typeof(a.v) <> typeof(b.v))
       FROM ${relation.sql} a JOIN (VALUES ${rows.join(', ')}) b(k, v) USING (k)`,
    );
    expect(counts).toEqual([BigInt(rows.length), 0n]);
    relation.release();
  });
});

function literals(batches: readonly RecordBatch[]): unknown[] {
  return batches.flatMap(({ numRows, data }) => {
    const read = createLiteralReader(data.children[1]!);
    return Array.from({ length: numRows }, (_, row) => read(row));
  });
}
