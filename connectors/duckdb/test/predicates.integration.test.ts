import { createRegistry } from '@millrace/core/registry';
import { loadBatches, openDatabase } from '@millrace/duckdb';
import { createRuntime, type Runtime } from '@millrace/runtime';
import { checkPredicates, createSampleTables } from '@millrace/workloads';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { duckDbConnector } from '../src/index.ts';
import { openWorkbench, type Workbench } from './open-table.ts';

const IS_FULL = process.env.MILLRACE_TEST_FULL !== undefined;
const COUNT = IS_FULL ? 2_000 : 200;
/** The same predicates each time in short runs, others in full ones. */
const SEED = Number(process.env.MILLRACE_TEST_SEED ?? (IS_FULL ? Date.now() % 2 ** 31 : 7));

let bench: Workbench;
let runtime: Runtime;
beforeAll(async () => {
  bench = await openWorkbench();
  const people = createSampleTables(7).find(({ name }) => name === 'people')!;
  const path = await bench.write('people.duckdb');
  {
    await using database = await openDatabase({ path });
    await database.withConnection(async (connection) => {
      await connection.run(
        'CREATE TABLE loaded (id INTEGER, name VARCHAR, city VARCHAR, born DATE, balance DECIMAL(12,2), score DOUBLE, member BIGINT, joined TIMESTAMP, active BOOLEAN, boss INTEGER)',
      );
      await loadBatches({ connection, target: 'loaded', schema: people.schema, batches: people.batches });
      await connection.run(
        'CREATE TABLE people (id INTEGER, name VARCHAR COLLATE NOCASE, city VARCHAR COLLATE NOACCENT, born DATE, balance DECIMAL(12,2), score DOUBLE, member BIGINT, joined TIMESTAMP, active BOOLEAN, boss INTEGER, seen TIMESTAMPTZ)',
      );
      await connection.run('INSERT INTO people SELECT *, joined::TIMESTAMPTZ FROM loaded');
      await connection.run('CREATE VIEW people_view AS SELECT * FROM people');
    });
  }
  runtime = await createRuntime({
    config: {
      datasets: ['loaded', 'people', 'people_view'].map((name) => ({
        from: `duckdb:${name}`,
        name,
        params: { duckdb_open: path },
      })),
    },
    registry: createRegistry({ connectors: [duckDbConnector], accelerators: [] }),
  });
  await runtime.ready();
});
afterAll(async () => {
  await runtime?.close();
  await bench[Symbol.asyncDispose]();
});

test.each(['people', 'people_view', 'loaded'])(
  'random predicates give the rows of a scan without pushdown, over collated columns too: %s',
  async (dataset) => {
    const count = dataset === 'people' ? COUNT : COUNT / 4;
    const report = await checkPredicates({ runtime, dataset, seed: SEED, count });
    console.info(`duckdb ${dataset}: ${JSON.stringify(report)}`);
    expect(report.pushedCount / count).toBeGreaterThan(0.6);
    expect(report.selectiveCount / count).toBeGreaterThan(0.8);
  },
  600_000,
);

test('native relations leave collations out as well', async () => {
  const count = async (sql: string, mode: object) => (await (await runtime.sql(sql, mode)).toRows())[0];
  for (const sql of [
    "SELECT count(*) AS n FROM people WHERE name = 'ada'",
    'SELECT count(DISTINCT name) AS n FROM people',
    "SELECT count(*) AS n FROM people WHERE city < 'b'",
  ])
    expect(await count(sql, {})).toEqual(await count(sql, { pushdown: 'off' }));
});
