import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchFromRows, createValueReader, projectBatch } from '@millrace/arrow';
import { dataTypes, field, type RecordBatch, type Schema, type TableProvider } from '@millrace/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QueryEngine } from '../src/query/query-engine.ts';

/** More rows than are queried in their batches. */
const MANY_ROWS = 10_000;
/** More names than a catalog may know and serve another query. */
const MANY_NAMES = 70;

const PAIRS: Schema = { fields: [field('id', dataTypes.int32()), field('name', dataTypes.utf8())] };

let folder: string;
let engine: QueryEngine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-scratch-'));
  engine = await QueryEngine.open({ memoryLimit: '1GB', tempDirectory: join(folder, 'spill') });
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

/** A table that applies nothing; its rows are those of the moment in which it is read. */
function tableOf(schema: Schema, rows: () => readonly (readonly unknown[])[]): TableProvider {
  return {
    schema,
    tableType: 'base',
    scan: ({ projection, filters }) => ({
      schema: { fields: projection.map((ordinal) => schema.fields[ordinal]!) },
      applied: { filters: filters.map(() => 'none') },
      partitions: [{ id: 0, detail: null }],
      async *execute(): AsyncGenerator<RecordBatch, void, undefined> {
        yield projectBatch(batchFromRows(schema, rows() as never), projection);
      },
      explain: () => ({ source: 'test source' }),
    }),
  };
}

async function register(table: string, provider: TableProvider, schemaName?: string): Promise<void> {
  const name = schemaName === undefined ? { table } : { schemaName, table };
  await engine.addTable({ name, schema: provider.schema, provider: () => provider });
}

async function rowsOf(sql: string): Promise<unknown[][]> {
  const rows: unknown[][] = [];
  for await (const { data, numRows } of await engine.query({ sql })) {
    const readers = data.children.map(createValueReader);
    for (let row = 0; row < numRows; row += 1) rows.push(readers.map((read) => read(row)));
  }
  return rows;
}

async function catalogCount(): Promise<number> {
  const sql = "SELECT count(*)::INTEGER FROM duckdb_databases() WHERE starts_with(database_name, '__millrace_q')";
  return engine.database.withConnection(async (connection) => Number((await connection.rows(sql))[0]?.[0]));
}

describe('a query after another one', () => {
  it('sees the rows of its own time, whichever columns it reads', async () => {
    let round = 0;
    await register(
      'rounds',
      tableOf(PAIRS, () => Array.from({ length: round }, (_, index) => [index, `round ${round}`])),
    );
    for (round = 0; round < 5; round += 1) {
      const rows = Array.from({ length: round }, (_, index) => [index, `round ${round}`]);
      expect(await rowsOf('SELECT * FROM rounds ORDER BY id')).toEqual(rows);
      expect(await rowsOf('SELECT name FROM rounds WHERE id = 2')).toEqual(round > 2 ? [[`round ${round}`]] : []);
      expect(await rowsOf('SELECT count(*) FROM rounds')).toEqual([[BigInt(round)]]);
      expect(await rowsOf('SELECT a.id FROM rounds a JOIN rounds b USING (id) ORDER BY 1')).toEqual(
        rows.map(([id]) => [id]),
      );
    }
  });

  it('sees the columns that the table has now, in its schema', async () => {
    await register(
      'changing',
      tableOf(PAIRS, () => [[1, 'one']]),
      'shop',
    );
    expect(await rowsOf('SELECT * FROM shop.changing ORDER BY ALL')).toEqual([[1, 'one']]);
    const schema = { fields: [field('name', dataTypes.utf8()), field('id', dataTypes.int64())] };
    await register(
      'changing',
      tableOf(schema, () => [['two', 2n]]),
      'shop',
    );
    expect(await rowsOf('SELECT * FROM shop.changing ORDER BY ALL')).toEqual([['two', 2n]]);
    await register(
      'changing',
      tableOf(PAIRS, () => [[3, 'three']]),
    );
    expect(await rowsOf('SELECT c.*, d.* FROM changing c, shop.changing d')).toEqual([[3, 'three', 'two', 2n]]);
  });

  it('sees through views what their tables have now', async () => {
    let name = 'old';
    await register(
      'viewed',
      tableOf(PAIRS, () => [[1, name]]),
    );
    await engine.addView({ name: { table: 'viewer' }, sql: 'SELECT name AS shown FROM viewed' });
    expect(await rowsOf('SELECT * FROM viewer')).toEqual([['old']]);
    name = 'new';
    expect(await rowsOf('SELECT * FROM viewer')).toEqual([['new']]);
  });

  it('is right after one with many rows, one that failed and one that was left', async () => {
    let count = 1;
    const numbers = tableOf(PAIRS, () => Array.from({ length: count }, (_, index) => [index, String(index)]));
    await register('numbers', numbers);
    const total = 'SELECT count(*), max(id) FROM numbers';
    for (count of [2, MANY_ROWS, 3]) expect(await rowsOf(total)).toEqual([[BigInt(count), count - 1]]);
    await expect(rowsOf("SELECT CAST(name || 'x' AS INTEGER) FROM numbers")).rejects.toThrow();
    expect(await rowsOf(total)).toEqual([[3n, 2]]);
    const left = await engine.query({ sql: 'SELECT * FROM numbers ORDER BY id' });
    await left.close();
    count = 4;
    expect(await rowsOf(total)).toEqual([[4n, 3]]);
  });
});

it('queries at the same time have rows of their own, and leave few catalogs behind', async () => {
  const read = async (value: number) => {
    await register(
      `own_${value}`,
      tableOf(PAIRS, () => [[value, 'own']]),
    );
    expect(await rowsOf(`SELECT id FROM own_${value} ORDER BY id`)).toEqual([[value]]);
  };
  await Promise.all(Array.from({ length: 20 }, (_, index) => read(index)));
  for (let value = 0; value < MANY_NAMES; value += 1) await read(value);
  for (let value = 0; value < 5; value += 1) await read(value);
  await expect.poll(catalogCount, { timeout: 60_000 }).toSatisfy((count: number) => count >= 1 && count <= 4);
});
