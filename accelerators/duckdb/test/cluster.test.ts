import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchFromColumns, sliceBatch } from '@millrace/arrow';
import { type CreateTableCommand, dataTypes, field, type RecordBatch, type Schema, TimeUnit } from '@millrace/core';
import { type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Accelerated, accelerate, CONTEXT, refresh } from './accelerate.ts';

/** Several row groups of DuckDB, each of 122,880 rows. */
const ROW_COUNT = 500_000;
const DAY_US = 86_400_000_000n;
const SCHEMA: Schema = {
  fields: [
    field('id', dataTypes.int32()),
    field('customer', dataTypes.int32()),
    field('moment', dataTypes.timestamp(TimeUnit.Microsecond)),
  ],
};

/** Rows in no order: customers and days of three years come again and again. */
function shuffledRows(): RecordBatch[] {
  const ids = Int32Array.from({ length: ROW_COUNT }, (_, row) => row);
  const customers = Int32Array.from({ length: ROW_COUNT }, (_, row) => (row * 7_919) % 10_000);
  const times = BigInt64Array.from({ length: ROW_COUNT }, (_, row) => BigInt((row * 6_007) % 1_096) * DAY_US);
  const whole = batchFromColumns(SCHEMA, [ids, customers, times]);
  const size = 50_000;
  return Array.from({ length: ROW_COUNT / size }, (_, part) => sliceBatch(whole, part * size, (part + 1) * size));
}

const CASES: readonly (readonly [string, Partial<CreateTableCommand>, string | undefined, string])[] = [
  [
    'a month',
    { partitionBy: [{ kind: 'date_trunc', column: 'moment', unit: 'month' }] },
    undefined,
    "moment >= '1971-03-01' AND moment < '1971-04-01'",
  ],
  [
    'a part that does not come again',
    { partitionBy: [{ kind: 'date_part', column: 'moment', part: 'year' }] },
    undefined,
    "moment >= '1971-03-01' AND moment < '1971-04-01'",
  ],
  // Every other month begins later than the first one, and its rows are in the order of time.
  [
    'a part that comes again',
    { partitionBy: [{ kind: 'date_part', column: 'moment', part: 'month' }] },
    undefined,
    "moment < '1970-02-01'",
  ],
  ['a column', { partitionBy: [{ kind: 'identity', column: 'Customer' }] }, undefined, 'customer = 4242'],
  ['a bucket', { partitionBy: [{ kind: 'bucket', column: 'customer', count: 16 }] }, undefined, 'customer = 4242'],
  [
    'a part of a number',
    { partitionBy: [{ kind: 'truncate', column: 'customer', width: 100 }] },
    undefined,
    'customer BETWEEN 4200 AND 4299',
  ],
  ['sort columns', {}, 'customer, moment', 'customer < 50'],
  [
    'a year, sorted by a column',
    { partitionBy: [{ kind: 'date_trunc', column: 'moment', unit: 'year' }] },
    'customer',
    "moment >= '1972-01-01' AND moment < '1973-01-01'",
  ],
];

describe('rows that are kept together', () => {
  let folder: string;
  let engine: DuckDbDatabase;
  const opened: Accelerated[] = [];
  /** The same rows as they come. */
  let whole: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-cluster-'));
    engine = await openDatabase({ path: ':memory:', threads: 2 });
    const plain = await open('plain', {});
    await refresh(plain.table, shuffledRows());
    whole = await relationOf(plain);
  });
  afterAll(async () => {
    for (const { accelerator } of opened) await accelerator.shutdown();
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(table: string, command: Partial<CreateTableCommand>, sortColumns?: string): Promise<Accelerated> {
    const sorted = sortColumns === undefined ? {} : { sortColumns };
    const one = await accelerate({ folder, engine, schema: SCHEMA, name: { table }, command, ...sorted });
    opened.push(one);
    return one;
  }
  async function relationOf({ table }: Accelerated): Promise<string> {
    const relation = await table.nativeRelation?.(CONTEXT);
    if (relation?.kind !== 'engine_table') throw new TypeError('the table does not live in the engine');
    return `"${relation.catalog}"."${relation.schemaName}"."${relation.table}"`;
  }
  async function rows(sql: string): Promise<readonly (readonly unknown[])[]> {
    return engine.withConnection((connection) => connection.rows(sql));
  }
  /** Rows that the scan of the table had to look at. */
  async function scannedRows(relation: string, where: string): Promise<number> {
    const [row] = await rows(`EXPLAIN (ANALYZE, FORMAT json) SELECT sum(id) FROM ${relation} WHERE ${where}`);
    const counts = [...String(row?.[1]).matchAll(/"operator_rows_scanned": ?(\d+)/g)].map(([, count]) => Number(count));
    return Math.max(...counts);
  }

  it.each(CASES)('by %s are skipped together, and are the same rows', async (_, command, sortColumns, where) => {
    const clustered = await open(`clustered_${opened.length}`, command, sortColumns);
    expect(await refresh(clustered.table, shuffledRows())).toBe(BigInt(ROW_COUNT));
    const kept = await relationOf(clustered);
    for (const condition of [where, 'true'])
      expect(
        await rows(`SELECT count(*), sum(id), sum(hash(id, customer, moment)) FROM ${kept} WHERE ${condition}`),
      ).toEqual(
        await rows(`SELECT count(*), sum(id), sum(hash(id, customer, moment)) FROM ${whole} WHERE ${condition}`),
      );
    expect(await scannedRows(whole, where)).toBe(ROW_COUNT);
    expect(await scannedRows(kept, where)).toBeLessThanOrEqual(ROW_COUNT / 2);
  });

  it.each<CreateTableCommand['partitionBy'] & object>([
    [{ kind: 'date_trunc', column: 'moment', unit: 'year' }],
    [{ kind: 'date_part', column: 'moment', part: 'year' }],
  ])('may have times of which no period can be told: %j', async (partition) => {
    const fields = SCHEMA.fields.with(2, field('moment', dataTypes.timestamp(TimeUnit.Second)));
    const name = { table: `ends_${opened.length}` };
    const command = { partitionBy: [partition] };
    const one = await accelerate({ folder, engine, schema: { fields }, name, command });
    opened.push(one);
    // Behind the first: infinity, the moment in which DuckDB's microseconds begin, and one behind their end.
    const times = BigInt64Array.from([86_400n, 2n ** 63n - 1n, -9_223_372_022_400n, 9_223_372_036_855n]);
    const ids = Int32Array.from([1, 2, 3, 4]);
    expect(await refresh(one.table, [batchFromColumns({ fields }, [ids, ids, times])])).toBe(4n);
    expect(await rows(`SELECT id FROM ${await relationOf(one)} ORDER BY id`)).toEqual([[1], [2], [3], [4]]);
  });

  it.each<[string, Partial<CreateTableCommand>, string | undefined]>([
    ['a column that is not there', { partitionBy: [{ kind: 'identity', column: 'nowhere' }] }, undefined],
    ['a period of a number', { partitionBy: [{ kind: 'date_trunc', column: 'id', unit: 'day' }] }, undefined],
    ['a part of a number', { partitionBy: [{ kind: 'date_part', column: 'id', part: 'month' }] }, undefined],
    ['a cut of a time', { partitionBy: [{ kind: 'truncate', column: 'moment', width: 3 }] }, undefined],
    ['an order by a column that is not there', {}, 'id, nowhere'],
  ])('cannot be told by %s', async (_, command, sortColumns) => {
    await expect(open('refused', command, sortColumns)).rejects.toMatchObject({ code: 'invalid_config' });
  });
});
