import { gzipSync } from 'node:zlib';
import type { DataConnector } from '@millrace/core';
import { type DuckDbDatabase, openDatabase, toDuckDbType } from '@millrace/duckdb';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

async function read(dataset: TestDataset) {
  const table = await openTable(connector, dataset);
  return {
    columns: table.schema.fields.map((each) => `${each.name} ${toDuckDbType(each)}`),
    rows: await readRows(table),
  };
}

const records = (count: number) => Array.from({ length: count }, (_, row) => `{"n":${row}}`).join('\n');

test.each([
  ['array.json', '[{"a":1,"b":"x"},{"a":2,"b":null}]'],
  ['lines.ndjson', '{"a":1,"b":"x"}\n{"b":"y","a":2}\n{"c":true}\n'],
  ['one after the other.json', '{"a":\n1}\n{"a":\n2}'],
  ['nested.json', '[{"m":{"a":1,"b":[{"x":1.5},{"x":null}]},"big":9007199254740993,"u":"\\u00fc \\ud83d\\ude00"}]'],
  ['huge integers.json', '[{"a":12345678901234567890,"b":170141183460469231731687303715884105727}]'],
  ['mixed types.json', '[{"a":1},{"a":"x"},{"a":{"b":1}},{"a":[1,"2"]}]'],
  ['all null.json', '[{"a":null},{"a":null,"b":1}]'],
  ['dates.json', '[{"d":"2020-01-02","t":"2020-01-02 03:04:05.678901","u":"550e8400-e29b-41d4-a716-446655440000"}]'],
  ['many keys.json', `[{"m":{${Array.from({ length: 300 }, (_, key) => `"k${key}":${key}`).join(',')}}}]`],
  ['values.json', '[1,2,3]'],
  ['not only objects.json', '[{"a":1}]{"a":3}'],
  ['a key called json.json', '[{"json":5},{"json":6}]'],
  ['keys that differ by case.ndjson', '{"a":1,"A":5}\n{"a":2,"A":6}\n'],
  ['a late fraction.ndjson', `${records(30_000)}\n{"n":0.5}\n`],
  ['a late text.ndjson', `${records(30_000)}\n{"n":"x"}\n`],
  ['a late key.ndjson', `${records(30_000)}\n{"m":"x"}\n`],
])('%s is read as bare DuckDB reads it', async (name, content) => {
  const path = await folder.write(name, content);
  const bare = await database.withConnection(async (connection) => {
    const sql = `SELECT * FROM read_json('${path}', sample_size = -1)`;
    const { fields } = await connection.describe(sql);
    const rows = (await connection.rows(sql)).map((row) => [...row]);
    return { columns: fields.map((each) => `${each.name} ${toDuckDbType(each)}`), rows };
  });
  const found = await read({ path });
  expect(found.columns).toEqual(bare.columns);
  expect(found.rows).toEqual(bare.rows);
});

test('keys that differ by case are numbered in every partition alike', async () => {
  await folder.write('numbered/1.ndjson', '{"a":1,"A":5}\n');
  await folder.write('numbered/2.ndjson', '{"a":1.5,"A":"x"}\n');
  expect(await read({ path: 'numbered/*.ndjson' })).toEqual({
    columns: ['a DOUBLE', 'A_1 JSON'],
    rows: [
      [1, '5'],
      [1.5, '"x"'],
    ],
  });
});

test('dates of other formats stay text, unless the format is told', async () => {
  const path = await folder.write('german.json', '[{"d":"01.02.2020"}]');
  expect(await read({ path })).toEqual({ columns: ['d VARCHAR'], rows: [['01.02.2020']] });
  const dashes = await folder.write(
    'dashes.json',
    '[{"d":"31-12-2020","t":"2020-01-02 03:04:05","n":{"d":"2020-01-02"}}]',
  );
  expect(await read({ path: dashes })).toEqual({
    columns: ['d VARCHAR', 't TIMESTAMP', 'n STRUCT("d" DATE)'],
    rows: [['31-12-2020', '2020-01-02T03:04:05', { d: '2020-01-02' }]],
  });
  expect(await read({ path, params: { json_date_format: '%d.%m.%Y' } })).toEqual({
    columns: ['d DATE'],
    rows: [['2020-02-01']],
  });
  const times = await folder.write('times.json', '[{"d":"01.02.2020 10h"}]');
  expect(await read({ path: times, params: { json_timestamp_format: '%d.%m.%Y %Hh' } })).toEqual({
    columns: ['d TIMESTAMP'],
    rows: [['2020-02-01T10:00:00']],
  });
});

test('several files give the columns of all', async () => {
  await folder.write('several/1.json', '[{"a":1}]');
  await folder.write('several/2.json', '{"a":2.5,"b":"x"}\n{"a":3}');
  await folder.write('several/3.json', '[]');
  expect(await read({ path: 'several/*.json' })).toEqual({
    columns: ['a DOUBLE', 'b VARCHAR'],
    rows: [
      [1, null],
      [2.5, 'x'],
      [3, null],
    ],
  });
});

test('layout, size and compression can be told', async () => {
  await folder.write('lines.txt', '{"a":1}\n{"a":2}\n');
  for (const format of ['ndjson', 'jsonl', 'json'])
    expect((await read({ path: 'lines.txt', params: { file_format: format } })).rows).toEqual([[1n], [2n]]);
  expect(
    (await read({ path: 'lines.txt', params: { file_format: 'json', json_format: 'newline_delimited' } })).rows,
  ).toEqual([[1n], [2n]]);
  await expect(
    openTable(connector, { path: 'lines.txt', params: { file_format: 'json', json_format: 'array' } }),
  ).rejects.toMatchObject({ code: 'invalid_data' });
  await folder.write('zipped.ndjson.gz', gzipSync('{"a":1}\n'));
  // DuckDB's buffers take twice the largest record, and 32 MB at least.
  await folder.write('large.json', JSON.stringify([{ a: 'x'.repeat(34_000_000) }]));
  await expect(openTable(connector, { path: 'large.json' })).rejects.toMatchObject({
    code: 'invalid_data',
    message: expect.stringContaining('json_maximum_object_size'),
  });
  const roomy = await openTable(connector, { path: 'zipped.ndjson.gz', params: { json_maximum_object_size: '64MiB' } });
  expect(await roomy.nativeRelation?.({ signal: SIGNAL })).toMatchObject({
    sql: expect.stringContaining(`maximum_object_size = ${64 * 2 ** 20}`),
  });
  expect((await read({ path: 'zipped.ndjson.gz' })).rows).toEqual([[1n]]);
  await folder.write('zipped.json', gzipSync('{"a":1}\n'));
  expect((await read({ path: 'zipped.json', params: { file_compression_type: 'gzip' } })).rows).toEqual([[1n]]);
});

test('a key twice in one object is told', async () => {
  const path = await folder.write('twice.json', '[{"a":1,"a":2}]');
  await expect((async () => read({ path }))()).rejects.toMatchObject({
    code: 'invalid_data',
    message: expect.stringMatching(/record 1 of .*twice\.json has the same key twice/),
  });
});
