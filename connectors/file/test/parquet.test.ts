import { type DataConnector, dataTypes, field } from '@millrace/core';
import { type DuckDbDatabase, openDatabase, toDuckDbType } from '@millrace/duckdb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestConnector, openTable, readRows, SIGNAL, type TestDataset } from './open-table.ts';
import { createTempFolder, type TempFolder } from './temp-folder.ts';

let folder: TempFolder;
let connector: DataConnector;
let database: DuckDbDatabase;

beforeAll(async () => {
  folder = await createTempFolder();
  connector = await createTestConnector(folder.path);
  database = await openDatabase({ path: ':memory:' });
});

afterAll(async () => {
  await connector.close();
  await database.close();
  await folder.remove();
});

async function write(name: string, select: string): Promise<void> {
  await folder.write(name, '');
  await database.withConnection((connection) =>
    connection.run(`COPY (${select}) TO '${folder.path}/${name}' (FORMAT parquet)`),
  );
}

async function read(dataset: TestDataset) {
  const table = await openTable(connector, dataset);
  return {
    columns: table.schema.fields.map((each) => `${each.name} ${toDuckDbType(each)}`),
    rows: await readRows(table),
  };
}

test('a file is a plain call that the engine plans by itself', async () => {
  await write('plain.parquet', 'SELECT 1 AS a');
  const table = await openTable(connector, { path: 'plain.parquet' });
  const path = `${folder.path}/plain.parquet`;
  expect(await table.nativeRelation?.({ signal: SIGNAL })).toEqual({
    kind: 'sql',
    engine: 'duckdb',
    sql: `SELECT * FROM read_parquet(['${path}'], hive_partitioning = false)`,
    paths: [path],
  });
});

test('an equality of bytes finds its rows, which DuckDB loses in a Parquet reader (bloom filter of the escaped text)', async () => {
  await write('bytes.parquet', "SELECT '\\x00\\xFF'::BLOB AS b FROM range(50)");
  const table = await openTable(connector, { path: 'bytes.parquet' });
  const filters = [
    {
      kind: 'call' as const,
      function: 'eq' as const,
      args: [
        { kind: 'column' as const, path: ['b'] as const, type: dataTypes.binary() },
        { kind: 'literal' as const, value: Uint8Array.of(0, 255), type: dataTypes.binary() },
      ],
      type: dataTypes.bool(),
    },
  ];
  expect(await readRows(table, { filters })).toHaveLength(50);
  const relation = await table.nativeRelation?.({ signal: SIGNAL });
  if (relation?.kind !== 'sql') throw new TypeError('no native relation');
  const count = `SELECT count(*) FROM (${relation.sql}) WHERE b = '\\x00\\xFF'::BLOB`;
  expect(await database.withConnection((connection) => connection.rows(count))).toEqual([[50n]]);
});

test('a file without rows has its columns', async () => {
  await write('none.parquet', "SELECT 1 AS a, 'x' AS b WHERE false");
  expect(await read({ path: 'none.parquet' })).toEqual({ columns: ['a INTEGER', 'b VARCHAR'], rows: [] });
});

describe('several files', () => {
  test('columns match by name, types of one kind widen, what is missing is NULL', async () => {
    await write('several/1.parquet', "SELECT 1::INTEGER AS a, 'x' AS b");
    await write('several/2.parquet', 'SELECT true AS c, 2.5::DOUBLE AS A');
    await write('several/3.parquet', "SELECT 'y' AS b, 3::INTEGER AS a");
    const expected = {
      columns: ['a DOUBLE', 'b VARCHAR', 'c BOOLEAN'],
      rows: [
        [1, 'x', null],
        [2.5, null, true],
        [3, 'y', null],
      ],
    };
    expect(await read({ path: 'several/*.parquet' })).toEqual(expected);
    const table = await openTable(connector, { path: 'several/*.parquet' });
    const relation = await table.nativeRelation?.({ signal: SIGNAL });
    if (relation?.kind !== 'sql') throw new TypeError('no relation');
    const rows = await database.withConnection((connection) => connection.rows(relation.sql));
    expect(rows).toEqual(expected.rows);
  });

  test('types of different kinds are an error that names file and column', async () => {
    await write('kinds/1.parquet', 'SELECT 1 AS a');
    await write('kinds/2.parquet', "SELECT 'x' AS a");
    await expect(openTable(connector, { path: 'kinds/*.parquet' })).rejects.toMatchObject({
      code: 'schema_mismatch',
      message: expect.stringMatching(/column a is utf8 in .*2\.parquet and int32 in the table/),
    });
  });

  test('a file that is added later must fit', async () => {
    await write('later/1.parquet', 'SELECT 1::BIGINT AS a');
    const table = await openTable(connector, { path: 'later/*.parquet' });
    await write('later/2.parquet', 'SELECT 2::INTEGER AS a, 5 AS more');
    expect(await readRows(table)).toEqual([[1n], [2n]]);
    await write('later/3.parquet', 'SELECT 2.5::DOUBLE AS a');
    await expect(readRows(table)).rejects.toMatchObject({ code: 'schema_mismatch' });
  });
});

