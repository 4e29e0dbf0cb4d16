import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { createRegistry } from '@millrace/core/registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRuntime, type Runtime } from '../../src/index.ts';
import { compareAnswers } from './compare-answers.ts';
import { createStatements } from './simple-statements.ts';
import { createTypedTables, type TypedTable } from './typed-tables.ts';

const IS_FULL = process.env.MILLRACE_TEST_FULL !== undefined;
const SEED = Number(process.env.MILLRACE_TEST_SEED ?? (IS_FULL ? Date.now() % 2 ** 31 : 20_261_130));
const STATEMENT_COUNT = IS_FULL ? 8_000 : 500;

let runtime: Runtime;
let tables: readonly TypedTable[];

beforeAll(async () => {
  tables = await createTypedTables();
  const store = memoryDatabase('direct-answers');
  for (const { table, batch } of tables) store.put(table, { schema: batch.schema, batches: [batch] });
  const params = { memory_database: 'direct-answers' };
  runtime = await createRuntime({
    config: { datasets: tables.map(({ table }) => ({ from: `memory:${table}`, name: table, params })) },
    registry: createRegistry({ connectors: [memoryConnector], accelerators: [] }),
  });
}, 300_000);
afterAll(() => runtime?.close());

describe(`${STATEMENT_COUNT} simple statements (MILLRACE_TEST_SEED=${SEED})`, () => {
  it('have the very result that they have without pushdown', async () => {
    const next = createStatements(SEED, tables);
    // The memory connector applies filters and limits exactly; with `native: 'off'` it is asked to.
    const counts = await compareAnswers(runtime, { native: 'off' }, { next, count: STATEMENT_COUNT });
    const { directCount, filledCount } = counts;
    console.info(`direct answers: ${directCount} of ${STATEMENT_COUNT} statements, ${filledCount} of these with rows`);
    expect(directCount / STATEMENT_COUNT).toBeGreaterThan(0.2);
    expect(filledCount / directCount).toBeGreaterThan(0.4);
  }, 1_800_000);
});
