import { chmod, mkdir } from 'node:fs/promises';
import type { DataConnector } from '@millrace/core';
import { withoutPrivileges } from '@millrace/test-fixtures';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestConnector, openTable, readRows } from './open-table.ts';
import { createTempFolder, type TempFolder } from './temp-folder.ts';

let folder: TempFolder;
let connector: DataConnector;

beforeAll(async () => {
  folder = await createTempFolder();
  connector = await createTestConnector(folder.path);
  await folder.write('orders.csv', 'a,b\n1,x\n');
  await folder.write('PAR1-only.parquet', 'PAR1 and then nothing of the kind');
  await mkdir(`${folder.path}/sub`);
});

afterAll(async () => {
  await connector.close();
  await folder.remove();
});

const EMPTY = ['csv', 'tsv', 'json', 'ndjson', 'parquet', 'arrow'].map(
  (extension): [string, string, Record<string, string>, string, RegExp] => [
    `an empty ${extension} file`,
    `empty.${extension}`,
    {},
    'invalid_data',
    new RegExp(`empty\\.${extension} is empty: it has 0 bytes\\. Check`),
  ],
);

test.each<[string, string, Record<string, string>, string, RegExp]>([
  ['a missing file', 'order.csv', {}, 'not_found', /there is no file .*order\.csv\. Did you mean orders\.csv\?/],
  ['a missing folder', 'nowhere/x.csv', {}, 'not_found', /there is no folder .*nowhere\. Paths count from/],
  ['a file as a folder', 'orders.csv/x.csv', {}, 'not_found', /there is no file/],
  ['no file', '', {}, 'invalid_argument', /no file is named\. Write its path/],
  ['a folder', 'sub', {}, 'invalid_argument', /sub is a folder\. .*file:sub\/\*\.parquet/],
  ['a pattern without a match', '*.nothing', {}, 'not_found', /no file matches \*\.nothing\. Patterns count from/],
  [
    'an unknown extension',
    'notes.txt',
    {},
    'invalid_parameter',
    /notes\.txt does not tell its format\. Set the parameter file_format/,
  ],
  [
    'different extensions',
    '{orders.csv,records.json}',
    {},
    'invalid_parameter',
    /have different formats\. Set the parameter file_format/,
  ],
  ['Parquet called CSV', 'parquet.csv', {}, 'invalid_data', /parquet\.csv is a Parquet file\. Set file_format/],
  [
    'gzip without its extension',
    'zipped.csv',
    {},
    'invalid_data',
    /zipped\.csv is a gzip file\. .*file_compression_type/,
  ],
  ['CSV called Parquet', 'orders.csv', { file_format: 'parquet' }, 'invalid_data', /orders\.csv is not a Parquet file/],
  ['CSV called JSON', 'orders.csv', { file_format: 'json' }, 'invalid_data', /of .*orders\.csv is not valid JSON/],
  ['CSV called Arrow', 'orders.csv', { file_format: 'arrow' }, 'invalid_data', /orders\.csv cannot be read/],
  ['Parquet without its end', 'PAR1-only.parquet', {}, 'invalid_data', /PAR1-only\.parquet cannot be read/],
  ['broken JSON', 'broken.json', {}, 'invalid_data', /broken\.json is not valid JSON/],
  [
    'JSON without a record',
    'none.json',
    {},
    'schema_inference',
    /none\.json has no record .* Declare them under columns/,
  ],
  ['a number out of range', 'orders.csv', { csv_skip: '-1' }, 'invalid_parameter', /csv_skip must be at least 0/],
  [
    'text that is not UTF-8',
    'latin.csv',
    {},
    'invalid_data',
    /line 2 of .*latin\.csv is not valid UTF-8\. Set csv_encoding/,
  ],
  [
    'a missing schema source',
    'orders.csv',
    { schema_source_path: 'orderz.csv' },
    'not_found',
    /Did you mean orders\.csv/,
  ],
  ...EMPTY,
])('%s', async (_, path, params, code, message) => {
  await folder.write('notes.txt', 'a\n1\n');
  await folder.write('records.json', '[{"a":1}]');
  await folder.write('parquet.csv', 'PAR1....');
  await folder.write('zipped.csv', new Uint8Array([0x1f, 0x8b, 8, 0]));
  await folder.write('broken.json', '{"a": 1, "b"');
  await folder.write('none.json', '[]');
  await folder.write('latin.csv', Buffer.from('a,b\n1,\u00fc\n', 'latin1'));
  for (const extension of ['csv', 'tsv', 'json', 'ndjson', 'parquet', 'arrow'])
    await folder.write(`empty.${extension}`, '');
  await expect(openTable(connector, { path, params })).rejects.toMatchObject({
    code,
    connector: 'file',
    component: 'dataset test',
    message: expect.stringMatching(message),
  });
});

test('a file that may not be read', async () => {
  const path = await folder.write('locked.csv', 'a\n1\n');
  await chmod(path, 0o000);
  await chmod(folder.path, 0o755);
  await withoutPrivileges(async () => {
    for (const dataset of [path, 'lock*.csv'])
      await expect(openTable(connector, { path: dataset })).rejects.toMatchObject({ code: 'unauthorized' });
  });
});

test('a closed connector says so', async () => {
  const other = await createTestConnector(folder.path);
  const table = await openTable(other, { path: 'orders.csv' });
  await other.close();
  await other.close();
  await expect(readRows(table)).rejects.toMatchObject({ code: 'invalid_state' });
  await expect(openTable(other, { path: 'orders.csv' })).rejects.toMatchObject({ code: 'invalid_state' });
});
