import { collectGarbage } from '@millrace/test-fixtures';
import { expect, it } from 'vitest';
import { openDatabase } from '../src/index.ts';

const MEGABYTE = 1024 * 1024;

it('holds little of a large result at a time', async () => {
  await using database = await openDatabase({ path: ':memory:', memoryLimit: '200MB' });
  await using connection = await database.connect();
  const texts = Array.from({ length: 8 }, (_, index) => `'a text of some length, number ${index}: ' || i AS s${index}`);
  const sql = `SELECT ${texts.join(', ')} FROM range(600000) t(i)`;
  await collectGarbage();
  const before = process.memoryUsage.rss();
  let peak = 0;
  let byteCount = 0;
  let batchCount = 0;
  for await (const batch of await connection.stream({ sql })) {
    batchCount += 1;
    // When garbage goes by itself depends on how busy the machine is, and it is not held.
    if (batchCount % 4 === 0) {
      await collectGarbage();
      peak = Math.max(peak, process.memoryUsage.rss());
    }
    for (const { values } of batch.data.children) {
      byteCount += values?.byteLength ?? 0;
    }
  }
  // 178 MB of text, and 77 MB of DuckDB's entries for it, pass through; measured: 80 to 110 MB at the peak.
  expect(byteCount).toBeGreaterThan(170 * MEGABYTE);
  expect(peak - before).toBeLessThan(170 * MEGABYTE);
});
