import { type DataType, dataTypes, field } from '@millrace/core';
import { expect, it } from 'vitest';
import { encodeCsv } from './csv-format.ts';
import { listing } from './listing.ts';

async function csv(columns: Readonly<Record<string, DataType>>, rows: readonly Record<string, unknown>[]) {
  const schema = { fields: Object.entries(columns).map(([name, type]) => field(name, type)) };
  let text = '';
  for await (const chunk of encodeCsv(listing(schema, rows))) text += chunk;
  return text;
}

it('tells NULL from empty text, and quotes what has to be quoted', async () => {
  const rows = ['plain', '', null, 'a,b', 'say "hi"', 'two\nlines', ' padded'].map((t, n) => ({ t, n }));
  expect(await csv({ t: dataTypes.utf8(), n: dataTypes.int32() }, rows)).toBe(
    ['t,n', 'plain,0', '"",1', ',2', '"a,b",3', '"say ""hi""",4', '"two\nlines",5', '" padded",6', ''].join('\r\n'),
  );
});

it('quotes names, and writes a header also for no rows', async () => {
  expect(await csv({ 'a,b': dataTypes.utf8(), c: dataTypes.utf8() }, [])).toBe('"a,b",c\r\n');
});

it('writes numbers exactly, binary as base64 and nested values as JSON', async () => {
  const columns = {
    big: dataTypes.int64(),
    price: dataTypes.decimal(20, 3),
    ratio: dataTypes.float64(),
    bytes: dataTypes.binary(),
    tags: dataTypes.list(dataTypes.int64()),
  };
  const row = { big: -9007199254740993n, price: '1.5', ratio: Number.NaN, bytes: Uint8Array.of(1), tags: [1n, null] };
  expect((await csv(columns, [row])).split('\r\n')[1]).toBe('-9007199254740993,1.500,NaN,AQ==,"[""1"",null]"');
});
