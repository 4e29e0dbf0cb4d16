import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchFromColumns, batchFromRows, createValueReader } from '@millrace/arrow';
import { dataTypes, field, MillraceError, type RecordBatch } from '@millrace/core';
import type { QueryParameters } from '@millrace/duckdb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DIRECT_ANSWER_NOTE } from '../../src/query/direct-answer.ts';
import { QueryEngine } from '../../src/query/query-engine.ts';
import type { QueryRequest } from '../../src/query/query-request.ts';
import { ScratchPool } from '../../src/query/scratch-pool.ts';
import { rows, SCHEMA, Source, type SourceOptions } from './source.ts';
import { DIRECT, EXECUTED } from './statement-cases.ts';

/** Rows up to which a scan's rows can be the answer. */
const SMALL_ROWS = 8_192;
let folder: string;
let engine: QueryEngine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-direct-'));
  engine = await QueryEngine.open({ memoryLimit: '1GB', tempDirectory: join(folder, 'spill') });
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

async function register(options: SourceOptions): Promise<Source> {
  const source = new Source(options);
  const { schema } = source.provider;
  await engine.addTable({ name: { table: 'lines' }, schema, provider: () => source.provider });
  return source;
}

async function read(request: QueryRequest): Promise<unknown[][]> {
  const all: unknown[][] = [];
  for await (const { data, numRows } of await engine.query(request)) {
    const readers = data.children.map(createValueReader);
    for (let row = 0; row < numRows; row += 1) all.push(readers.map((each) => each(row)));
  }
  return all;
}

async function saysDirect(request: QueryRequest): Promise<boolean> {
  const { scans } = await engine.explain(request);
  return scans.some((scan) => scan.access === 'scan' && scan.notes.includes(DIRECT_ANSWER_NOTE));
}

/** Whether the engine gets a catalog in which to execute the statement. */
async function isExecuted(request: QueryRequest): Promise<boolean> {
  const take = vi.spyOn(ScratchPool.prototype, 'take');
  try {
    await read(request);
    return take.mock.calls.length > 0;
  } finally {
    take.mockRestore();
  }
}

describe('a statement over a source that does all of it', () => {
  it.each(DIRECT)('is answered by the scan: $sql', async (request) => {
    const source = await register({ batches: () => [rows(3)] });
    expect(await saysDirect(request)).toBe(true);
    expect(await isExecuted(request)).toBe(false);
    expect(source.asked).toHaveLength(2);
    expect(await saysDirect({ ...request, pushdown: 'off' })).toBe(false);
    expect(await isExecuted({ ...request, pushdown: 'off' })).toBe(true);
  });

  it.each(EXECUTED)('is executed by the engine: $sql', async (request) => {
    await register({ batches: () => [rows(3)], filters: 'none' });
    await engine.addView({ name: { table: 'seen' }, sql: 'SELECT id FROM lines' });
    await register({ batches: () => [rows(3)] });
    expect(await saysDirect(request)).toBe(false);
    await read(request);
  });

  it('has the columns that it names, however it writes them', async () => {
    await register({ batches: () => [rows(1)] });
    const stream = await engine.query({ sql: 'SELECT NAME, id, iD AS "Name", lines.Id FROM Lines' });
    expect(stream.schema.fields.map(({ name }) => name)).toEqual(['Name', 'id', 'Name', 'id']);
    expect(stream.schema.fields.every(({ nullable }) => nullable)).toBe(true);
    await stream.close();
    expect(await read({ sql: 'SELECT NAME, id, iD AS "Name", lines.Id FROM Lines' })).toEqual([['one', 0n, 0n, 0n]]);
  });

  it('leaves to the engine what could be a column or the row', async () => {
    const schema = { fields: [field('lines', dataTypes.int64()), field('id', dataTypes.int64())] };
    await register({ batches: () => [batchFromRows(schema, [[7n, 8n]])], schema });
    expect(await saysDirect({ sql: 'SELECT lines FROM lines' })).toBe(false);
    expect(await read({ sql: 'SELECT lines, lines.id FROM lines' })).toEqual([[7n, 8n]]);
    expect(await saysDirect({ sql: 'SELECT lines FROM lines AS l' })).toBe(true);
  });

  it('asks for values wrongly as it does without', async () => {
    await register({ batches: () => [rows(3)] });
    for (const parameters of [[], [1, 2], { a: 1 }, [new Date(Number.NaN)], ['\ud800'], [{ value: 1, type: {} }]]) {
      const request = { sql: 'SELECT id FROM lines WHERE id = $1', parameters: parameters as QueryParameters };
      await expect(read(request), JSON.stringify(parameters)).rejects.toThrow();
    }
    await expect(read({ sql: 'SELECT id FROM lines WHERE id = $1' })).rejects.toMatchObject({
      code: 'invalid_argument',
    });
    await expect(read({ sql: 'SELECT nothing FROM lines' })).rejects.toMatchObject({ code: 'sql_error' });
  });
});

