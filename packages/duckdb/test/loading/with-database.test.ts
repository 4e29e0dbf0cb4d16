import { batchFromColumns } from '@millrace/arrow';
import { dataTypes, field, type RecordBatch } from '@millrace/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DuckDbDatabase } from '../../src/database/duckdb-database.ts';
import { openDatabase } from '../../src/database/open-database.ts';
import { loadBatches } from '../../src/loading/load-batches.ts';

const schema = { fields: [field('n', dataTypes.int32())] };

function batchOf(start: number, end: number): RecordBatch {
  return batchFromColumns(schema, [Int32Array.from({ length: end - start }, (_, index) => start + index)]);
}

let database: DuckDbDatabase;
beforeAll(async () => {
  database = await openDatabase({ path: ':memory:', threads: 2 });
});
afterAll(() => database.close());

it('loads within the transaction of its caller', async () => {
  await database.withConnection(async (connection) => {
    await connection.run('CREATE TABLE t (n INTEGER)');
    await connection.run('BEGIN');
    expect(await loadBatches({ connection, target: 't', schema, batches: [batchOf(0, 200_000)] })).toBe(200_000n);
    await connection.run('ROLLBACK');
    expect(await connection.rows('SELECT count(*)::INTEGER FROM t')).toEqual([[0]]);
  });
});

it('stops an insert that the signal cancels, with its code', async () => {
  await database.withConnection(async (connection) => {
    await connection.run('CREATE OR REPLACE TABLE t (n INTEGER)');
    const controller = new AbortController();
    const batches = function* (): Generator<RecordBatch> {
      for (let index = 0; ; index++) {
        yield batchOf(index * 20_000, (index + 1) * 20_000);
      }
    };
    setTimeout(() => controller.abort(), 100);
    const { signal } = controller;
    await expect(loadBatches({ connection, target: 't', schema, batches: batches(), signal })).rejects.toEqual(
      expect.objectContaining({ code: 'cancelled' }),
    );
  });
});

it('reports what is wrong with a batch of a relation by its own code', async () => {
  const batch = batchOf(0, 10);
  const [column] = batch.data.children;
  const broken = { ...batch, data: { children: [{ ...column!, values: new Int32Array(1) }] } };
  const relation = database.registerBatches({ schema, batches: [batch, broken] });
  await database.withConnection(async (connection) => {
    await expect(connection.rows(`SELECT sum(n) FROM ${relation.sql}`)).rejects.toEqual(
      expect.objectContaining({ code: 'invalid_data', message: expect.stringContaining('column "n"') }),
    );
  });
  relation.release();
});

it('reports a buffer that was given away while it was in use', async () => {
  const numbers = Int32Array.from({ length: 10 }, (_, index) => index);
  const relation = database.registerBatches({ schema, batches: [batchFromColumns(schema, [numbers])] });
  structuredClone(numbers.buffer, { transfer: [numbers.buffer] });
  await database.withConnection(async (connection) => {
    await expect(connection.rows(`SELECT sum(n) FROM ${relation.sql}`)).rejects.toEqual(
      expect.objectContaining({ code: 'invalid_data' }),
    );
  });
  relation.release();
});
