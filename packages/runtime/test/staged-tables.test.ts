import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchFromColumns, createValueReader, projectBatch } from '@millrace/arrow';
import { dataTypes, type Expr, field, type RecordBatch, type TableProvider } from '@millrace/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QueryEngine } from '../src/query/query-engine.ts';

const BATCH_ROWS = 1_000;
/** Rows up to which a table is queried in its batches; the tests cross it. */
const SMALL_ROWS = 8_192;

let folder: string;
let engine: QueryEngine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-staged-'));
  engine = await QueryEngine.open({ memoryLimit: '1GB', tempDirectory: join(folder, 'spill') });
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

/** A table that applies nothing and remembers what it was asked for. */
function tableOf(batches: readonly RecordBatch[], asked: (readonly Expr[])[] = []): TableProvider {
  const { schema } = batches[0]!;
  return {
    schema,
    tableType: 'base',
    scan: ({ projection, filters }) => {
      asked.push(filters);
      return {
        schema: { fields: projection.map((ordinal) => schema.fields[ordinal]!) },
        applied: { filters: filters.map(() => 'none') },
        partitions: [{ id: 0, detail: null }],
        async *execute() {
          for (const batch of batches) yield projectBatch(batch, projection);
        },
        explain: () => ({ source: 'test source' }),
      };
    },
  };
}

function numbered(rowCount: number): readonly RecordBatch[] {
  const schema = { fields: [field('n', dataTypes.int32()), field('text', dataTypes.utf8())] };
  return Array.from({ length: Math.ceil(rowCount / BATCH_ROWS) }, (_, index) => {
    const count = Math.min(BATCH_ROWS, rowCount - index * BATCH_ROWS);
    const numbers = Int32Array.from({ length: count }, (_value, row) => index * BATCH_ROWS + row);
    return batchFromColumns(schema, [numbers, Array.from(numbers, (n) => (n % 4 === 0 ? null : `text ${n}`))]);
  });
}

async function register(name: string, provider: TableProvider): Promise<void> {
  await engine.addTable({ name: { table: name }, schema: provider.schema, provider: async () => provider });
}

async function rowsOf(sql: string): Promise<unknown[][]> {
  const rows: unknown[][] = [];
  for await (const { data, numRows } of await engine.query({ sql })) {
    const readers = data.children.map(createValueReader);
    for (let row = 0; row < numRows; row += 1) rows.push(readers.map((read) => read(row)));
  }
  return rows;
}

describe('a scanned table', () => {
  it.each([0, 1, SMALL_ROWS - 1, SMALL_ROWS, SMALL_ROWS + 1, 3 * SMALL_ROWS])(
    'of %i rows is whole, whichever columns are read and however often',
    async (rowCount) => {
      const batches = rowCount === 0 ? [batchFromColumns(numbered(1)[0]!.schema, [[], []])] : numbered(rowCount);
      await register('numbered', tableOf(batches));
      const texts = rowCount - Math.ceil(rowCount / 4);
      expect(await rowsOf('SELECT count(*), count(DISTINCT n), count(text) FROM numbered')).toEqual([
        [BigInt(rowCount), BigInt(rowCount), BigInt(texts)],
      ]);
      expect(await rowsOf('SELECT count(*) FROM numbered')).toEqual([[BigInt(rowCount)]]);
      const joined = 'SELECT count(*) FROM numbered a JOIN numbered b ON a.n = b.n AND a.text = b.text';
      expect(await rowsOf(joined)).toEqual([[BigInt(texts)]]);
      expect(await rowsOf('SELECT n FROM numbered WHERE n = 5')).toEqual(rowCount > 5 ? [[5]] : []);
      expect((await rowsOf('FROM numbered')).length).toBe(rowCount);
    },
  );

  it('fails with the error of its source, early and late', async () => {
    for (const good of [0, SMALL_ROWS * 2]) {
      const broken = tableOf(numbered(1));
      await register('broken', {
        ...broken,
        scan: (request, context) => ({
          ...(broken.scan(request, context) as ReturnType<TableProvider['scan']> & object),
          async *execute() {
            for (const batch of numbered(good)) yield projectBatch(batch, request.projection);
            throw new Error(`the source broke after ${good} rows`);
          },
        }),
      } as TableProvider);
      await expect(rowsOf('SELECT max(n) FROM broken')).rejects.toThrow(`the source broke after ${good} rows`);
    }
  });
});

describe('a statement that was run before', () => {
  it('is planned again once its table has other columns', async () => {
    const sql = 'SELECT b FROM changing WHERE a > 5 ORDER BY b';
    const asked: (readonly Expr[])[] = [];
    const first = { fields: [field('a', dataTypes.int32()), field('b', dataTypes.utf8())] };
    await register(
      'changing',
      tableOf(
        [
          batchFromColumns(first, [
            [1, 6, 7],
            ['x', 'y', 'z'],
          ]),
        ],
        asked,
      ),
    );
    expect(await rowsOf(sql)).toEqual([['y'], ['z']]);
    expect(await rowsOf(sql)).toEqual([['y'], ['z']]);
    expect(asked[1]).toEqual(asked[0]);
    expect(asked[0]).toHaveLength(1);
    const second = { fields: [field('b', dataTypes.int32()), field('a', dataTypes.float64())] };
    await register(
      'changing',
      tableOf(
        [
          batchFromColumns(second, [
            [3, 1, 2],
            [5.5, 9, 5],
          ]),
        ],
        asked,
      ),
    );
    expect(await rowsOf(sql)).toEqual([[1], [3]]);
    expect(JSON.stringify(asked[2])).not.toBe(JSON.stringify(asked[0]));
  });

  it('sees the clock anew', async () => {
    const schema = { fields: [field('moment', dataTypes.int64())] };
    await register('clocked', tableOf([batchFromColumns(schema, [[1n]])]));
    const sql = 'SELECT epoch_us(now()) FROM clocked WHERE moment < epoch_us(now())';
    const [[before]] = (await rowsOf(sql)) as [[bigint]];
    await new Promise((resolve) => setTimeout(resolve, 5));
    const [[after]] = (await rowsOf(sql)) as [[bigint]];
    expect(after).toBeGreaterThan(before);
  });
});
