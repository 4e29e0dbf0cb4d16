import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRuntime, type QueryResult, type Runtime } from '../../src/index.ts';
import { ManualClock } from '../worker/manual-clock.ts';

const STORE = 'results-cache-random';
const TTL_MS = 10_000;
const RUNS = process.env.MILLRACE_TEST_FULL === '1' ? 300 : 15;

/** `copied` and `other` are accelerated, `live` is read from its source. */
const TABLES = ['copied', 'other', 'live'] as const;
type Table = (typeof TABLES)[number];

/** Statements that give the version of each table that they read. */
const STATEMENTS: readonly { readonly sql: string; readonly reads: readonly Table[] }[] = [
  { sql: 'SELECT max(version) AS copied FROM copied', reads: ['copied'] },
  { sql: 'SELECT version AS copied FROM seen', reads: ['copied'] },
  { sql: 'SELECT max(version) AS live FROM live', reads: ['live'] },
  {
    sql: 'SELECT (SELECT max(version) FROM other) AS other, max(version) AS copied FROM copied',
    reads: ['other', 'copied'],
  },
  { sql: 'SELECT max(o.version) AS other, max(l.version) AS live FROM other o, live l', reads: ['other', 'live'] },
];

const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('change' as const), table: fc.constantFrom(...TABLES) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: TTL_MS }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('ask' as const), statement: fc.nat(STATEMENTS.length - 1) }) },
  // A result that is left open until the next one is asked for, or the end.
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('open' as const), statement: fc.nat(STATEMENTS.length - 1) }) },
);

describe('the results cache between changes', () => {
  const clock = new ManualClock();
  /** Of each table, the versions and since when they are there, the last one at the end. */
  const history = new Map<Table, { readonly version: number; readonly sinceMs: number }[]>();
  let version = 0;
  let runtime: Runtime;

  function put(table: Table): void {
    version += 1;
    memoryDatabase(STORE).put(table, {
      schema: { fields: [field('version', dataTypes.int32())] },
      rows: Array.from({ length: 3 }, () => [version]),
    });
    history.set(table, [...(history.get(table) ?? []), { version, sinceMs: clock.now() }]);
  }
  async function change(table: Table): Promise<void> {
    put(table);
    if (table !== 'live') await runtime.refresh(table);
  }

  beforeAll(async () => {
    for (const table of TABLES) put(table);
    runtime = await createRuntime({
      config: {
        runtime: { caching: { sql_results: { item_ttl: `${TTL_MS}ms` } } },
        datasets: TABLES.map((table) => ({
          from: `memory:${table}`,
          name: table,
          params: { memory_database: STORE },
          ...(table === 'live' ? {} : { acceleration: { engine: 'arrow' } }),
        })),
        views: [{ name: 'seen', sql: 'SELECT max(version) AS version FROM copied' }],
      },
      clock,
      registry: createRegistry({ connectors: [memoryConnector], accelerators: [arrowAccelerator] }),
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
    await runtime.ready();
  });
  afterAll(() => runtime.close());

  /** The versions that a statement may give which is asked now: the last one of a copy, and of what is read live those of the last while. */
  function allowed(table: Table): readonly number[] {
    const versions = history.get(table) ?? [];
    if (table !== 'live') return versions.slice(-1).map((each) => each.version);
    return versions
      .filter((_, index) => (versions[index + 1]?.sinceMs ?? Number.POSITIVE_INFINITY) >= clock.now() - TTL_MS)
      .map((each) => each.version);
  }

  it(`never gives what is gone, in ${RUNS} random orders of changes, waits and statements`, async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        let open: QueryResult | undefined;
        for (const each of steps) {
          if (each.kind === 'change') await change(each.table);
          else if (each.kind === 'wait') clock.advance(each.ms);
          else {
            await open?.toRows();
            open = undefined;
            const { sql, reads } = STATEMENTS[each.statement]!;
            const expected = new Map(reads.map((table) => [table, allowed(table)]));
            const result = await runtime.sql(sql);
            seen.set(result.cacheStatus, (seen.get(result.cacheStatus) ?? 0) + 1);
            if (each.kind === 'open') open = result;
            else
              for (const row of await result.toRows())
                for (const table of reads) expect(expected.get(table)).toContain(row[table]);
          }
        }
        await open?.toRows();
      }),
      { numRuns: RUNS },
    );
    expect([...seen.keys()].sort()).toEqual(['hit', 'miss']);
    console.info(
      `results cache: ${seen.get('hit')} of ${(seen.get('hit') ?? 0) + (seen.get('miss') ?? 0)} statements answered`,
    );
  });
});
