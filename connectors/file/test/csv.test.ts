import { gzipSync } from 'node:zlib';
import type { DataConnector } from '@millrace/core';
import { type DuckDbDatabase, openDatabase, toDuckDbType } from '@millrace/duckdb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestConnector, openTable, readRows, type TestDataset } from './open-table.ts';
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

/** Columns with types, and rows. */
async function read(dataset: TestDataset) {
  const table = await openTable(connector, dataset);
  return {
    columns: table.schema.fields.map((each) => `${each.name} ${toDuckDbType(each)}`),
    rows: await readRows(table),
  };
}

async function readBare(path: string) {
  return database.withConnection(async (connection) => {
    const sql = `SELECT * FROM read_csv('${path.replaceAll("'", "''")}', sample_size = -1)`;
    const { fields } = await connection.describe(sql);
    const rows = (await connection.rows(sql)).map((row) => [...row]);
    return { columns: fields.map((each) => `${each.name} ${toDuckDbType(each)}`), rows };
  });
}

describe('what a file says is read as bare DuckDB reads it', () => {
  const FILES: Readonly<Record<string, string | Uint8Array>> = {
    'quoted newlines': 'a,b\n1,"x\ny"\n2,"say ""hi"""\n',
    'byte order mark': '\ufeffa,b\n1,x\n',
    'carriage returns': 'a,b\r\n1,"x\r\ny"\r\n2,z\r\n',
    semicolons: 'a;b\n1;x\n2;y\n',
    'single quotes': "a,b\n1,'x,y'\n",
    'unbalanced quotes': 'a,b\n1,he said "hi" x\n3,"bro"ken\n',
    'repeated names': 'a,a,A,"x ""q"""\n1,2,3,4\n',
    'spaces and unicode': 'first name,größe,"it\'s"\nAnn,1.5,😀\n',
    'header only': 'a,b c\n',
    'no header': '1,x\n2,y\n',
    'no last newline': 'a,b\n1,x',
    'empty column': 'a,b\n1,\n2,\n',
    'leading zeros': 'zip,n\n00501,1\n10001,2\n',
    'many types':
      'i,f,d,t,ts,tz,b,s\n1,1.5,2020-01-02,10:00:00,2020-01-01 10:00:00,2020-01-01 10:00:00+02,true,x\n2,2,2020-01-03,11:00:00,2020-01-01 10:00:00.5,2020-01-01 10:00:00+02,false,y\n',
    'german dates': 'd\n31.12.2020\n01.02.2021\n',
    'comment lines': '# made by hand\n# twice\na,b\n1,2\n',
    'one column': 'name\nx\ny\n',
    'a late fraction': `n,s\n${Array.from({ length: 30_000 }, (_, row) => `${row},x`).join('\n')}\n0.5,y\n`,
    'a late text': `n,s\n${Array.from({ length: 30_000 }, (_, row) => `${row},x`).join('\n')}\noops,y\n`,
    'a late leading zero': `n,s\n${Array.from({ length: 30_000 }, (_, row) => `${row + 1},x`).join('\n')}\n007,y\n`,
    'a late quote': `n,s\n${Array.from({ length: 90_000 }, (_, row) => `${row},some longer text`).join('\n')}\n1,"a, b ""c"""\n`,
  };

  test.each(Object.entries(FILES))('%s', async (name, content) => {
    const path = await folder.write(`bare ${name}.csv`, content);
    const found = await read({ path });
    const bare = await readBare(path);
    expect(found.columns).toEqual(bare.columns);
    expect(found.rows).toEqual(bare.rows);
  });
});

test('compressed files are read by their extension or as told', async () => {
  const rows = [[1n, 'x']];
  await folder.write('plain.csv.gz', gzipSync('a,b\n1,x\n'));
  expect((await read({ path: 'plain.csv.gz' })).rows).toEqual(rows);
  await folder.write('hidden.csv', gzipSync('a,b\n1,x\n'));
  expect((await read({ path: 'hidden.csv', params: { file_compression_type: 'gzip' } })).rows).toEqual(rows);
  await database.withConnection((connection) =>
    connection.run(
      `COPY (SELECT 1::BIGINT AS a, 'x' AS b) TO '${folder.path}/z.csv.zst' (FORMAT csv, COMPRESSION zstd)`,
    ),
  );
  expect((await read({ path: 'z.csv.zst' })).rows).toEqual(rows);
});

