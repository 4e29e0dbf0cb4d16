import { createValueReader } from '@millrace/arrow';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DuckDbConnection, type DuckDbDatabase, type JoinFilters, openDatabase } from '../src/index.ts';

const OFF = 'join_filter_pushdown';
/** What the setting was while this very statement was planned. */
const SETTING = "SELECT current_setting('disabled_optimizers') AS setting";
/** One operator that runs for minutes before its first row. */
const ENDLESS = 'SELECT sum(a.i * b.i % 7) FROM range(1000000) a(i), range(1000000) b(i)';

const WANTED = '(SELECT 1 AS w UNION ALL SELECT 0)';
/** Statements whose answer is 15, and another one if filters are put below what limits their rows. */
const WRONG_WITH_FILTERS = {
  LIMIT: `SELECT t.id FROM (
    SELECT a.id, a.k FROM a JOIN b ON a.id = b.id ORDER BY a.id DESC LIMIT 3 OFFSET 2
  ) t JOIN ${WANTED} v ON t.k = v.w`,
  'DISTINCT ON': `SELECT t.id FROM (
    SELECT DISTINCT ON (a.g) a.id, a.k FROM a JOIN b ON a.id = b.id ORDER BY a.id DESC
  ) t JOIN ${WANTED} v ON t.k = v.w`,
} as const;
/** Often enough that DuckDB's threads meet in the order that loses rows. */
const ROUNDS = 30;

async function createTables(connection: DuckDbConnection): Promise<void> {
  const columns = 'range::INTEGER AS id, (range % 7)::DOUBLE AS k, (range % 5)::DOUBLE AS g';
  await connection.run(`CREATE TABLE a AS SELECT ${columns} FROM range(20)`);
  await connection.run('CREATE TABLE b AS SELECT range::INTEGER AS id FROM range(20)');
}

/** The first column of what a statement finds when it is streamed. */
async function streamed(connection: DuckDbConnection, sql: string, joinFilters?: JoinFilters): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const { data, numRows } of await connection.stream({ sql, joinFilters })) {
    const read = createValueReader(data.children[0]!);
    for (let row = 0; row < numRows; row++) values.push(read(row));
  }
  return values;
}