describe('hive partitions', () => {
  test('folders become typed columns; a column of the same name inside the file gives way', async () => {
    await write('hive/year=2023/month=01/city=New%20York/a.parquet', 'SELECT 1 AS a, 1999 AS "year"');
    await write('hive/year=2024/month=12/city=__HIVE_DEFAULT_PARTITION__/a.parquet', 'SELECT 2 AS a, 1999 AS "year"');
    const path = 'hive/**/*.parquet';
    expect(await read({ path })).toEqual({
      columns: ['a INTEGER', 'year INTEGER'],
      rows: [
        [1, 1999],
        [2, 1999],
      ],
    });
    const hive = { path, params: { hive_partitioning_enabled: 'true' } };
    expect(await read(hive)).toEqual({
      columns: ['a INTEGER', 'year BIGINT', 'month VARCHAR', 'city VARCHAR'],
      rows: [
        [1, 2023n, '01', 'New York'],
        [2, 2024n, '12', null],
      ],
    });
    const table = await openTable(connector, hive);
    const year = { kind: 'column' as const, path: ['year'] as const, type: dataTypes.int64() };
    const wanted = { kind: 'literal' as const, value: 2024n, type: dataTypes.int64() };
    const filter = { kind: 'call' as const, function: 'eq' as const, args: [year, wanted], type: dataTypes.bool() };
    expect(await readRows(table, { filters: [filter] })).toEqual([[2, 2024n, '12', null]]);
  });

  test('CSV and JSON have them too', async () => {
    await folder.write('hive-csv/day=2024-01-02/a.csv', 'a\n1\n');
    await folder.write('hive-json/day=2024-01-02/a.json', '[{"a":1}]');
    for (const path of ['hive-csv/**/*.csv', 'hive-json/**/*.json'])
      expect(await read({ path, params: { hive_partitioning_enabled: 'true' } })).toEqual({
        columns: ['a BIGINT', 'day DATE'],
        rows: [[1n, '2024-01-02']],
      });
  });

  test('a file outside the partitions is an error', async () => {
    await write('hive-mixed/year=2023/a.parquet', 'SELECT 1 AS a');
    await write('hive-mixed/z/a.parquet', 'SELECT 2 AS a');
    await expect(
      openTable(connector, { path: 'hive-mixed/**/*.parquet', params: { hive_partitioning_enabled: 'true' } }),
    ).rejects.toMatchObject({
      code: 'schema_mismatch',
      message: expect.stringMatching(/z\/a\.parquet are not partitions by year/),
    });
  });
});

describe('declared columns', () => {
  test('override types and choose columns', async () => {
    await write('declared.parquet', "SELECT 1::INTEGER AS a, '7' AS b, 2.5::DOUBLE AS c");
    const schema = {
      fields: [field('B', dataTypes.int64()), { ...field('a', dataTypes.decimal(10, 2)), nullable: false }],
    };
    expect(await read({ path: 'declared.parquet', schema })).toEqual({
      columns: ['B BIGINT', 'a DECIMAL(10,2)'],
      rows: [[7n, '1.00']],
    });
    await folder.write('declared.csv', 'zip,amount\n1,1.50\n');
    const text = { fields: [field('zip', dataTypes.utf8()), field('amount', dataTypes.decimal(10, 2))] };
    expect(await read({ path: 'declared.csv', schema: text })).toEqual({
      columns: ['zip VARCHAR', 'amount DECIMAL(10,2)'],
      rows: [['1', '1.50']],
    });
    await folder.write('declared.json', '[{"zip":1,"amount":1.5}]');
    expect(await read({ path: 'declared.json', schema: text })).toEqual({
      columns: ['zip VARCHAR', 'amount DECIMAL(10,2)'],
      rows: [['1', '1.50']],
    });
  });

  test.each(['declared.parquet', 'declared.csv'])(
    'that %s has not are an error with the nearest name',
    async (path) => {
      const schema = { fields: [field('amonut', dataTypes.utf8())] };
      await write('declared.parquet', 'SELECT 1.5::DOUBLE AS amount');
      await folder.write('declared.csv', 'amount\n1.5\n');
      await expect(openTable(connector, { path, schema })).rejects.toMatchObject({
        code: 'schema_mismatch',
        message: expect.stringMatching(/has no column amonut\. Did you mean amount\?/),
      });
    },
  );

  test.each(['fraction.parquet', 'fraction.csv', 'fraction.json'])(
    'never round a fraction of %s to an integer',
    async (path) => {
      const schema = { fields: [field('amount', dataTypes.int32())] };
      await write('fraction.parquet', 'SELECT 1.5::DOUBLE AS amount');
      await folder.write('fraction.csv', 'amount\n1.5\n');
      await folder.write('fraction.json', '[{"amount":1.5}]');
      await expect(openTable(connector, { path, schema })).rejects.toMatchObject({ code: 'schema_mismatch' });
    },
  );
});

test('statistics come from the footers and stay away once rows are chosen', async () => {
  await write('statistics/1.parquet', 'SELECT CASE WHEN i > 2 THEN i END AS a FROM range(10) t(i)');
  await write('statistics/2.parquet', 'SELECT i AS a FROM range(5) t(i)');
  const table = await openTable(connector, { path: 'statistics/*.parquet' });
  const plan = await table.scan({ projection: [0], filters: [] }, { signal: SIGNAL });
  expect(await plan.statistics?.()).toMatchObject({
    rowCount: { value: 15n, exact: true },
    byteCount: { exact: false },
    columns: { a: { nullCount: { value: 3n, exact: true } } },
  });
  expect(plan.partitions).toHaveLength(2);
  const limited = await table.scan({ projection: [0], filters: [], limit: 3n }, { signal: SIGNAL });
  expect(limited.statistics).toBeUndefined();
  expect(limited.partitions).toHaveLength(1);
});
