import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { createRegistry } from '@millrace/core/registry';
import { ENGINE_MODES, ENGINES, type EngineMode, openEngine } from '@millrace/engines';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRuntime, type Runtime } from '../../src/index.ts';
import { compareAnswers, isDirect } from '../direct/compare-answers.ts';
import { createStatements } from '../direct/simple-statements.ts';
import { createTypedTables, type TypedTable } from '../direct/typed-tables.ts';

const IS_FULL = process.env.MILLRACE_TEST_FULL !== undefined;
const SEED = Number(process.env.MILLRACE_TEST_SEED ?? (IS_FULL ? Date.now() % 2 ** 31 : 20_261_201));
const STATEMENT_COUNT = IS_FULL ? 4_000 : 100;
/** Types that every engine keeps. */
const PLAIN_TYPES = 17;

const folder = mkdtempSync(join(tmpdir(), 'millrace-direct-engines-'));
let tables: readonly TypedTable[];
beforeAll(async () => {
  tables = await createTypedTables();
  const store = memoryDatabase('direct-engines');
  for (const { table, batch } of tables) store.put(table, { schema: batch.schema, batches: [batch] });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A runtime with copies of all tables whose types the engine keeps; those of others stay as they were. */
async function openRuntime(engineMode: EngineMode, params: Readonly<Record<string, string>>): Promise<Runtime> {
  const runtime = await createRuntime({
    config: {
      datasets: tables.map(({ table }) => ({
        from: `memory:${table}`,
        name: table,
        params: { memory_database: 'direct-engines' },
        acceleration: { ...engineMode, params },
      })),
    },
    registry: createRegistry({ connectors: [memoryConnector], accelerators: ENGINES }),
    baseDirectory: folder,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  // Some engines refuse some types.
  const isSettled = () => runtime.datasets().every(({ state }) => state === 'ready' || state === 'error');
  await expect.poll(isSettled, { timeout: 600_000 }).toBe(true);
  return runtime;
}

/** Copies of these are read in place, so that no scan answers for them. */
const IN_PLACE: ReadonlySet<string> = new Set(['arrow', 'duckdb']);
const FIRST_MODES = ENGINE_MODES.filter(({ engine }, index) => {
  return !IN_PLACE.has(engine) && ENGINE_MODES.findIndex((each) => each.engine === engine) === index;
});

describe.each(FIRST_MODES)('copies in $engine, $mode', (engineMode) => {
  it(`answer of ${STATEMENT_COUNT} simple statements (MILLRACE_TEST_SEED=${SEED}) as they are answered without pushdown`, async () => {
    const { params, close } = await openEngine(engineMode.engine);
    const runtime = await openRuntime(engineMode, params);
    const kept = runtime.datasets().filter(({ state }) => state === 'ready');
    expect(kept.length).toBeGreaterThanOrEqual(PLAIN_TYPES);
    const names = new Set(kept.map(({ name }) => name));
    const next = createStatements(
      SEED,
      tables.filter(({ table }) => names.has(table)),
    );
    const counts = await compareAnswers(runtime, {}, { next, count: STATEMENT_COUNT });
    const { directCount, filledCount } = counts;
    console.info(
      `${engineMode.engine}: ${directCount} direct answers over ${kept.length} types, ${filledCount} with rows`,
    );
    expect(directCount / STATEMENT_COUNT).toBeGreaterThan(0.1);
    const lookUp = { sql: 'SELECT * FROM t4 WHERE v = $1', parameters: [2n ** 53n + 1n] };
    expect(await isDirect(runtime, lookUp)).toBe(true);
    await runtime.close();
    await close();
  }, 1_800_000);
});
