import { batchFromColumns } from '@millrace/arrow';
import { dataTypes, field, type RecordBatch } from '@millrace/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerBatches } from '../../src/loading/batch-relation.ts';
import { type Engine, openEngine } from './open-engine.ts';

const schema = { fields: [field('n', dataTypes.int32()), field('s', dataTypes.utf8())] };

function batchOf(start: number, end: number): RecordBatch {
  const numbers = Int32Array.from({ length: end - start }, (_, index) => start + index);
  return batchFromColumns(schema, [numbers, Array.from(numbers, (n) => `text number ${n}`)]);
}

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

describe('registerBatches', () => {
  it('answers queries that use some, all or none of the columns', async () => {
    const { sql } = registerBatches({
      schema,
      batches: [batchOf(0, 3_000), batchOf(3_000, 3_000), batchOf(3_000, 5_001)],
    });
    expect(await engine.rows(`SELECT count(*)::INTEGER FROM ${sql}`)).toEqual([[5_001]]);
    expect(await engine.rows(`SELECT sum(n)::INTEGER FROM ${sql} WHERE n > 4998`)).toEqual([[9_999]]);
    expect(await engine.rows(`SELECT max(s) FROM ${sql} AS named WHERE named.n < 10`)).toEqual([['text number 9']]);
    expect(await engine.rows(`SELECT s, n, s FROM ${sql} LIMIT 1 OFFSET 5000`)).toEqual([
      ['text number 5000', 5_000, 'text number 5000'],
    ]);
  });

  it('writes only the columns that a query asks for', async () => {
    const batch = batchOf(0, 10);
    const [n, s] = batch.data.children;
    const broken = { ...batch, data: { children: [n!, { ...s!, valueOffsets: Int32Array.of(0) }] } };
    const { sql } = registerBatches({ schema, batches: [broken] });
    expect(await engine.rows(`SELECT sum(n)::INTEGER FROM ${sql}`)).toEqual([[45]]);
    await expect(engine.rows(`SELECT max(s) FROM ${sql}`)).rejects.toThrow(/fewer offsets than rows/);
  });

  it('serves the sides of a self-join and many queries at once', async () => {
    const { sql } = registerBatches({ schema, batches: [batchOf(0, 20_000), batchOf(20_000, 50_000)] });
    const join = `SELECT count(*)::INTEGER FROM ${sql} AS a JOIN ${sql} AS b ON a.n = b.n + 1 WHERE a.s <> b.s`;
    expect(await engine.rows(join)).toEqual([[49_999]]);
    const results = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        const connection = await engine.connect();
        const reader = await connection.runAndReadAll(`SELECT sum(n)::BIGINT FROM ${sql} WHERE n % 8 = ${index}`);
        connection.disconnectSync();
        return Number(reader.getRows()[0]?.[0]);
      }),
    );
    expect(results.reduce((total, value) => total + value, 0)).toBe((49_999 * 50_000) / 2);
  });

  it('stands for rows without columns', async () => {
    const batch: RecordBatch = { schema: { fields: [] }, numRows: 3_000, data: { children: [] } };
    const { sql } = registerBatches({ schema: { fields: [] }, batches: [batch, batch] });
    expect(await engine.rows(`SELECT count(*)::INTEGER FROM ${sql}`)).toEqual([[6_000]]);
  });

  it('can be used in a view, and is gone once released', async () => {
    const relation = registerBatches({ schema, batches: [batchOf(0, 10)] });
    await engine.native.run(`CREATE OR REPLACE VIEW v AS SELECT * FROM ${relation.sql}`);
    expect(await engine.rows('SELECT max(n) FROM v')).toEqual([[9]]);
    relation.release();
    relation.release();
    await expect(engine.rows('SELECT max(n) FROM v')).rejects.toThrow(/no longer/);
  });

  it('lets a running query finish after the release', async () => {
    const batch = batchOf(0, 20_000);
    let release = (): void => undefined;
    const watched: RecordBatch = {
      ...batch,
      // The scan asks for the columns of its second batch when it is on its way.
      get data() {
        release();
        return batch.data;
      },
    };
    const relation = registerBatches({ schema, batches: [batchOf(20_000, 40_000), watched, batchOf(40_000, 60_000)] });
    release = relation.release;
    const running = engine.rows(`SELECT count(DISTINCT s)::INTEGER FROM ${relation.sql}`);
    expect(await running).toEqual([[60_000]]);
    await expect(engine.rows(`FROM ${relation.sql}`)).rejects.toThrow(/no longer/);
  });

  it('refuses names that DuckDB takes for one, and types that it lacks', () => {
    const twins = { fields: [field('id', dataTypes.int32()), field('ID', dataTypes.int32())] };
    expect(() => registerBatches({ schema: twins, batches: [] })).toThrow(/"id" and "ID"/);
    const wide = { fields: [field('d', dataTypes.decimal(50, 0))] };
    expect(() => registerBatches({ schema: wide, batches: [] })).toThrow(
      expect.objectContaining({ code: 'unsupported_type' }),
    );
  });
});
