import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PlanBench } from './plan-bench.ts';
import { TYPED_COLUMNS, TYPED_TABLE } from './typed-columns.ts';

const FULL = process.env.MILLRACE_TEST_FULL !== undefined;
const COMPARISONS = FULL ? ['=', '<>', '<', '<=', '>', '>=', 'IS DISTINCT FROM', 'IS NOT DISTINCT FROM'] : ['=', '>='];

const conditions = (condition: string): readonly string[] => (FULL ? [condition, `NOT (${condition})`] : [condition]);

let bench: PlanBench;

beforeAll(async () => {
  bench = await PlanBench.open([TYPED_TABLE], []);
});

afterAll(async () => {
  await bench[Symbol.asyncDispose]();
});

describe('comparisons with constants of every type', () => {
  test.each(TYPED_COLUMNS)('$field.name', async ({ field, constants, pushed }) => {
    let pushedCount = 0;
    for (const constant of constants) {
      for (const comparison of COMPARISONS) {
        for (const condition of conditions(`${field.name} ${comparison} ${constant}`)) {
          const { planned, whole, filtered, keptCount } = await bench.compare(
            `SELECT ${field.name} FROM typed WHERE ${condition}`,
          );
          expect(filtered, condition).toEqual(whole);
          const [scan] = planned.kind === 'planned' ? planned.scans : [];
          if (scan === undefined || scan.filters.length === 0) continue;
          pushedCount += 1;
          // Limits count on it: a filter without a note keeps exactly the wanted rows.
          if (scan.notes.length === 0) expect(keptCount, condition).toBe(whole.length);
        }
      }
    }
    expect(pushedCount > 0).toBe(pushed);
  });
});
