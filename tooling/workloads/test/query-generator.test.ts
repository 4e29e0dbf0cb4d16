import { takeRows } from '@millrace/arrow';
import {
  createPlanner,
  createStatementInspector,
  type DuckDbConnection,
  type DuckDbDatabase,
  substituteParameters,
} from '@millrace/duckdb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareResults, type ResultRows } from '../src/queries/compare-results.ts';
import { createQueryGenerator, type GeneratedQuery } from '../src/queries/create-query-generator.ts';
import { createSampleTables } from '../src/queries/sample-tables.ts';
import { openSamples } from './sample-database.ts';

const QUERY_COUNT = process.env.MILLRACE_TEST_FULL === undefined ? 300 : 5_000;
const TIMEOUT_MS = 600_000;
const SEED = 20;
const TABLES = createSampleTables(SEED);
const MAX_ROWS = 20_000;

let databases: readonly DuckDbDatabase[];
let connections: readonly DuckDbConnection[];
beforeAll(async () => {
  databases = [
    await openSamples(TABLES, { order: 'given', threads: 1 }),
    await openSamples(TABLES, { order: 'reversed', threads: 2 }),
  ];
  connections = await Promise.all(databases.map((database) => database.connect()));
  // The second one runs statements as they are written, which leaves nothing for an optimizer to get right by chance.
  await connections[1]?.run('PRAGMA disable_optimizer');
});
afterAll(async () => {
  for (const database of databases) await database.close();
});

function generate(seed: number, count: number): readonly GeneratedQuery[] {
  const generator = createQueryGenerator({ seed, tables: TABLES });
  return Array.from({ length: count }, () => generator.next());
}

async function run(connection: DuckDbConnection | undefined, { sql, parameters }: GeneratedQuery): Promise<ResultRows> {
  if (connection === undefined) throw new TypeError('the database is not open');
  try {
    return await connection.rows(sql, parameters);
  } catch (cause) {
    throw new Error(`${String(cause)}\n${sql}`, { cause });
  }
}

test(
  'queries run, give the same rows whatever the order of the stored ones, and most give some',
  async () => {
    let filledCount = 0;
    for (const query of generate(SEED, QUERY_COUNT)) {
      const rows = await run(connections[0], query);
      const again = await run(connections[1], query);
      expect(compareResults(rows, again), query.sql).toBeUndefined();
      expect(rows.length, query.sql).toBeLessThan(MAX_ROWS);
      if (rows.length > 0) filledCount++;
    }
    console.info(`${filledCount} of ${QUERY_COUNT} queries return rows`);
    expect(filledCount / QUERY_COUNT).toBeGreaterThanOrEqual(0.8);
  },
  TIMEOUT_MS,
);

test('queries notice rows that are missing', async () => {
  // Every seventh row is left out, as a filter that is too strong would do.
  const fewer = TABLES.map((table) => ({
    ...table,
    batches: table.batches.map((batch) =>
      takeRows(
        batch,
        Array.from({ length: batch.numRows }, (_, row) => row).filter((row) => row % 7 > 0),
      ),
    ),
  }));
  await using database = await openSamples(fewer, { order: 'given', threads: 1 });
  await using connection = await database.connect();
  let noticedCount = 0;
  const queries = generate(SEED + 1, 200);
  for (const query of queries) {
    if (compareResults(await run(connections[0], query), await run(connection, query)) !== undefined) noticedCount++;
  }
  expect(noticedCount / queries.length).toBeGreaterThan(0.7);
});

test('filters drop rows, and keep some', async () => {
  const filtered = generate(SEED + 2, 1_000).filter(
    ({ tags, parameters }) =>
      tags.includes('single_table') &&
      tags.includes('filter') &&
      !tags.includes('distinct') &&
      parameters === undefined,
  );
  const shares: number[] = [];
  for (const query of filtered) {
    const kept = await run(connections[0], query);
    const all = await run(connections[0], { ...query, sql: query.sql.replace(/ WHERE .*$/s, '') });
    shares.push(kept.length / all.length);
  }
  expect(shares.length).toBeGreaterThan(50);
  expect(shares.filter((share) => share > 0 && share < 1).length / shares.length).toBeGreaterThan(0.8);
  expect(shares.filter((share) => share > 0 && share < 0.3).length / shares.length).toBeGreaterThan(0.15);
});

test(
  'the runtime accepts the statements, and finds their tables',
  async () => {
    await using inspector = await createStatementInspector();
    const names = new Set(TABLES.map(({ name }) => name));
    for (const { sql } of generate(SEED, QUERY_COUNT)) {
      const { tables } = await inspector.inspect(sql);
      expect(tables.length, sql).toBeGreaterThan(0);
      expect(
        tables.filter(({ table }) => !names.has(table)),
        sql,
      ).toEqual([]);
    }
  },
  TIMEOUT_MS,
);

test(
  'most filters reach a scan of the plan',
  async () => {
    await using planner = await createPlanner();
    for (const { name, schema } of TABLES) await planner.defineTable({ table: name }, schema);
    const filtered = generate(SEED, QUERY_COUNT).filter(({ tags }) => tags.includes('filter'));
    let pushedCount = 0;
    for (const { sql, parameters } of filtered) {
      const plan = await planner.plan(parameters === undefined ? sql : substituteParameters(sql, parameters));
      if (plan.kind === 'planned' && plan.scans.some(({ filters, empty }) => empty || filters.length > 0))
        pushedCount++;
    }
    console.info(`${pushedCount} of ${filtered.length} filters are pushed`);
    expect(filtered.length / QUERY_COUNT).toBeGreaterThan(0.6);
    expect(pushedCount / filtered.length).toBeGreaterThanOrEqual(0.6);
  },
  TIMEOUT_MS,
);

test('queries have all the features', () => {
  const counts = new Map<string, number>();
  for (const { tags } of generate(1, 2_000)) for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  const expected = (
    'aggregate_filter anti_join case column_comparison correlated cte derived_table distinct dollar_name dollar_number ' +
    'except except_all filter full_join group_by grouping_sets having in_subquery inner_join intersect intersect_all ' +
    'join left_join limit not offset qualify question_mark right_join scalar_subquery self_join semi_join ' +
    'set_operation single_table union union_all unordered_limit window'
  ).split(' ');
  expect([...counts.keys()].sort()).toEqual(expected);
  for (const [tag, count] of counts) expect(count, tag).toBeGreaterThan(10);
});

test('a seed always makes the same queries, and another seed others', () => {
  expect(generate(5, 50)).toEqual(generate(5, 50));
  expect(generate(6, 50)).not.toEqual(generate(5, 50));
});

test('parameters of every type are bound, plain and typed', () => {
  const values = generate(2, 2_000).flatMap(({ parameters }) => Object.values(parameters ?? {}));
  const typed = values.filter((value) => value !== null && typeof value === 'object' && 'type' in value);
  const types = new Set(TABLES.flatMap(({ schema }) => schema.fields.map(({ type }) => JSON.stringify(type))));
  const bound = new Set(typed.map((value) => JSON.stringify((value as { readonly type: unknown }).type)));
  expect([...types].filter((type) => !bound.has(type))).toEqual([]);
  expect(new Set(values.map((value) => typeof value))).toEqual(
    new Set(['boolean', 'number', 'bigint', 'string', 'object']),
  );
  expect(values.some((value) => value instanceof Date) && values.some((value) => value instanceof Uint8Array)).toBe(
    true,
  );
});
