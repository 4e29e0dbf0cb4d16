import { rename, rm } from 'node:fs/promises';
import type { DataConnector } from '@millrace/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestConnector, openTable, readRows, SIGNAL } from './open-table.ts';
import { createTempFolder, type TempFolder } from './temp-folder.ts';

let folder: TempFolder;
let connector: DataConnector;

beforeAll(async () => {
  folder = await createTempFolder();
  connector = await createTestConnector(folder.path);
});

afterAll(async () => {
  await connector.close();
  await folder.remove();
});

async function replace(name: string, content: string): Promise<void> {
  await folder.write(`${name}.new`, content);
  await rename(`${folder.path}/${name}.new`, `${folder.path}/${name}`);
}

test('columns that moved are still read by name, and another dialect is found anew', async () => {
  const table = await openTable(connector, { path: await folder.write('moved.csv', 'a,b\n1,x\n') });
  await replace('moved.csv', 'b;a\n"y;z";2\n');
  expect(await readRows(table)).toEqual([[2n, 'y;z']]);
  const relation = await table.nativeRelation?.({ signal: SIGNAL });
  expect(relation).toMatchObject({ kind: 'sql', sql: expect.stringContaining("delim = ';'") });
});

test.each([
  ['a fraction in CSV', 'f.csv', 'a\n1\n', 'a\n1.5\n'],
  ['a leading zero in CSV', 'z.csv', 'a\n1\n', 'a\n007\n'],
  ['text in CSV', 't.csv', 'a\n1\n', 'a\nx\n'],
  ['a column that is gone', 'g.csv', 'a,b\n1,2\n', 'b\n2\n'],
  ['a fraction in JSON', 'f.json', '[{"a":1}]', '[{"a":1.5}]'],
  ['a fraction deep in JSON', 'd.json', '[{"a":[{"b":1}]}]', '[{"a":[{"b":1.5}]}]'],
])('%s is an error and never rounded or shifted', async (_, name, before, after) => {
  const table = await openTable(connector, { path: await folder.write(name, before) });
  expect(await readRows(table)).toHaveLength(1);
  await replace(name, after);
  for (const read of [() => readRows(table), () => table.nativeRelation!({ signal: SIGNAL })])
    await expect((async () => read())()).rejects.toMatchObject({
      code: 'schema_mismatch',
      message: expect.stringMatching(/column [ab]/),
    });
  await replace(name, before);
  expect(await readRows(table)).toHaveLength(1);
});

test('integers are read into a column of fractions, and an empty column into one of any type', async () => {
  const table = await openTable(connector, { path: await folder.write('wide.csv', 'a,b\n1.5,2\n') });
  await replace('wide.csv', 'a,b\n7,\n');
  expect(await readRows(table)).toEqual([[7, null]]);
});

test('a file that changes between plan and read is a conflict, which may be retried', async () => {
  const path = await folder.write('between.csv', 'a\n1\n');
  const table = await openTable(connector, { path });
  const plan = await table.scan({ projection: [0], filters: [] }, { signal: SIGNAL });
  await replace('between.csv', 'a\n22\n');
  const read = async () => {
    for await (const _ of plan.execute(plan.partitions[0]!, { signal: SIGNAL }));
  };
  await expect(read()).rejects.toMatchObject({ code: 'conflict', retryable: true });
  expect(await readRows(table)).toEqual([[22n]]);
});

test('a file that changes while it is read is a conflict at the end, not a good end', async () => {
  const lines = (value: number) => `a\n${`${value}\n`.repeat(400_000)}`;
  const path = await folder.write('during.csv', lines(1));
  const table = await openTable(connector, { path });
  const plan = await table.scan({ projection: [0], filters: [] }, { signal: SIGNAL });
  const read = async () => {
    let batchCount = 0;
    for await (const _ of plan.execute(plan.partitions[0]!, { signal: SIGNAL })) {
      batchCount += 1;
      if (batchCount === 1) await folder.write('during.csv', lines(2));
    }
  };
  await expect(read()).rejects.toMatchObject({ code: 'conflict' });
});

test('files that come and go are seen by the next scan; the relation is the same text while they stay', async () => {
  await folder.write('glob/1.csv', 'a\n1\n');
  await folder.write('glob/3.csv', 'a\n3\n');
  const table = await openTable(connector, { path: 'glob/*.csv' });
  const relation = async () => table.nativeRelation?.({ signal: SIGNAL });
  const first = await relation();
  expect(await relation()).toEqual(first);
  await folder.write('glob/2.csv', 'a\n2\n');
  expect(await readRows(table)).toEqual([[1n], [2n], [3n]]);
  expect(await relation()).toMatchObject({ paths: [1, 2, 3].map((name) => `${folder.path}/glob/${name}.csv`) });
  await rm(`${folder.path}/glob/1.csv`);
  expect(await readRows(table)).toEqual([[2n], [3n]]);
  await rm(`${folder.path}/glob`, { recursive: true });
  await expect(readRows(table)).rejects.toMatchObject({ code: 'not_found' });
});

test('names with the characters of a pattern are taken as they are written', async () => {
  await folder.write('odd/a[1]*?.csv', 'a\n1\n');
  await folder.write('odd/a1xy.csv', 'a\n2\n');
  const table = await openTable(connector, { path: 'odd/a[1]*?.csv' });
  expect(await readRows(table)).toEqual([[1n]]);
  expect(await table.nativeRelation?.({ signal: SIGNAL })).toBeUndefined();
});

test.each(['file://', 'file:'])('a path behind %s counts from the base directory', async (scheme) => {
  await folder.write('plain.csv', 'a\n1\n');
  for (const path of ['plain.csv', `${folder.path}/plain.csv`, './sub/../plain.csv'])
    expect(await readRows(await openTable(connector, { path: `${scheme.slice('file:'.length)}${path}` }))).toEqual([
      [1n],
    ]);
});

test('an abort ends a scan and leaves the connector usable', async () => {
  const path = await folder.write('long.csv', `a\n${'1\n'.repeat(500_000)}`);
  const table = await openTable(connector, { path });
  const controller = new AbortController();
  const plan = await table.scan({ projection: [0], filters: [] }, { signal: controller.signal });
  const read = async () => {
    for await (const _ of plan.execute(plan.partitions[0]!, { signal: controller.signal })) controller.abort();
  };
  await expect(read()).rejects.toMatchObject({ code: 'cancelled' });
  await expect(table.scan({ projection: [0], filters: [] }, { signal: controller.signal })).resolves.toBeDefined();
  await replace('long.csv', 'a\n1\n');
  await expect(
    (async () => table.scan({ projection: [0], filters: [] }, { signal: controller.signal }))(),
  ).rejects.toMatchObject({
    code: 'cancelled',
  });
  expect(await readRows(table)).toEqual([[1n]]);
});
