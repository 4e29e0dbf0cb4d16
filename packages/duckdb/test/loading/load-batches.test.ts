import { batchFromColumns } from '@millrace/arrow';
import { dataTypes, type ErrorCode, field, MillraceError, type RecordBatch } from '@millrace/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadBatches } from '../../src/loading/load-batches.ts';
import { type Engine, openEngine } from './open-engine.ts';

const schema = { fields: [field('n', dataTypes.int32()), field('s', dataTypes.utf8())] };

function batchOf(start: number, end: number): RecordBatch {
  const numbers = Int32Array.from({ length: end - start }, (_, index) => start + index);
  return batchFromColumns(schema, [numbers, Array.from(numbers, (n) => (n % 3 === 0 ? null : `row ${n} of the test`))]);
}

function code(expected: ErrorCode): unknown {
  return expect.objectContaining({ code: expected });
}

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());
beforeEach(async () => {
  await engine.native.run('CREATE OR REPLACE TABLE t (n INTEGER, s VARCHAR)');
});

const summary = 'SELECT count(*)::INTEGER, count(s)::INTEGER, min(n), max(n), count(DISTINCT n)::INTEGER FROM t';
const count = 'SELECT count(*)::INTEGER FROM t';

describe('loadBatches', () => {
  it('keeps every row over batches of all sizes', async () => {
    const cuts = [0, 1, 1, 2, 2_050, 4_098, 4_099, 130_000, 130_000, 400_000, 900_001];
    const batches = cuts.slice(1).map((end, index) => batchOf(cuts[index] as number, end));
    const { connection } = engine;
    expect(await loadBatches({ connection, target: 't', schema, batches })).toBe(900_001n);
    expect(await engine.rows(summary)).toEqual([[900_001, 600_000, 0, 900_000, 900_001]]);
    expect(
      await engine.rows(
        `${count} WHERE s IS DISTINCT FROM CASE WHEN n % 3 <> 0 THEN 'row ' || n || ' of the test' END`,
      ),
    ).toEqual([[0]]);
  });

  it('keeps the order of fewer than 245,760 rows', async () => {
    const { connection } = engine;
    await loadBatches({ connection, target: 't', schema, batches: [batchOf(0, 130_000), batchOf(130_000, 245_759)] });
    expect(await engine.rows(count)).toEqual([[245_759]]);
    expect(await engine.rows(`${count} WHERE rowid <> n`)).toEqual([[0]]);
  });

  it('loads nothing from no batches and from empty ones', async () => {
    const { connection } = engine;
    expect(await loadBatches({ connection, target: 't', schema, batches: [] })).toBe(0n);
    expect(await loadBatches({ connection, target: 't', schema, batches: [batchOf(5, 5)] })).toBe(0n);
  });

  it('sends columns where they are named, with odd and repeated names in the batches', async () => {
    await engine.native.run('CREATE OR REPLACE TABLE odd ("a ""b" VARCHAR, other INTEGER DEFAULT 7, c INTEGER)');
    const twins = { fields: [field('x', dataTypes.int32()), field('X', dataTypes.utf8())] };
    const batch = { ...batchOf(1, 3), schema: twins };
    const { connection } = engine;
    await loadBatches({ connection, target: 'odd', columns: ['c', 'a "b'], schema: twins, batches: [batch] });
    expect(await engine.rows('FROM odd')).toEqual([
      ['row 1 of the test', 7, 1],
      ['row 2 of the test', 7, 2],
    ]);
  });

  it('counts the rows of batches without columns', async () => {
    const empty: RecordBatch = { schema: { fields: [] }, numRows: 5_000, data: { children: [] } };
    const { connection } = engine;
    const request = { connection, target: 't', columns: ['n'], schema: { fields: [] }, batches: [empty, empty] };
    expect(await loadBatches(request)).toBe(10_000n);
    expect(await engine.rows(`${count} WHERE n IS NULL`)).toEqual([[10_000]]);
  });

  it('inserts by one statement while the source keeps up, and pulls at most 737,280 rows ahead', async () => {
    const batchRows = 61_440;
    const batchCount = 40;
    const made = batchOf(0, batchRows);
    let pulled = 0;
    let taken = 0;
    let mostAhead = 0;
    const batches = async function* (): AsyncGenerator<RecordBatch> {
      for (let index = 0; index < batchCount; index++) {
        pulled += batchRows;
        mostAhead = Math.max(mostAhead, pulled - taken);
        let isTaken = false;
        // Read by the table function alone: a batch is no longer ahead once its first rows are inserted.
        const watched = new Proxy(made.data.children[0]!, {
          get(target, property) {
            if (property === 'nullCount' && !isTaken) {
              isTaken = true;
              taken += batchRows;
            }
            return Reflect.get(target, property);
          },
        });
        yield { ...made, data: { children: [watched, made.data.children[1]!] } };
      }
    };
    let statements = 0;
    const run: Engine['connection']['run'] = (...statement) => {
      statements += 1;
      return engine.connection.run(...statement);
    };
    const rows = await loadBatches({ connection: { run }, target: 't', schema, batches: batches() });
    expect(rows).toBe(BigInt(batchCount * batchRows));
    expect(statements).toBe(1);
    // What waits, what three threads have begun to read, and the batch that is being made.
    expect(mostAhead).toBeLessThanOrEqual(737_280 + 3 * 122_880 + batchRows);
    const times = `SELECT DISTINCT count(*)::INTEGER FROM t WHERE n IS NOT NULL GROUP BY n`;
    expect(await engine.rows(times)).toEqual([[batchCount]]);
  });

  it('ends its statement when the source is slow, and loads the rest by another', async () => {
    const rowGroup = 122_880;
    let onInserted = (): void => undefined;
    const firstInserted = new Promise<void>((resolve) => {
      onInserted = resolve;
    });
    const batches = async function* (): AsyncGenerator<RecordBatch> {
      for (let index = 0; index < 6; index++) yield batchOf(index * rowGroup, (index + 1) * rowGroup);
      await firstInserted;
      yield batchOf(6 * rowGroup, 6 * rowGroup + 10);
    };
    const inserted: bigint[] = [];
    const run: Engine['connection']['run'] = async (...statement) => {
      const rows = await engine.connection.run(...statement);
      inserted.push(rows);
      onInserted();
      return rows;
    };
    const rows = await loadBatches({ connection: { run }, target: 't', schema, batches: batches() });
    expect(rows).toBe(BigInt(6 * rowGroup + 10));
    expect(inserted).toEqual([BigInt(6 * rowGroup), 10n]);
    expect(await engine.rows(`${count} WHERE n IS NULL`)).toEqual([[0]]);
  });

  it('converts to the types of the table, and fails on what does not fit', async () => {
    await engine.native.run('CREATE OR REPLACE TABLE narrow (n TINYINT, s VARCHAR)');
    const { connection } = engine;
    await loadBatches({ connection, target: 'narrow', schema, batches: [batchOf(100, 128)] });
    await expect(loadBatches({ connection, target: 'narrow', schema, batches: [batchOf(128, 129)] })).rejects.toThrow(
      /Conversion Error/,
    );
  });

  it('throws what the source throws, and releases it', async () => {
    let released = false;
    const batches = async function* (): AsyncGenerator<RecordBatch> {
      try {
        yield batchOf(0, 122_880);
        throw new MillraceError({ code: 'unavailable', component: 'source', message: 'gone' });
      } finally {
        released = true;
      }
    };
    const { connection } = engine;
    await expect(loadBatches({ connection, target: 't', schema, batches: batches() })).rejects.toEqual(
      code('unavailable'),
    );
    expect(released).toBe(true);
  });

  it('releases the source when an insert fails', async () => {
    let released = false;
    const batches = async function* (): AsyncGenerator<RecordBatch> {
      try {
        for (let index = 0; ; index++) yield batchOf(index * 737_280, (index + 1) * 737_280);
      } finally {
        released = true;
      }
    };
    const { connection } = engine;
    await expect(loadBatches({ connection, target: 'missing', schema, batches: batches() })).rejects.toThrow(/missing/);
    expect(released).toBe(true);
  });

  it('reports a broken batch by its own code, and never hangs', async () => {
    const broken = batchOf(0, 10);
    const short = {
      ...broken,
      data: { children: [{ ...broken.data.children[0]!, values: new Int32Array(3) }, broken.data.children[1]!] },
    };
    const { connection } = engine;
    await expect(loadBatches({ connection, target: 't', schema, batches: [short] })).rejects.toEqual(
      code('invalid_data'),
    );
    const narrow = { ...broken, data: { children: broken.data.children.slice(1) } };
    await expect(loadBatches({ connection, target: 't', schema, batches: [narrow] })).rejects.toEqual(
      code('schema_mismatch'),
    );
    const swapped = { ...broken, data: { children: [...broken.data.children].reverse() } };
    await expect(loadBatches({ connection, target: 't', schema, batches: [swapped] })).rejects.toEqual(
      code('schema_mismatch'),
    );
    expect(await loadBatches({ connection, target: 't', schema, batches: [broken] })).toBe(10n);
  });

  it('refuses a wrong number of columns before it pulls', async () => {
    const { connection } = engine;
    await expect(loadBatches({ connection, target: 't', columns: ['n'], schema, batches: [] })).rejects.toEqual(
      code('schema_mismatch'),
    );
  });
});

