import type { RecordBatch } from '@millrace/core';
import { TYPE_SAMPLES } from '@millrace/test-fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DuckDbConnection, type DuckDbDatabase, openDatabase } from '../src/index.ts';

/** More than two chunks, so that validity bits and string runs meet at odd places. */
const ROW_COUNT = 4_700;

describe('results of every type', () => {
  let database: DuckDbDatabase;
  let connection: DuckDbConnection;
  beforeAll(async () => {
    database = await openDatabase({ path: ':memory:' });
    connection = await database.connect();
  });
  afterAll(() => database.close());

  /** Reads a query's rows, offers them to DuckDB again, and counts the rows that differ from the table they came from. */
  async function differences(table: string, sql: string): Promise<readonly bigint[]> {
    const batches: RecordBatch[] = [];
    const stream = await connection.stream({ sql });
    for await (const batch of stream) {
      batches.push(batch);
    }
    const relation = database.registerBatches({ schema: stream.schema, batches });
    try {
      const [row] = await connection.rows(
        `SELECT count(*), count(*) FILTER (a.v IS DISTINCT FROM b.v), count(*) FILTER (a.v::VARCHAR IS DISTINCT FROM b.v::VARCHAR)
         FROM (FROM ${table}) a POSITIONAL JOIN (FROM ${relation.sql}) b`,
      );
      return row as readonly bigint[];
    } finally {
      relation.release();
    }
  }

  it.each(TYPE_SAMPLES)('$type comes back as it was', async ({ type, values }) => {
    const choices = [...values, 'NULL'].map((value) => `(${value})::${type}`);
    await connection.run(
      `CREATE OR REPLACE TABLE choices AS SELECT * FROM (VALUES ${choices.map((choice, index) => `(${index}, ${choice})`).join(', ')}) c(k, v)`,
    );
    await connection.run(
      `CREATE OR REPLACE TABLE t AS SELECT v FROM range(${ROW_COUNT}) r(i) JOIN choices ON k = (hash(i) % ${choices.length})::INTEGER ORDER BY i`,
    );
    expect(await differences('t', 'FROM t')).toEqual([BigInt(ROW_COUNT), 0n, 0n]);
    // Filtered rows come in chunks of odd sizes; a column of nulls alone and one without any nulls have paths of their own.
    await connection.run('CREATE OR REPLACE TABLE odd AS SELECT v FROM t WHERE rowid % 3 <> 1');
    expect((await differences('odd', 'SELECT v FROM t WHERE rowid % 3 <> 1')).slice(1)).toEqual([0n, 0n]);
    await connection.run('CREATE OR REPLACE TABLE whole AS SELECT v FROM t WHERE v IS NOT NULL');
    expect((await differences('whole', 'SELECT v FROM t WHERE v IS NOT NULL')).slice(1)).toEqual([0n, 0n]);
  });

  /** Expressions whose vectors DuckDB shares, slices or repeats instead of copying them. */
  const shared: readonly (readonly [string, string])[] = [
    ['constants', "SELECT 'a constant beyond twelve bytes' AS v FROM range(3000)"],
    ['constant lists', 'SELECT [1, NULL, 3] AS v FROM range(3000)'],
    ['constant structs', "SELECT {'a': 'a constant beyond twelve bytes', 'b': [1]} AS v FROM range(3000)"],
    [
      'reversed lists',
      "SELECT list_reverse(['first text beyond twelve', NULL, i::VARCHAR]) AS v FROM range(3000) t(i)",
    ],
    ['sorted lists', 'SELECT list_sort([i % 7, NULL, i % 3]) AS v FROM range(3000) t(i)'],
    ['sliced lists', "SELECT ['a text beyond twelve bytes' || i, 'b', 'c'][2:] AS v FROM range(3000) t(i)"],
    ['filtered lists', 'SELECT list_filter(range(i % 9), lambda x: x % 2 = 0) AS v FROM range(3000) t(i)'],
    [
      'transformed lists',
      "SELECT list_transform(range(i % 9), lambda x: 'item of the list ' || x) AS v FROM range(3000) t(i)",
    ],
    [
      'lists of constants',
      "SELECT [s, s] AS v FROM (SELECT 'a constant beyond twelve bytes' AS s, i FROM range(3000) t(i))",
    ],
    [
      'list aggregates',
      "SELECT list(CASE WHEN i % 5 = 0 THEN NULL ELSE 'member of the list ' || i END ORDER BY i) AS v FROM range(30000) t(i) GROUP BY i % 1000 ORDER BY i % 1000",
    ],
    ['selected lists', 'SELECT list_select([10, 20, 30, 40], [4, 1, i % 3 + 1]) AS v FROM range(3000) t(i)'],
    [
      'zipped lists',
      "SELECT list_transform(list_zip([i, i + 1], ['a', 'b', 'c']), lambda p: {'n': p[1], 's': p[2]}) AS v FROM range(3000) t(i)",
    ],
    ['flattened lists', 'SELECT flatten([[i], NULL, [i, i]]) AS v FROM range(3000) t(i)'],
    ['map entries', "SELECT map_entries(MAP {'k' || i: i, 'l': NULL}) AS v FROM range(3000) t(i)"],
    ['map from lists', "SELECT map([i, i + 1], ['x' || i, NULL]) AS v FROM range(3000) t(i)"],
    [
      'struct from a dictionary',
      "SELECT {'s': s, 'n': i} AS v FROM range(3000) t(i) JOIN (VALUES (0, 'first of two long texts'), (1, NULL)) d(k, s) ON k = i % 2",
    ],
    [
      'case over structs',
      "SELECT CASE WHEN i % 3 = 0 THEN NULL WHEN i % 3 = 1 THEN {'a': i, 'b': 'text beyond twelve bytes'} ELSE {'a': NULL, 'b': NULL} END AS v FROM range(3000) t(i)",
    ],
    [
      'arrays of a dictionary',
      "SELECT array_value(s, s) AS v FROM range(3000) t(i) JOIN (VALUES (0, 'first of two long texts'), (1, NULL)) d(k, s) ON k = i % 2",
    ],
    [
      'cross joins',
      "SELECT a.s || b.s AS v FROM (SELECT 'left text ' || i AS s FROM range(60) t(i)) a, (SELECT 'right text ' || i AS s FROM range(60) t(i)) b",
    ],
    [
      'nested joins',
      "SELECT b.l AS v FROM range(5000) t(i) JOIN (SELECT j, ['t' || j, NULL, 'a text beyond twelve bytes'] AS l FROM range(10) u(j)) b ON i % 10 = j",
    ],
    ['unnested structs', "SELECT unnest([{'a': i, 'b': 'text beyond twelve bytes'}, NULL]) AS v FROM range(3000) t(i)"],
    ['windows', "SELECT lag('text beyond twelve bytes ' || i, 3) OVER (ORDER BY i) AS v FROM range(5000) t(i)"],
    [
      'unions by case',
      'SELECT CASE WHEN i % 2 = 0 THEN union_value(a := i) WHEN i % 5 = 0 THEN union_value(a := NULL) ELSE NULL END AS v FROM range(3000) t(i)',
    ],
  ];
  it.each(shared)('%s', async (_, sql) => {
    await connection.run(`CREATE OR REPLACE TABLE expected AS ${sql}`);
    const [total, ...different] = await differences('expected', sql);
    expect(total).toBeGreaterThan(0n);
    expect(different).toEqual([0n, 0n]);
  });

  it('gives exact values', async () => {
    const values = await connection.rows(
      `SELECT '-170141183460469231731687303715884105728'::HUGEINT, '340282366920938463463374607431768211455'::UHUGEINT,
        '01234567-89ab-cdef-0123-456789abcdef'::UUID, '10110'::BIT, -256::BIGNUM, '12:34:56.7-05:30'::TIMETZ,
        '-1 month 2 days 3 microseconds'::INTERVAL, -1.5::DECIMAL(4,1), 'it''s'::ENUM('b', 'it''s'), 9007199254740993,
        union_value(num := 7), MAP {'k': [1, NULL]}, NULL`,
    );
    expect(values).toEqual([
      [
        '-170141183460469231731687303715884105728',
        '340282366920938463463374607431768211455',
        Uint8Array.from([
          0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
        ]),
        '10110',
        '-256',
        '12:34:56.7-05:30',
        { months: -1, days: 2, nanoseconds: 3000n },
        '-1.5',
        "it's",
        9007199254740993n,
        7,
        [['k', [1, null]]],
        null,
      ],
    ]);
  });

  it('refuses an interval that Arrow cannot hold, and a type that it lacks', async () => {
    await expect(connection.rows('SELECT to_microseconds(9223372036854776)')).rejects.toMatchObject({
      code: 'invalid_data',
    });
    await expect(connection.rows('SELECT 1::VARIANT')).rejects.toMatchObject({ code: 'unsupported_type' });
    await expect(connection.stream({ sql: 'SELECT 1::VARIANT FROM range(100000)' })).rejects.toMatchObject({
      code: 'unsupported_type',
    });
    expect(await connection.rows('SELECT 1')).toEqual([[1]]);
  });

  it('passes duplicate names and a result without rows', async () => {
    const stream = await connection.stream({ sql: 'SELECT 1 AS a, 2 AS a, [] AS b WHERE false' });
    expect(stream.schema.fields.map(({ name }) => name)).toEqual(['a', 'a', 'b']);
    expect(await stream[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
  });
});