describe('join filters that are decided by statement', () => {
  let database: DuckDbDatabase;
  let connection: DuckDbConnection;
  beforeEach(async () => {
    database = await openDatabase({ path: ':memory:', joinFilters: 'by_statement' });
    connection = await database.connect();
  });
  afterEach(() => database.close());

  it('are on for the statement that asks for them, and off before and afterwards', async () => {
    for (let round = 0; round < 3; round++) {
      expect(await connection.rows(SETTING)).toEqual([[OFF]]);
      expect(await streamed(connection, SETTING)).toEqual([OFF]);
      expect(await streamed(connection, SETTING, 'on')).toEqual(['']);
      expect(await streamed(connection, SETTING, 'off')).toEqual([OFF]);
      await connection.run(`CREATE OR REPLACE TABLE t AS ${SETTING}`);
      await connection.run(`INSERT INTO t ${SETTING} WHERE $1`, [true]);
      expect(await connection.rows('FROM t')).toEqual([[OFF], [OFF]]);
    }
  });

  it('are off for a statement with parameters, which is planned when it starts', async () => {
    for (const [sql, parameters, expected] of [
      [`${SETTING} WHERE $1`, [true], OFF],
      [`${SETTING} WHERE $yes`, { yes: true }, OFF],
      [SETTING, [], ''],
      [SETTING, {}, ''],
    ] as const) {
      for await (const { data } of await connection.stream({ sql, parameters, joinFilters: 'on' })) {
        expect(createValueReader(data.children[0]!)(0)).toBe(expected);
      }
    }
  });

  it('are off while another statement starts, which nobody waits for, and on again while its rows are read', async () => {
    const abort = new AbortController();
    await using other = await database.connect();
    const running = other.rows(ENDLESS, undefined, { signal: abort.signal });
    expect(await streamed(connection, SETTING, 'on')).toEqual([OFF]);
    abort.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect(await streamed(connection, SETTING, 'on')).toEqual(['']);

    await using stream = await other.stream({ sql: 'SELECT i FROM range(3000000) t(i)' });
    await stream[Symbol.asyncIterator]().next();
    expect(await streamed(connection, SETTING, 'on')).toEqual(['']);
  });

  it('are off again after a statement that fails, wherever it does', async () => {
    for (const sql of ['SELECT FROM', 'FROM no_such_table', "SELECT error('now')", "SELECT 'one'::INTEGER"]) {
      await expect(streamed(connection, sql, 'on'), sql).rejects.toMatchObject({ name: 'MillraceError' });
      expect(await connection.rows(SETTING)).toEqual([[OFF]]);
    }
    const midway = "SELECT CASE WHEN i = 400000 THEN error('midway') ELSE i END FROM range(800000) t(i)";
    await expect(streamed(connection, midway, 'on')).rejects.toMatchObject({
      code: 'sql_error',
      message: expect.stringContaining('midway'),
    });
    const abort = new AbortController();
    const running = connection.stream({ sql: ENDLESS, signal: abort.signal, joinFilters: 'on' });
    abort.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect(await connection.rows(SETTING)).toEqual([[OFF]]);
    expect(await streamed(connection, SETTING, 'on')).toEqual(['']);
  });

  it('are never on for another statement, however statements overlap', async () => {
    const connections = await Promise.all([1, 2, 3, 4, 5].map(() => database.connect()));
    let onCount = 0;
    await Promise.all(
      connections.map(async (each, lane) => {
        for (let count = 0; count < 60; count++) {
          const isOn = (count * 7 + lane * 3) % 5 < 2;
          const [setting] = isOn ? await streamed(each, SETTING, 'on') : ((await each.rows(SETTING))[0] ?? []);
          if (!isOn) expect(setting).toBe(OFF);
          else if (setting === '') onCount++;
        }
      }),
    );
    expect(onCount).toBeGreaterThan(0);
  });

  it('lose no row of a LIMIT, whatever runs beside it', async () => {
    await createTables(connection);
    const harmless = 'SELECT count(*) FROM a JOIN b ON a.id = b.id WHERE b.id > 15';
    const beside = await database.connect();
    for (let round = 0; round < ROUNDS; round++) {
      const [limited, counted] = await Promise.all([
        connection.rows(WRONG_WITH_FILTERS.LIMIT),
        streamed(beside, harmless, 'on'),
      ]);
      expect([limited, counted]).toEqual([[[15]], [4n]]);
    }
  });

  it('end with their database, also under statements that ask for them', async () => {
    const connections = await Promise.all([1, 2, 3, 4].map(() => database.connect()));
    const running = connections.map((each) => streamed(each, SETTING, 'on').catch((error: unknown) => error));
    await database.close();
    for (const outcome of await Promise.all(running)) {
      if (!Array.isArray(outcome)) expect(outcome).toMatchObject({ name: 'MillraceError' });
    }
    await expect(connection.rows(SETTING)).rejects.toMatchObject({ code: 'invalid_state' });
  });
});

it.each(['LIMIT', 'DISTINCT ON'] as const)(
  'join filters still are a danger: rows of %s are lost by them',
  async (kind) => {
    // With one thread, parts of a plan run in one order, in which this always shows. If it fails, DuckDB may have been mended.
    await using database = await openDatabase({ path: ':memory:', threads: 1, joinFilters: 'by_statement' });
    await database.withConnection(async (connection) => {
      await createTables(connection);
      expect(await streamed(connection, WRONG_WITH_FILTERS[kind])).toEqual([15]);
      expect(await streamed(connection, WRONG_WITH_FILTERS[kind], 'on')).not.toEqual([15]);
      expect(await streamed(connection, WRONG_WITH_FILTERS[kind])).toEqual([15]);
    });
  },
);

it('join filters are off in any other instance, whatever a statement asks for', async () => {
  await using database = await openDatabase({ path: ':memory:' });
  await using connection = await database.connect();
  expect(await streamed(connection, SETTING, 'on')).toEqual([OFF]);
});
