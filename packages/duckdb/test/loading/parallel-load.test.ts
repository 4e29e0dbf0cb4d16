import { setImmediate as nextTurn } from 'node:timers/promises';
import { batchFromColumns } from '@millrace/arrow';
import { dataTypes, field, type RecordBatch } from '@millrace/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/database/open-database.ts';
import { loadBatches } from '../../src/loading/load-batches.ts';
import { isTurnDue } from '../../src/loading/loop-turn.ts';
import { type Engine, openEngine } from './open-engine.ts';

const schema = { fields: [field('n', dataTypes.int32()), field('s', dataTypes.utf8())] };

const ROW_GROUP_ROWS = 122_880;

/** Two threads insert a statement's rows from two row groups on. */
const PARALLEL_ROWS = 3 * ROW_GROUP_ROWS;

function batchOf(start: number, end: number): RecordBatch {
  const numbers = Int32Array.from({ length: end - start }, (_, index) => start + index);
  return batchFromColumns(schema, [numbers, Array.from(numbers, (n) => (n % 3 === 0 ? null : `row ${n} of the test`))]);
}

function batchesOf(rowCount: number): RecordBatch[] {
  const starts = Array.from({ length: Math.ceil(rowCount / 50_000) }, (_, index) => index * 50_000);
  return starts.map((start) => batchOf(start, Math.min(rowCount, start + 50_000)));
}

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());
beforeEach(async () => {
  await engine.native.run('CREATE OR REPLACE TABLE t (n INTEGER, s VARCHAR)');
});

/** Rows, different numbers, numbers that are no row's, and texts that are not their row's. */
function summary(table: string, rowCount: number): string {
  const text = `CASE WHEN n % 3 <> 0 THEN 'row ' || n || ' of the test' END`;
  return `SELECT count(*)::INTEGER, count(DISTINCT n)::INTEGER, (count(*) FILTER (n NOT BETWEEN 0 AND ${rowCount - 1}))::INTEGER,
    (count(*) FILTER (s IS DISTINCT FROM ${text}))::INTEGER FROM ${table}`;
}

