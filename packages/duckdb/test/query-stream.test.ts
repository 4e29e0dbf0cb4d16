import { getEventListeners } from 'node:events';
import { readdirSync } from 'node:fs';
import type { RecordBatch } from '@millrace/core';
import { collectGarbage } from '@millrace/test-fixtures';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type DuckDbConnection, type DuckDbDatabase, openDatabase, type QueryStream } from '../src/index.ts';

const THREE_MILLION = 'SELECT i FROM range(3000000) t(i)';
const FAILS_MIDWAY = "SELECT CASE WHEN i = 1500000 THEN error('midway') ELSE i END AS i FROM range(3000000) t(i)";
/** One operator that runs for minutes before its first row. */
const ENDLESS = 'SELECT sum(a.i * b.i % 7) FROM range(1000000) a(i), range(1000000) b(i)';
const OPEN_CYCLES = process.env.MILLRACE_TEST_FULL === undefined ? 30 : 200;
const MOST_GROWN_BYTES = 100 * 1024 * 1024;

describe('query streams', () => {
  let database: DuckDbDatabase;
  let connection: DuckDbConnection;
  beforeEach(async () => {
    database = await openDatabase({ path: ':memory:' });
    connection = await database.connect();
  });
  afterEach(() => database.close());

  async function count(stream: AsyncIterable<RecordBatch>): Promise<number> {
    let rowCount = 0;
    for await (const batch of stream) {
      rowCount += batch.numRows;
    }
    return rowCount;
  }

  async function skip(stream: QueryStream, batchCount: number): Promise<AsyncIterator<RecordBatch>> {
    const rows = stream[Symbol.asyncIterator]();
    for (let index = 0; index < batchCount; index++) {
      await rows.next();
    }
    return rows;
  }

  it('delivers every row in batches that grow, and frees the connection', async () => {
    const sizes: number[] = [];
    const onClose = vi.fn();
    for await (const batch of await connection.stream({ sql: 'SELECT i FROM range(100000) t(i)', onClose })) {
      sizes.push(batch.numRows);
    }
    expect(sizes).toEqual([2048, 8192, 32768, 32768, 24224]);
    expect(onClose).toHaveBeenCalledOnce();
    expect(await connection.rows('SELECT 1')).toEqual([[1]]);
  });

  it('keeps to the batch size that is asked for', async () => {
    const sizes = [];
    for await (const batch of await connection.stream({ sql: 'SELECT i FROM range(9000) t(i)', batchRowCount: 4096 })) {
      sizes.push(batch.numRows);
    }
    expect(sizes).toEqual([2048, 4096, 2856]);
  });

  it('ends a batch early when its text is large', async () => {
    let rowCount = 0;
    let most = 0;
    const sql = "SELECT repeat('x', 20000) AS s FROM range(10000) t(i)";
    for await (const batch of await connection.stream({ sql })) {
      rowCount += batch.numRows;
      most = Math.max(most, batch.data.children[0]?.values?.byteLength ?? 0);
    }
    expect(rowCount).toBe(10_000);
    expect(most).toBeLessThan(128 * 1024 * 1024);
  });

  it('rejects when the query fails at row 1.5 M of 3 M, and says why', async () => {
    await expect(count(await connection.stream({ sql: FAILS_MIDWAY }))).rejects.toMatchObject({
      code: 'sql_error',
      reason: 'midway',
    });
    expect(await connection.rows('SELECT 1')).toEqual([[1]]);
  });

  it('says why with parameters bound, and when a conversion fails', async () => {
    const sql = 'SELECT CASE WHEN i = $at THEN $text::INTEGER ELSE i END AS i FROM range(3000000) t(i)';
    await expect(
      count(await connection.stream({ sql, parameters: { at: 1_500_000, text: 'secret' } })),
    ).rejects.toMatchObject({
      code: 'invalid_data',
      message: expect.not.stringContaining('secret'),
    });
  });

  it('rejects at once when the query fails before its first row', async () => {
    const onClose = vi.fn();
    await expect(connection.stream({ sql: "SELECT error('early') FROM range(10)", onClose })).rejects.toMatchObject({
      reason: 'early',
    });
    await expect(connection.stream({ sql: 'SELECT FROM', onClose })).rejects.toMatchObject({ code: 'sql_syntax' });
    expect(onClose).toHaveBeenCalledTimes(2);
  });

  it('rejects when it is interrupted between fetches', async () => {
    const rows = await skip(await connection.stream({ sql: THREE_MILLION }), 2);
    connection.native.interrupt();
    await expect(count({ [Symbol.asyncIterator]: () => rows })).rejects.toMatchObject({ code: 'sql_error' });
  });

  it('rejects when a second statement ran behind its back', async () => {
    const rows = await skip(await connection.stream({ sql: THREE_MILLION }), 2);
    await connection.native.run('SELECT 42');
    await expect(count({ [Symbol.asyncIterator]: () => rows })).rejects.toMatchObject({ code: 'sql_error' });
  });

  it('refuses a second statement in front of its face', async () => {
    const stream = await connection.stream({ sql: THREE_MILLION });
    await expect(connection.run('SELECT 42')).rejects.toMatchObject({ code: 'invalid_state' });
    expect(await count(stream)).toBe(3_000_000);
  });

  it('rejects with `cancelled` when it is aborted midway', async () => {
    const abort = new AbortController();
    const onClose = vi.fn();
    const rows = await skip(await connection.stream({ sql: THREE_MILLION, signal: abort.signal, onClose }), 3);
    const reason = new Error('enough');
    abort.abort(reason);
    await expect(rows.next()).rejects.toMatchObject({ code: 'cancelled', cause: reason });
    await expect(rows.next()).rejects.toMatchObject({ code: 'cancelled' });
    expect(onClose).toHaveBeenCalledOnce();
    expect(await connection.rows('SELECT 1')).toEqual([[1]]);
  });

  it('leaves no listener on the signal', async () => {
    const { signal } = new AbortController();
    await count(await connection.stream({ sql: 'SELECT 1', signal }));
    await (await connection.stream({ sql: THREE_MILLION, signal })).close();
    await connection.run('SELECT 1', undefined, { signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('rejects the pending and every later next() when it is closed midway', async () => {
    const stream = await connection.stream({ sql: 'SELECT i, md5(i::VARCHAR) FROM range(30000000) t(i)' });
    const rows = await skip(stream, 3);
    const pending = rows.next();
    const closed = stream.close();
    await expect(pending).rejects.toMatchObject({ code: 'cancelled' });
    await closed;
    await expect(rows.next()).rejects.toMatchObject({ code: 'cancelled' });
    await expect(stream.close()).resolves.toBeUndefined();
  });

  it('stops and frees the query when the loop is left', async () => {
    const onClose = vi.fn();
    for await (const batch of await connection.stream({ sql: THREE_MILLION, onClose })) {
      expect(batch.numRows).toBe(2048);
      break;
    }
    expect(onClose).toHaveBeenCalledOnce();
    expect(await connection.rows('SELECT 1')).toEqual([[1]]);
  });

  it('keeps the order of overlapping calls of next()', async () => {
    const rows = (await connection.stream({ sql: THREE_MILLION }))[Symbol.asyncIterator]();
    const batches = await Promise.all([rows.next(), rows.next(), rows.next()]);
    const columns = batches.map(({ value }) => value?.data.children[0]?.values as BigInt64Array);
    const firsts = columns.map((column) => column[0]);
    expect(firsts).toEqual([0n, 2048n, 10240n]);
    await rows.return?.();
    expect(await rows.next()).toEqual({ done: true, value: undefined });
  });

  it('cancels inside one long operator', async () => {
    const signal = AbortSignal.timeout(200);
    await expect(connection.stream({ sql: ENDLESS, signal })).rejects.toMatchObject({ code: 'cancelled' });
    await expect(connection.run(ENDLESS, undefined, { signal: AbortSignal.timeout(200) })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(await connection.rows('SELECT 1')).toEqual([[1]]);
  });

  it('runs nothing once the signal is aborted', async () => {
    const signal = AbortSignal.abort();
    await expect(connection.run('CREATE TABLE t (i INTEGER)', undefined, { signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
    await expect(connection.rows('FROM t')).rejects.toMatchObject({ code: 'unknown_table' });
  });

  it('is stopped by closing the connection, and by closing the database', async () => {
    const first = (await connection.stream({ sql: THREE_MILLION }))[Symbol.asyncIterator]();
    await connection.close();
    await expect(first.next()).rejects.toMatchObject({ code: 'cancelled' });
    await expect(connection.run('SELECT 1')).rejects.toMatchObject({ code: 'invalid_state' });

    const other = await database.connect();
    const running = other.run(ENDLESS);
    running.catch(() => {});
    await database.close();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    await expect(database.connect()).rejects.toMatchObject({ code: 'invalid_state' });
  });

  it('streams inside a transaction of the caller, who sees its own rows', async () => {
    await connection.run('CREATE TABLE t (i INTEGER)');
    await connection.run('BEGIN');
    await connection.run('INSERT INTO t FROM range(5000)');
    expect(await count(await connection.stream({ sql: 'FROM t' }))).toBe(5000);
    await connection.run('ROLLBACK');
    expect(await count(await connection.stream({ sql: 'FROM t' }))).toBe(0);
  });

  it(`leaves nothing behind over ${OPEN_CYCLES} cycles of opening and cancelling`, async () => {
    await connection.run(
      "CREATE TABLE wide AS SELECT i, 'a text that is long enough ' || i AS s FROM range(300000) t(i)",
    );
    const openFiles = () => readdirSync('/proc/self/fd').length;
    const cycle = async (index: number) => {
      const abort = new AbortController();
      await using own = await database.connect();
      const stream = await own.stream({ sql: 'SELECT * FROM wide ORDER BY hash(i)', signal: abort.signal });
      const rows = await skip(stream, index % 3);
      if (index % 2 === 0) {
        abort.abort();
        await expect(rows.next()).rejects.toMatchObject({ code: 'cancelled' });
      } else {
        await rows.return?.();
      }
    };
    for (let index = 0; index < 20; index++) {
      await cycle(index);
    }
    const memory = async () => {
      await collectGarbage();
      return process.memoryUsage.rss();
    };
    // What DuckDB keeps for its threads comes and goes, by 80 MB here; what is left behind grows with every series.
    let grownBytes = Number.POSITIVE_INFINITY;
    for (let series = 0; series < 6 && grownBytes >= MOST_GROWN_BYTES; series++) {
      const before = { files: openFiles(), memory: await memory() };
      for (let index = 0; index < OPEN_CYCLES; index++) {
        await cycle(index);
      }
      await expect.poll(openFiles).toBeLessThanOrEqual(before.files);
      grownBytes = (await memory()) - before.memory;
    }
    expect(grownBytes).toBeLessThan(MOST_GROWN_BYTES);
  });
});