describe('rows of a scan', () => {
  it.each([0, 1, SMALL_ROWS - 1, SMALL_ROWS, SMALL_ROWS + 1, 2 * SMALL_ROWS])(
    '%i of them are all there',
    async (count) => {
      const source = await register({
        batches: () => [rows(count >> 1), rows(0), rows(count - (count >> 1), count >> 1)],
      });
      const request = { sql: 'SELECT id FROM lines WHERE id >= 0' };
      expect(await isExecuted(request)).toBe(count > SMALL_ROWS);
      expect(source.asked).toHaveLength(1);
      const found = await read(request);
      expect(found.map(([id]) => id)).toEqual(Array.from({ length: count }, (_, index) => BigInt(index)));
    },
  );

  it.each(['none', 'inexact'] as const)('are filtered by the engine where the source does it %s', async (filters) => {
    const source = await register({ batches: () => [rows(5)], filters });
    const request = { sql: 'SELECT "Name" FROM lines WHERE id = 3' };
    expect(await saysDirect(request)).toBe(false);
    source.asked.length = 0;
    expect(await read(request)).toEqual([['one']]);
    expect(source.asked).toHaveLength(1);
    expect(source.asked[0]).toMatchObject({ projection: [0, 1], filters: [{ function: 'eq' }] });
  });

  it('end where the LIMIT is, although the source goes on', async () => {
    let given = 0;
    const source = await register({
      *batches() {
        for (;;) {
          given += 1;
          yield rows(2, given * 2);
        }
      },
    });
    expect(await read({ sql: 'SELECT id FROM lines WHERE id > 0 LIMIT 3' })).toEqual([[2n], [3n], [4n]]);
    expect(source.asked[0]?.limit).toBe(3n);
    expect(source.openCount).toBe(0);
    // One batch may have been asked for ahead.
    expect(given).toBeLessThanOrEqual(3);
  });

  it('come in batches of as many as were asked for, in memory of their own', async () => {
    const held = rows(5_000);
    await register({ batches: () => [held] });
    const result = await engine.query({ sql: 'SELECT id, "Name", id FROM lines', batchRowCount: 1_000 });
    const batches: RecordBatch[] = [];
    for await (const batch of result) batches.push(batch);
    expect(batches.map(({ numRows }) => numRows)).toEqual([2_048, 2_048, 904]);
    const buffers = [held, ...batches].flatMap(({ data }) =>
      data.children.flatMap(({ values, valueOffsets }) => [values, valueOffsets].flatMap((view) => view?.buffer ?? [])),
    );
    expect(new Set(buffers).size).toBe(buffers.length);
  });

  it('that are not as the source announced fail as they do in the engine', async () => {
    const schema = {
      fields: [
        field('id', dataTypes.int64()),
        field('text', dataTypes.utf8()),
        field('price', dataTypes.decimal(3, 0)),
      ],
    };
    const good = batchFromRows(schema, [[1n, 'žluť', '5']]);
    const [id, text, price] = good.data.children;
    const bad = [
      [{ ...id!, type: dataTypes.float64() }, text!, price!],
      [{ ...id!, values: new Int32Array(1) }, text!, price!],
      [id!, { ...text!, values: Uint8Array.of(0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa) }, price!],
      [id!, text!, { ...price!, values: Uint32Array.of(1_000, 0, 0, 0) }],
    ];
    for (const children of bad) {
      await register({ schema, batches: () => [{ ...good, data: { children } }] });
      const failures = [];
      for (const pushdown of ['on', 'off'] as const) {
        failures.push(await read({ sql: 'SELECT * FROM lines', pushdown }).catch((error: unknown) => error));
      }
      const [direct, whole] = failures as MillraceError[];
      expect(direct).toMatchObject({ code: whole?.code, message: whole?.message });
      expect(direct?.code).toMatch(/^(?:schema_mismatch|invalid_data)$/);
    }
    await register({ schema, batches: () => [good] });
    expect(await read({ sql: 'SELECT * FROM lines' })).toEqual([[1n, 'žluť', '5']]);
  });

  it('fail with the error of their source, wherever it breaks', async () => {
    for (const before of [0, 1, 2]) {
      const error = new MillraceError({ code: 'io', component: 'test source', message: 'it broke', retryable: true });
      const source = await register({
        *batches() {
          for (let index = 0; index < before; index += 1) yield rows(1, index);
          throw error;
        },
      });
      await expect(read({ sql: 'SELECT id FROM lines' })).rejects.toMatchObject({ code: 'io', retryable: true });
      expect(source.openCount).toBe(0);
    }
  });
});

