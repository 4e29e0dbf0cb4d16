import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { concatBatches, rowArraysFromBatch } from '@millrace/arrow';
import { openDatabase } from '@millrace/duckdb';
import { expect, test } from 'vitest';
import { generateTpch, type TpchOptions } from '../src/tpch/generate-tpch.ts';
import { supplierOfPart } from '../src/tpch/scale.ts';
import { writeTpchFiles } from '../src/tpch/write-tpch-files.ts';

const SMALL = 0.002;

function rowsOf(options: TpchOptions, name: string): readonly unknown[] {
  const table = generateTpch(options).tables.find((table) => table.name === name)!;
  return [...rowArraysFromBatch(concatBatches(table.schema, [...table.batches()]))];
}

test.each(generateTpch({ scaleFactor: SMALL }).tables.map(({ name }) => name))(
  'a seed always makes the same rows, and another seed others: %s',
  (name) => {
    const rows = rowsOf({ scaleFactor: SMALL, seed: 7 }, name);
    expect(rowsOf({ scaleFactor: SMALL, seed: 7 }, name)).toEqual(rows);
    expect(rowsOf({ scaleFactor: SMALL, seed: 8 }, name)).not.toEqual(rows);
  },
);

test('batches are pulled one by one', () => {
  const lines = generateTpch({ scaleFactor: 1_000 }).tables.find(({ name }) => name === 'lineitem')!;
  for (const batch of lines.batches()) {
    expect(batch.numRows).toBeLessThanOrEqual(122_880);
    break;
  }
});

test('a part never has a supplier twice, however few there are', () => {
  for (let supplierCount = 10; supplierCount < 400; supplierCount += 10) {
    const scale = { supplierCount, partCount: supplierCount * 20, customerCount: 1, orderCount: 1, clerkCount: 1 };
    for (let part = 1; part <= scale.partCount; part++) {
      const suppliers = [0, 1, 2, 3].map((ordinal) => supplierOfPart(scale, part, ordinal));
      if (new Set(suppliers).size < 4) expect.fail(`part ${part} of ${supplierCount} suppliers: ${suppliers}`);
    }
  }
});

test('scale factors outside the bounds are refused', () => {
  for (const scaleFactor of [0, -1, 0.0001, 2_000, Number.NaN]) {
    expect(() => generateTpch({ scaleFactor })).toThrow(TypeError);
  }
});

test('files are written once, in the formats asked for, and hold the rows', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'millrace-tpch-'));
  try {
    const request = { directory, scaleFactor: SMALL, seed: 3, formats: { customer: 'csv' } } as const;
    const written = await writeTpchFiles(request);
    expect(written.files.map(({ path: file }) => path.relative(written.directory, file))).toEqual([
      'region.parquet',
      'nation.parquet',
      'supplier.parquet',
      'part.parquet',
      'partsupp.parquet',
      'customer.csv',
      'orders.parquet',
      'lineitem.parquet',
    ]);
    expect((await readdir(written.directory)).length).toBe(8);
    const { mtimeMs } = await stat(written.files[7]!.path);
    expect(await writeTpchFiles(request)).toEqual(written);
    expect((await stat(written.files[7]!.path)).mtimeMs).toBe(mtimeMs);
    expect((await writeTpchFiles({ ...request, seed: 4 })).directory).not.toBe(written.directory);

    await using database = await openDatabase({ path: ':memory:' });
    await using connection = await database.connect();
    for (const { table, path: file } of written.files) {
      const rows = await connection.rows(`SELECT * FROM '${file}' ORDER BY ALL`);
      const generated = rowsOf({ scaleFactor: SMALL, seed: 3 }, table);
      expect([table, rows.length]).toEqual([table, generated.length]);
      if (file.endsWith('.parquet')) expect(new Set(rows.map(keyOf))).toEqual(new Set(generated.map(keyOf)));
    }
    expect((await readdir(directory)).length).toBe(2);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

function keyOf(row: unknown): string {
  return JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}
