import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PlanBench } from './plan-bench.ts';
import { randomQuery } from './random-query.ts';
import { ITEM_TABLES } from './tables.ts';

const FULL = process.env.MILLRACE_TEST_FULL !== undefined;

test('random queries give the same rows over tables that hold only what their scans ask for', async () => {
  await using bench = await PlanBench.open(ITEM_TABLES);
  let runs = 0;
  let withRows = 0;
  let reduced = 0;
  await fc.assert(
    fc.asyncProperty(randomQuery, async (sql) => {
      const { planned, whole, filtered, rowCount, keptCount } = await bench.compare(sql);
      expect(planned.kind).toBe('planned');
      expect(filtered).toEqual(whole);
      runs += 1;
      if (whole.length > 0) withRows += 1;
      if (keptCount < rowCount) reduced += 1;
    }),
    { numRuns: FULL ? 4_000 : 150, ...(FULL ? {} : { seed: 20_240_131 }), endOnFailure: true },
  );
  console.info(`${runs} queries: ${withRows} with rows, ${reduced} over fewer rows than the tables hold`);
  expect(withRows / runs).toBeGreaterThan(0.6);
  expect(reduced / runs).toBeGreaterThan(0.5);
});