describe('cancelling a load', () => {
  it('does not start with a signal that has fired', async () => {
    const { connection } = engine;
    const signal = AbortSignal.abort();
    await expect(loadBatches({ connection, target: 't', schema, batches: [batchOf(0, 1)], signal })).rejects.toEqual(
      code('cancelled'),
    );
    expect(await engine.rows(count)).toEqual([[0]]);
  });

  it('ends at once while it waits for a source that gives way', async () => {
    const controller = new AbortController();
    let released = false;
    const batches = async function* (): AsyncGenerator<RecordBatch> {
      try {
        await new Promise((_, reject) =>
          controller.signal.addEventListener('abort', () => reject(new Error('aborted'))),
        );
        yield batchOf(0, 1);
      } finally {
        released = true;
      }
    };
    setTimeout(() => controller.abort(), 20);
    const { signal } = controller;
    await expect(
      loadBatches({ connection: engine.connection, target: 't', schema, batches: batches(), signal }),
    ).rejects.toEqual(code('cancelled'));
    expect(released).toBe(true);
  });

  it('leaves behind a source that never answers', async () => {
    const controller = new AbortController();
    const batches = async function* (): AsyncGenerator<RecordBatch> {
      await new Promise(() => undefined);
      yield batchOf(0, 1);
    };
    setTimeout(() => controller.abort(), 20);
    const { signal } = controller;
    await expect(
      loadBatches({ connection: engine.connection, target: 't', schema, batches: batches(), signal }),
    ).rejects.toEqual(code('cancelled'));
  });

  it('interrupts a running insert', async () => {
    const controller = new AbortController();
    const batches = function* (): Generator<RecordBatch> {
      for (let index = 0; ; index++) yield batchOf(index * 20_000, (index + 1) * 20_000);
    };
    setTimeout(() => controller.abort(), 100);
    const { signal } = controller;
    const load = loadBatches({ connection: engine.connection, target: 't', schema, batches: batches(), signal });
    await expect(load).rejects.toThrow();
    expect(await engine.rows('SELECT 1')).toEqual([[1]]);
  });
});