describe('a load by two threads', () => {
  it('makes whole row groups, and keeps the order within each', async () => {
    const { connection } = engine;
    await loadBatches({ connection, target: 't', schema, batches: batchesOf(PARALLEL_ROWS) });
    expect(await engine.rows(summary('t', PARALLEL_ROWS))).toEqual([[PARALLEL_ROWS, PARALLEL_ROWS, 0, 0]]);
    const steps = `SELECT n, lead(n) OVER (ORDER BY rowid) AS next FROM t`;
    const isLast = `n % ${ROW_GROUP_ROWS} = ${ROW_GROUP_ROWS - 1}`;
    const jumps = `SELECT count(*)::INTEGER FROM (${steps}) WHERE NOT ${isLast} AND next <> n + 1`;
    expect(await engine.rows(jumps)).toEqual([[0]]);
    const segments = `SELECT row_group_id, sum(count) AS rows FROM pragma_storage_info('t')
      WHERE column_id = 0 AND segment_type <> 'VALIDITY' GROUP BY ALL`;
    expect(await engine.rows(`SELECT DISTINCT rows::INTEGER FROM (${segments})`)).toEqual([[ROW_GROUP_ROWS]]);
  });

  it('keeps the rows of loads that run at the same time', async () => {
    await using database = await openDatabase({ path: ':memory:', threads: 2 });
    const tables = ['t0', 't1', 't2'];
    await database.withConnection((connection) =>
      connection.run(tables.map((table) => `CREATE TABLE ${table} (n INTEGER, s VARCHAR)`).join(';')),
    );
    const load = (target: string) =>
      database.withConnection((connection) =>
        loadBatches({ connection, target, schema, batches: batchesOf(PARALLEL_ROWS) }),
      );
    expect(await Promise.all(tables.map(load))).toEqual(tables.map(() => BigInt(PARALLEL_ROWS)));
    await database.withConnection(async (connection) => {
      for (const table of tables) {
        expect(await connection.rows(summary(table, PARALLEL_ROWS))).toEqual([[PARALLEL_ROWS, PARALLEL_ROWS, 0, 0]]);
      }
    });
  });

  it('lets the event loop turn while a statement runs', async () => {
    const batch = batchOf(0, 491_520);
    let turns = 0;
    let isLoading = true;
    const count = async (): Promise<void> => {
      for (; isLoading; turns++) await nextTurn();
    };
    const { connection } = engine;
    const counting = count();
    await loadBatches({ connection, target: 't', schema, batches: [batch] });
    isLoading = false;
    await counting;
    // 240 chunks take far longer than the 3 ms after which a thread pauses, on any machine.
    expect(turns).toBeGreaterThan(5);
  });

  it('reports a batch that is broken in the middle by its own code', async () => {
    const whole = batchOf(250_000, 300_000);
    const [n, s] = whole.data.children;
    const broken = { ...whole, data: { children: [{ ...n!, values: new Int32Array(3) }, s!] } };
    const { connection } = engine;
    const batches = [...batchesOf(250_000), broken];
    await expect(loadBatches({ connection, target: 't', schema, batches })).rejects.toEqual(
      expect.objectContaining({ code: 'invalid_data' }),
    );
    expect(await engine.rows('SELECT count(*)::INTEGER FROM t')).toEqual([[0]]);
    expect(await loadBatches({ connection, target: 't', schema, batches: batchesOf(250_000) })).toBe(250_000n);
  });

  it('throws what the source throws while a statement runs, and is repeatable', async () => {
    const failing = async function* (): AsyncGenerator<RecordBatch> {
      yield batchOf(0, 491_520);
      await nextTurn();
      throw new Error('the source is gone');
    };
    const { connection } = engine;
    await expect(loadBatches({ connection, target: 't', schema, batches: failing() })).rejects.toThrow(
      'the source is gone',
    );
    await engine.native.run('TRUNCATE t');
    expect(await loadBatches({ connection, target: 't', schema, batches: batchesOf(PARALLEL_ROWS) })).toBe(
      BigInt(PARALLEL_ROWS),
    );
  });

  it('is cancelled in the middle of a statement', async () => {
    await using database = await openDatabase({ path: ':memory:', threads: 2 });
    await database.withConnection(async (connection) => {
      await connection.run('CREATE TABLE t (n INTEGER, s VARCHAR)');
      const controller = new AbortController();
      const { signal } = controller;
      const whole = batchOf(0, 491_520);
      // Read by the table function alone, so that this fires while the statement runs.
      const column = whole.data.children[0]!;
      let reads = 0;
      const watched = new Proxy(column, {
        get(target, property) {
          if (property === 'nullCount' && ++reads === 40) setImmediate(() => controller.abort());
          return Reflect.get(target, property);
        },
      });
      const batch = { ...whole, data: { children: [watched, whole.data.children[1]!] } };
      await expect(loadBatches({ connection, target: 't', schema, batches: [batch], signal })).rejects.toEqual(
        expect.objectContaining({ code: 'cancelled' }),
      );
      expect(reads).toBeLessThan(240);
      expect(await connection.rows('SELECT count(*)::INTEGER FROM t')).toEqual([[0]]);
      expect(await loadBatches({ connection, target: 't', schema, batches: [whole] })).toBe(491_520n);
    });
  });
});

describe('isTurnDue', () => {
  it('is false after a turn of the event loop, and true when none comes', async () => {
    await nextTurn();
    expect(isTurnDue()).toBe(false);
    const start = performance.now();
    while (performance.now() < start + 10);
    expect(isTurnDue()).toBe(true);
    expect(isTurnDue()).toBe(true);
    await nextTurn();
    expect(isTurnDue()).toBe(false);
    await nextTurn();
  });
});
