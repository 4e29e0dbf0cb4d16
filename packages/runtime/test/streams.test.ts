import { readdirSync } from 'node:fs';
import { batchFromColumns } from '@millrace/arrow';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { type ConnectorPlugin, dataTypes, defineConnector, field, MillraceError, type Schema } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { collectGarbage } from '@millrace/test-fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRuntime, type Runtime } from '../src/index.ts';

const ROWS = 3_000_000;
const BROKEN_ROW = 1_500_000;
const BATCH_ROWS = 50_000;
const NUMBERS: Schema = { fields: [field('i', dataTypes.int32())] };
const FULL = process.env.MILLRACE_TEST_FULL !== undefined;

/** A source of 3 M rows that fails, or hangs until it is aborted, at row 1.5 M. */
function brokenConnector(behaviour: 'fails' | 'hangs', opened: Set<object>): ConnectorPlugin {
  return defineConnector({
    id: behaviour,
    prefix: behaviour,
    parameters: [],
    create: () => ({
      readProvider: async () => ({
        schema: NUMBERS,
        tableType: 'base',
        scan: (request) => ({
          schema: { fields: request.projection.map((ordinal) => NUMBERS.fields[ordinal]!) },
          applied: { filters: request.filters.map(() => 'none' as const) },
          partitions: [{ id: 0, detail: null }],
          explain: () => ({ source: behaviour }),
          async *execute(_partition, { signal }) {
            const scan = {};
            opened.add(scan);
            try {
              for (let start = 0; start < ROWS; start += BATCH_ROWS) {
                if (start === BROKEN_ROW && behaviour === 'fails') {
                  throw new MillraceError({ code: 'io', component: 'source', message: 'the connection was lost' });
                }
                if (start === BROKEN_ROW) await new Promise((resolve) => signal.addEventListener('abort', resolve));
                if (signal.aborted)
                  throw new MillraceError({ code: 'cancelled', component: 'source', message: 'cancelled' });
                const values = Int32Array.from({ length: BATCH_ROWS }, (_, index) => start + index);
                yield batchFromColumns(
                  { fields: request.projection.map(() => NUMBERS.fields[0]!) },
                  request.projection.map(() => values),
                  BATCH_ROWS,
                );
              }
            } finally {
              opened.delete(scan);
            }
          },
        }),
      }),
      close: async () => {},
      [Symbol.asyncDispose]: async () => {},
    }),
  });
}