describe('parameters', () => {
  test.each<[string, string | Uint8Array, Record<string, string>, string[], unknown[][]]>([
    ['delimiter', 'a#b\n1#x\n', { csv_delimiter: '#' }, ['a BIGINT', 'b VARCHAR'], [[1n, 'x']]],
    ['quote', 'a,b\n1,~x,y~\n', { csv_quote: '~' }, ['a BIGINT', 'b VARCHAR'], [[1n, 'x,y']]],
    ['escape', 'a,b\n1,"x\\"y"\n', { csv_escape: '\\' }, ['a BIGINT', 'b VARCHAR'], [[1n, 'x"y']]],
    [
      'no header',
      'a,b\n1,x\n',
      { csv_has_header: 'false' },
      ['column0 VARCHAR', 'column1 VARCHAR'],
      [
        ['a', 'b'],
        ['1', 'x'],
      ],
    ],
    ['header', '1,2\n3,4\n', { csv_has_header: 'true' }, ['1 BIGINT', '2 BIGINT'], [[3n, 4n]]],
    ['skip', 'x\ny\na,b\n1,2\n', { csv_skip: '2' }, ['a BIGINT', 'b BIGINT'], [[1n, 2n]]],
    ['comment', 'a,b\n1,2\n;no\n', { csv_comment: ';' }, ['a BIGINT', 'b BIGINT'], [[1n, 2n]]],
    [
      'null value',
      'a,b\nNA,x\n2,NA\n',
      { csv_null_value: 'NA' },
      ['a BIGINT', 'b VARCHAR'],
      [
        [null, 'x'],
        [2n, null],
      ],
    ],
    [
      'null padding',
      'a,b,c\n1,2,3\n4,5\n',
      { csv_delimiter: ',', csv_null_padding: 'true' },
      ['a BIGINT', 'b BIGINT', 'c BIGINT'],
      [
        [1n, 2n, 3n],
        [4n, 5n, null],
      ],
    ],
    ['decimal comma', 'a;b\n1,5;x\n', { csv_decimal_separator: ',' }, ['a DOUBLE', 'b VARCHAR'], [[1.5, 'x']]],
    [
      'date format',
      'd,x\n01.02.2020,1\n',
      { csv_date_format: '%m.%d.%Y' },
      ['d DATE', 'x BIGINT'],
      [['2020-01-02', 1n]],
    ],
    [
      'timestamp format',
      'd,x\n01.02.2020 10h,1\n',
      { csv_timestamp_format: '%d.%m.%Y %Hh' },
      ['d TIMESTAMP', 'x BIGINT'],
      [['2020-02-01T10:00:00', 1n]],
    ],
    [
      'latin-1',
      Buffer.from('a,b\n1,\u00fc\n', 'latin1'),
      { csv_encoding: 'latin-1' },
      ['a BIGINT', 'b VARCHAR'],
      [[1n, 'ü']],
    ],
    [
      'utf-16',
      Buffer.from('\ufeffa,b\n1,ü\n', 'utf16le'),
      { csv_encoding: 'utf-16' },
      ['a BIGINT', 'b VARCHAR'],
      [[1n, 'ü']],
    ],
    ['tsv', 'a\tb\n1\tx,y;z\n', { file_format: 'tsv' }, ['a BIGINT', 'b VARCHAR'], [[1n, 'x,y;z']]],
  ])('%s', async (name, content, params, columns, rows) => {
    const path = await folder.write(`parameter ${name}.csv`, content);
    expect(await read({ path, params })).toEqual({ columns, rows });
  });

  test('a smaller sample is faster and fails at the row that does not fit', async () => {
    const lines = Array.from({ length: 30_000 }, (_, row) => `${row},x`).join('\n');
    const path = await folder.write('sample.csv', `n,s\n${lines}\noops,y\n`);
    const table = await openTable(connector, { path, params: { csv_schema_infer_max_records: '100' } });
    expect(toDuckDbType(table.schema.fields[0]!)).toBe('BIGINT');
    await expect(readRows(table)).rejects.toMatchObject({
      code: 'invalid_data',
      message: expect.stringMatching(/line 30002 of .*sample\.csv .*column n/),
    });
    await expect(readRows(table)).rejects.not.toThrow(/oops/);
  });
});

