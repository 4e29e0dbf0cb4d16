import { createPlanner, type DuckDbDatabase, type Planner, substituteParameters } from '@millrace/duckdb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkPredicates, type PredicateRuntime } from '../src/predicates/check-predicates.ts';
import { createPredicateGenerator } from '../src/predicates/create-predicate-generator.ts';
import { createSampleTables } from '../src/queries/sample-tables.ts';
import { openSamples } from './sample-database.ts';

const IS_FULL = process.env.MILLRACE_TEST_FULL !== undefined;
const COUNT = IS_FULL ? 2_000 : 300;
const TIMEOUT_MS = 600_000;
const TABLES = createSampleTables(20);
const PEOPLE = TABLES.find(({ name }) => name === 'people')!;

let database: DuckDbDatabase;
let planner: Planner;
beforeAll(async () => {
  database = await openSamples(TABLES, { order: 'given', threads: 1 });
  planner = await createPlanner();
  await planner.defineTable({ table: 'people' }, PEOPLE.schema);
});
afterAll(async () => {
  await planner[Symbol.asyncDispose]();
  await database.close();
});

/** The engine alone, which pushes what its planner would ask a source for; `change` stands for what a source gets wrong. */
function createEngine(change: (sql: string) => string): PredicateRuntime {
  return {
    async sql(sql, { parameters, pushdown } = {}) {
      const connection = await database.connect();
      return connection.stream({
        sql: pushdown === 'on' ? change(sql) : sql,
        parameters,
        onClose: () => void connection.close(),
      });
    },
    async explain(sql, { parameters } = {}) {
      const plan = await planner.plan(parameters === undefined ? sql : substituteParameters(sql, parameters));
      const scans = plan.kind === 'planned' ? plan.scans : [];
      return {
        scans: scans.map(({ filters }) => ({
          table: 'people',
          filters: filters.map(() => ({ expression: '', degree: 'exact' as const })),
        })),
      };
    },
  };
}

test(
  'most predicates can be pushed, and keep some rows but not all',
  async () => {
    const seed = Number(process.env.MILLRACE_TEST_SEED ?? (IS_FULL ? Date.now() % 2 ** 31 : 34));
    const report = await checkPredicates({
      runtime: createEngine((sql) => sql),
      dataset: 'people',
      seed,
      count: COUNT,
    });
    console.info(JSON.stringify(report));
    expect(report.pushedCount / COUNT).toBeGreaterThan(0.8);
    expect(report.selectiveCount / COUNT).toBeGreaterThan(0.85);
    expect(report.longestList).toBeGreaterThanOrEqual(1_000);
  },
  TIMEOUT_MS,
);

test(
  'a source that loses a row is found, with everything needed to see why',
  async () => {
    const runtime = createEngine((sql) => sql.replace(' WHERE ', ' WHERE t.id <> 7 AND '));
    const request = { runtime, dataset: 'people', seed: 5, count: COUNT, maxListLength: 100 };
    const failure = checkPredicates({
      ...request,
      receivedStatements: async (run) => {
        await run();
        return ['what the server saw'];
      },
    });
    await expect(failure).rejects.toThrow(/seed 5, predicate \d+: [\s\S]*where: [\s\S]*received: what the server saw/);
  },
  TIMEOUT_MS,
);

test('a seed always makes the same predicates, and another seed others', () => {
  const generate = (seed: number): unknown => {
    const generator = createPredicateGenerator({ seed, table: PEOPLE });
    return Array.from({ length: 50 }, () => generator.next());
  };
  expect(generate(5)).toEqual(generate(5));
  expect(generate(6)).not.toEqual(generate(5));
});

test('predicates have lists of every length, patterns with escapes and NaN', () => {
  const generator = createPredicateGenerator({ seed: 1, table: PEOPLE });
  const predicates = Array.from({ length: 2_000 }, () => generator.next());
  const lengths = new Set(predicates.map(({ listLength }) => listLength));
  expect([...lengths].sort((left, right) => left - right)).toEqual([0, 20, 100, 1000, 1001, 5000, 40_000]);
  const texts = predicates.filter(({ listLength }) => listLength === 0).map(({ where }) => where);
  for (const feature of [
    /LIKE .*ESCAPE '\^'/,
    /NOT LIKE/,
    /\bNaN\b/i,
    /NOT IN/,
    /IS DISTINCT FROM/,
    / OR /,
    /CASE/,
    /TIMESTAMP/,
  ]) {
    expect(texts.filter((text) => feature.test(text)).length, String(feature)).toBeGreaterThan(10);
  }
});