describe('the end of a direct answer', () => {
  it('comes with an abort while its rows are read', async () => {
    let begin = (): void => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const source = await register({
      async *batches() {
        yield rows(1);
        begin();
        await new Promise((resolve) => controller.signal.addEventListener('abort', resolve, { once: true }));
        yield rows(1);
      },
    });
    const controller = new AbortController();
    const pending = engine.query({ sql: 'SELECT id FROM lines', signal: controller.signal });
    const failure = expect(pending).rejects.toMatchObject({ code: 'cancelled' });
    await begun;
    controller.abort();
    await failure;
    await expect.poll(() => source.openCount, { timeout: 60_000 }).toBe(0);
  });

  it.each(['abort', 'close', 'stop'] as const)('comes with %s before its rows have been taken', async (end) => {
    await using own = await QueryEngine.open({ memoryLimit: '1GB', tempDirectory: join(folder, 'spill') });
    const { provider } = new Source({ batches: () => [rows(5_000)] });
    await own.addTable({ name: { table: 'lines' }, schema: SCHEMA, provider: () => provider });
    const controller = new AbortController();
    const request = { sql: 'SELECT id FROM lines', signal: controller.signal, batchRowCount: 2_048 };
    const result = await own.query(request);
    const iterator = result[Symbol.asyncIterator]();
    expect((await iterator.next()).value?.numRows).toBe(2_048);
    if (end === 'abort') controller.abort();
    else if (end === 'close') await result.close();
    else await own.stop();
    await expect(iterator.next()).rejects.toMatchObject({ code: 'cancelled' });
    await expect(iterator.next()).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('is one, whoever aborts, closes or leaves it afterwards', async () => {
    await register({ batches: () => [rows(1)] });
    const controller = new AbortController();
    const result = await engine.query({ sql: 'SELECT id FROM lines', signal: controller.signal });
    const iterator = result[Symbol.asyncIterator]();
    await iterator.next();
    expect((await iterator.next()).done).toBe(true);
    controller.abort();
    await result.close();
    expect((await iterator.next()).done).toBe(true);
    const left = await engine.query({ sql: 'SELECT id FROM lines' });
    for await (const _ of left) break;
    expect((await left[Symbol.asyncIterator]().next()).done).toBe(true);
  });

  it('lets go of a table that was replaced', async () => {
    const source = await register({ batches: () => [rows(1)] });
    const table = { name: { table: 'lines' }, schema: SCHEMA, provider: () => source.provider };
    await engine.addTable(table);
    const result = await engine.query({ sql: 'SELECT id FROM lines' });
    await register({ batches: () => [rows(2)] });
    let isReleased = false;
    const release = engine.release(table).then(() => {
      isReleased = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isReleased).toBe(false);
    for await (const _ of result);
    await release;
  });
});

it('columns come in batches of other columns’ order and number alike', async () => {
  const schema = { fields: [field('a', dataTypes.int32()), field('b', dataTypes.utf8())] };
  const batch = batchFromColumns(schema, [
    [1, 2],
    ['x', null],
  ]);
  await register({ schema, batches: () => [batch] });
  expect(await read({ sql: 'SELECT b, a, b FROM lines' })).toEqual([
    ['x', 1, 'x'],
    [null, 2, null],
  ]);
});
