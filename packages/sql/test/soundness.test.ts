import { type DuckDbConnection, type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { translateFilter } from '../src/index.ts';
import { randomExpression } from './random-expression.ts';
import { createDuckDbTarget, createSqliteTarget, type SampleTarget, WIDE_PROFILE } from './sample-targets.ts';
import { createOracle, judge, type Oracle } from './soundness.ts';

const IS_FULL = process.env.MILLRACE_TEST_FULL !== undefined;
const RUN_COUNT = IS_FULL ? 20_000 : 1_000;
const TIMEOUT_MS = 900_000;

let database: DuckDbDatabase;
let connection: DuckDbConnection;
let oracle: Oracle;
beforeAll(async () => {
  database = await openDatabase({ path: ':memory:', threads: 1 });
  connection = await database.connect();
  oracle = await createOracle(connection);
});
afterAll(() => database.close());

const TARGETS: Readonly<Record<string, () => SampleTarget | Promise<SampleTarget>>> = {
  'SQLite with NOCASE and RTRIM': () => createSqliteTarget(),
  'SQLite taken for wider than it is': () => createSqliteTarget(WIDE_PROFILE),
  'DuckDB with NOCASE': () => createDuckDbTarget(connection),
};

test.each(Object.entries(TARGETS))(
  'no filter pushed to %s loses a row, and an exact one keeps no other',
  async (name, open) => {
    const target = await open();
    const counts = { none: 0, inexact: 0, exact: 0 };
    let selectiveCount = 0;
    const seed = Number(process.env.MILLRACE_TEST_SEED ?? (IS_FULL ? Date.now() % 2 ** 31 : 32));
    console.info(`${name}: seed ${seed}`);
    await fc.assert(
      fc.asyncProperty(randomExpression, async (expr) => {
        const { degree, isSelective, complaint } = await judge(expr, translateFilter, target, oracle);
        counts[degree] += 1;
        if (isSelective) selectiveCount += 1;
        expect(complaint).toBeUndefined();
      }),
      { numRuns: RUN_COUNT, seed },
    );
    console.info(`${name}: ${JSON.stringify(counts)}, ${selectiveCount} of ${RUN_COUNT} keep rows`);
    expect((counts.exact + counts.inexact) / RUN_COUNT).toBeGreaterThan(0.5);
    expect(selectiveCount / RUN_COUNT).toBeGreaterThan(0.5);
    if (name.includes('SQLite')) expect(counts.inexact).toBeGreaterThan(RUN_COUNT / 20);
  },
  TIMEOUT_MS,
);