describe('results that do not reach their end', () => {
  let runtime: Runtime;
  const opened = new Set<object>();

  beforeAll(async () => {
    memoryDatabase('streams').put('numbers', {
      schema: NUMBERS,
      batches: Array.from({ length: 30 }, (_, part) =>
        batchFromColumns(NUMBERS, [Int32Array.from({ length: 100_000 }, (_, index) => part * 100_000 + index)]),
      ),
    });
    runtime = await createRuntime({
      config: {
        datasets: [
          { from: 'memory:numbers', name: 'numbers', params: { memory_database: 'streams' } },
          { from: 'fails:', name: 'failing' },
          { from: 'hangs:', name: 'hanging' },
        ],
      },
      registry: createRegistry({
        connectors: [memoryConnector, brokenConnector('fails', opened), brokenConnector('hangs', opened)],
        accelerators: [],
      }),
    });
  });
  afterAll(() => runtime.close());

  const brokenCast = `SELECT CAST(CASE WHEN i = ${BROKEN_ROW} THEN 'x' ELSE '1' END AS INTEGER) AS n FROM numbers`;

  it.each([{}, { native: 'off' }] as const)('rejects a query that fails at row 1.5 M of 3 M (%o)', async (mode) => {
    let rowCount = 0;
    // The row that fails may be reached before the first batch is asked for, or after many.
    const read = async (): Promise<void> => {
      for await (const batch of await runtime.sql(brokenCast, mode)) rowCount += batch.numRows;
    };
    await expect(read()).rejects.toMatchObject({ name: 'MillraceError', code: 'invalid_data' });
    expect(rowCount).toBeLessThan(ROWS);
  });

  it('rejects with the error of a source that fails midway, and releases it', async () => {
    await expect(runtime.sql('SELECT count(*) FROM failing')).rejects.toMatchObject({
      code: 'io',
      component: 'source',
    });
    await expect(runtime.sql('SELECT * FROM failing, numbers', { pushdown: 'off' })).rejects.toMatchObject({
      code: 'io',
    });
    expect(opened.size).toBe(0);
  });

  it('rejects when it is aborted while a source is being read', async () => {
    const controller = new AbortController();
    const pending = runtime.sql('SELECT count(*) FROM hanging', { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(pending).rejects.toMatchObject({ code: 'cancelled' });
    expect(opened.size).toBe(0);
  });

  it.each(['abort', 'close'] as const)('rejects after %s mid-stream and never ends normally', async (how) => {
    const controller = new AbortController();
    const result = await runtime.sql('SELECT i, i * 2 AS twice FROM numbers', { signal: controller.signal });
    const iterator = result[Symbol.asyncIterator]();
    expect((await iterator.next()).done).toBe(false);
    const pending = iterator.next();
    if (how === 'abort') controller.abort();
    else void result.close();
    const outcomes = [await settle(pending), await settle(iterator.next()), await settle(iterator.next())];
    expect(outcomes.filter((outcome) => outcome === 'end')).toEqual([]);
    expect(outcomes.at(-1)).toBe('cancelled');
  });

  it('cancels inside one long operator', async () => {
    const controller = new AbortController();
    const sql = 'SELECT sum(a.i * b.i) FROM numbers a, numbers b WHERE a.i + b.i > 7';
    const pending = runtime
      .sql(sql, { signal: controller.signal })
      .then((result) => result.toRows())
      .catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 300));
    controller.abort();
    expect(await pending).toMatchObject({ code: 'cancelled' });
    expect(await (await runtime.sql('SELECT count(*) AS n FROM numbers')).toRows()).toEqual([{ n: BigInt(ROWS) }]);
  });

  it('holds nothing after many opened and cancelled queries', async () => {
    const cycles = FULL ? 200 : 40;
    const measure = async () => {
      await collectGarbage();
      return { descriptors: countDescriptors(), rss: process.memoryUsage().rss };
    };
    let early = await measure();
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      const controller = new AbortController();
      const result = await runtime.sql('SELECT * FROM numbers', {
        signal: controller.signal,
        native: cycle % 4 === 0 ? 'off' : 'on',
      });
      await result[Symbol.asyncIterator]().next();
      if (cycle % 2 === 0) controller.abort();
      await result.close();
      if (cycle === 19) early = await measure();
    }
    // What was cancelled may still be on its way out on a busy machine.
    await expect.poll(async () => (await measure()).descriptors).toBeLessThanOrEqual(early.descriptors);
    await expect.poll(async () => (await measure()).rss - early.rss).toBeLessThan(100 * 2 ** 20);
  });

  it('closing the runtime ends what is running', async () => {
    const own = await createRuntime({
      config: { datasets: [{ from: 'memory:numbers', name: 'numbers', params: { memory_database: 'streams' } }] },
      registry: createRegistry({ connectors: [memoryConnector], accelerators: [] }),
    });
    const result = await own.sql('SELECT * FROM numbers');
    const iterator = result[Symbol.asyncIterator]();
    await iterator.next();
    await own.close();
    expect(await settle(iterator.next())).toBe('cancelled');
    await expect(own.sql('SELECT 1')).rejects.toMatchObject({ code: 'invalid_state' });
  });
});

/** How a `next()` came out: a batch, the end, or an error's code. */
async function settle(next: Promise<IteratorResult<unknown>>): Promise<string> {
  return next.then(
    ({ done }) => (done === true ? 'end' : 'batch'),
    (error: MillraceError) => error.code,
  );
}

function countDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0; // Only Linux lists them.
  }
}
