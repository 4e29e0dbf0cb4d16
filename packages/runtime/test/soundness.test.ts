import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RowValue, rowArraysFromBatch } from '@millrace/arrow';
import { fileConnector } from '@millrace/connector-file';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { createRegistry } from '@millrace/core/registry';
import { type DuckDbDatabase, loadBatches, openDatabase, quoteIdentifier, toDuckDbType } from '@millrace/duckdb';
import { compareResults, createQueryGenerator, createSampleTables, type GeneratedQuery } from '@millrace/workloads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRuntime, type Runtime, type SqlOptions } from '../src/index.ts';

const SEED = Number(process.env.MILLRACE_TEST_SEED ?? 20_261_122);
const QUERY_COUNT = process.env.MILLRACE_TEST_FULL === undefined ? 150 : 2_000;
const MODES: readonly SqlOptions[] = [{}, { native: 'off' }, { pushdown: 'off' }];

/** Random queries give the same rows with pushdown, without, and from bare DuckDB over the same tables. */
describe(`${QUERY_COUNT} random queries (MILLRACE_TEST_SEED=${SEED})`, () => {
  const tables = createSampleTables(SEED);
  const generator = createQueryGenerator({ seed: SEED, tables });
  let folder: string;
  let bare: DuckDbDatabase;
  /** Every table is in memory in one of them and in a Parquet file in the other. */
  const runtimes: Runtime[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-soundness-'));
    bare = await openDatabase({ path: ':memory:', settings: { TimeZone: 'UTC' } });
    await bare.withConnection(async (connection) => {
      for (const { name, schema, batches } of tables) {
        const columns = schema.fields.map((field) => `${quoteIdentifier(field.name)} ${toDuckDbType(field)}`);
        await connection.run(`CREATE TABLE ${quoteIdentifier(name)} (${columns.join(', ')})`);
        await loadBatches({ connection, target: quoteIdentifier(name), schema, batches });
        await connection.run(`COPY ${quoteIdentifier(name)} TO '${join(folder, name)}.parquet'`);
        memoryDatabase('soundness').put(name, { schema, batches, partitionCount: 3 });
      }
    });
    const registry = createRegistry({ connectors: [fileConnector, memoryConnector], accelerators: [] });
    for (const parity of [0, 1]) {
      const datasets = tables.map(({ name }, index) =>
        index % 2 === parity
          ? { from: `memory:${name}`, name, params: { memory_database: 'soundness' } }
          : { from: `file:${join(folder, name)}.parquet`, name },
      );
      runtimes.push(await createRuntime({ config: { datasets }, registry }));
    }
  });
  afterAll(async () => {
    for (const runtime of runtimes) await runtime.close();
    await bare?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are answered alike, with most filters pushed and most results not empty', async () => {
    let withFilter = 0;
    let pushed = 0;
    let nonEmpty = 0;
    for (let index = 0; index < QUERY_COUNT; index += 1) {
      const query = generator.next();
      const runtime = runtimes[index % 2]!;
      const expected = await queryBare(bare, query);
      if (expected.length > 0) nonEmpty += 1;
      for (const mode of MODES) {
        const difference = compareResults(await queryRuntime(runtime, query, mode), expected);
        expect(difference, `query ${index} ${JSON.stringify(mode)}: ${query.sql}`).toBeUndefined();
      }
      if (!query.tags.includes('filter')) continue;
      withFilter += 1;
      if (await pushesFilter(runtime, query)) pushed += 1;
    }
    console.info(
      `soundness: ${QUERY_COUNT} queries, ${percent(pushed, withFilter)} of ${withFilter} with a filter pushed it, ${percent(nonEmpty, QUERY_COUNT)} returned rows`,
    );
    expect(pushed / withFilter).toBeGreaterThanOrEqual(0.6);
    expect(nonEmpty / QUERY_COUNT).toBeGreaterThanOrEqual(0.8);
  }, 1_800_000);
});

async function queryRuntime(runtime: Runtime, query: GeneratedQuery, mode: SqlOptions): Promise<RowValue[][]> {
  const rows: RowValue[][] = [];
  const options = query.parameters === undefined ? mode : { ...mode, parameters: query.parameters };
  for await (const batch of await runtime.sql(query.sql, options))
    for (const row of rowArraysFromBatch(batch)) rows.push([...row]);
  return rows;
}

function queryBare(
  bare: DuckDbDatabase,
  { sql, parameters }: GeneratedQuery,
): Promise<readonly (readonly RowValue[])[]> {
  return bare.withConnection((connection) => connection.rows(sql, parameters));
}

async function pushesFilter(runtime: Runtime, { sql, parameters }: GeneratedQuery): Promise<boolean> {
  const { scans } = await runtime.explain(sql, { native: 'off', ...(parameters === undefined ? {} : { parameters }) });
  return scans.some((scan) => scan.access === 'scan' && scan.filters.some(({ degree }) => degree !== 'none'));
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}