describe('several files', () => {
  test('columns match by name, types widen, and a file without values says nothing about types', async () => {
    await folder.write('several/1.csv', 'id,name\n1,x\n2,y\n');
    await folder.write('several/2.csv', 'name,id\nz,2.5\n');
    await folder.write('several/3.csv', 'ID,Name\n');
    await folder.write('several/4.csv', 'id,name\n,w\n');
    expect(await read({ path: 'several/*.csv' })).toEqual({
      columns: ['id DOUBLE', 'name VARCHAR'],
      rows: [
        [1, 'x'],
        [2, 'y'],
        [2.5, 'z'],
        [null, 'w'],
      ],
    });
  });

  test('text beside numbers keeps the text of both as written', async () => {
    await folder.write('mixed/1.csv', 'id\n1.50\n');
    await folder.write('mixed/2.csv', 'id\nabc\n');
    expect(await read({ path: 'mixed/*.csv' })).toEqual({ columns: ['id VARCHAR'], rows: [['1.50'], ['abc']] });
  });

  test('other columns are an error that names file and column, unless a union is wanted', async () => {
    await folder.write('union/1.csv', 'a,b\n1,x\n');
    await folder.write('union/2.csv', 'a\n2\n');
    await folder.write('union/3.csv', 'a,b,c\n3,y,true\n');
    await expect(openTable(connector, { path: 'union/{1,2}.csv' })).rejects.toMatchObject({
      code: 'schema_mismatch',
      message: expect.stringMatching(/2\.csv has no column b\..*csv_union_by_name/),
    });
    await expect(openTable(connector, { path: 'union/{1,3}.csv' })).rejects.toMatchObject({
      code: 'schema_mismatch',
      message: expect.stringMatching(/3\.csv has a column c,.*csv_union_by_name/),
    });
    expect(await read({ path: 'union/*.csv', params: { csv_union_by_name: 'true' } })).toEqual({
      columns: ['a BIGINT', 'b VARCHAR', 'c BOOLEAN'],
      rows: [
        [1n, 'x', null],
        [2n, null, null],
        [3n, 'y', true],
      ],
    });
  });

  test('one file can decide the schema', async () => {
    await folder.write('decide/1.csv', 'a\n1\n');
    await folder.write('decide/2.csv', 'a\n2.5\n');
    const wide = await read({ path: 'decide/1.csv', params: { schema_source_path: 'decide/2.csv' } });
    expect(wide).toEqual({ columns: ['a DOUBLE'], rows: [[1]] });
    await expect(
      openTable(connector, { path: 'decide/*.csv', params: { schema_source_path: 'decide/1.csv' } }),
    ).rejects.toMatchObject({
      code: 'schema_mismatch',
      message: expect.stringMatching(/column a is DOUBLE in .*2\.csv/),
    });
  });
});

describe('ragged rows', () => {
  test.each([
    ['too short', 'a,b,c\n1,2,3\n4,5\n', {}, /line 3 of .* has 2 fields and not 3/],
    ['too long', 'a,b,c\n1,2,3\n4,5,6,7\n8,9,10\n', {}, /line 3 of .* has 4 fields and not 3/],
    ['with the delimiter set', 'a,b\n1,2\n3\n', { csv_delimiter: ',' }, /line 3 of .* has 1 fields and not 2/],
    [
      'far down',
      `a,b\n${'1,a text that makes the file larger\n'.repeat(60_000)}1,2,3\n`,
      {},
      /line 60002 of .* has 3 fields and not 2/,
    ],
  ])('%s: the row is named', async (name, content, params, message) => {
    const path = await folder.write(`ragged ${name}.csv`, content);
    await expect(openTable(connector, { path, params })).rejects.toMatchObject({
      code: 'invalid_data',
      message: expect.stringMatching(message),
    });
  });
});
