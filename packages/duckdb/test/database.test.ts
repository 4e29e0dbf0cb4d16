import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DuckDbDatabase, openDatabase } from '../src/index.ts';

describe('databases', () => {
  let folder: string;
  const opened: DuckDbDatabase[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-database-'));
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()));
    rmSync(folder, { recursive: true });
  });

  async function open(path: string, component?: string): Promise<DuckDbDatabase> {
    const database = await openDatabase({ path, ...(component === undefined ? {} : { component }) });
    opened.push(database);
    return database;
  }

  function holdsFile(path: string): boolean {
    return readdirSync('/proc/self/fd').some((descriptor) => {
      try {
        return readlinkSync(join('/proc/self/fd', descriptor)) === path;
      } catch {
        return false;
      }
    });
  }

  it('has one owner for a file, under whatever path', async () => {
    const path = join(folder, 'orders.duckdb');
    const database = await open(path, 'accelerator orders');
    symlinkSync(path, join(folder, 'link.duckdb'));
    linkSync(path, join(folder, 'hard.duckdb'));
    symlinkSync(folder, join(folder, 'self'));
    for (const other of [path, 'link.duckdb', 'self/orders.duckdb', './orders.duckdb', 'hard.duckdb'].map((name) =>
      name === path ? path : join(folder, name),
    )) {
      await expect(open(other)).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('accelerator orders'),
      });
      const memory = await open(':memory:');
      await expect(memory.attach({ path: other, alias: 'a' })).rejects.toMatchObject({ code: 'conflict' });
    }
    await database.close();
    const again = await open(path);
    expect(await again.withConnection((connection) => connection.rows('SELECT 1'))).toEqual([[1]]);
  });

  it('waits for connections that are being made when it is closed, and refuses them', async () => {
    for (let round = 0; round < 50; round += 1) {
      const database = await openDatabase({ path: ':memory:', threads: 1 });
      const connecting = Array.from({ length: 8 }, () => database.connect());
      const settled = Promise.allSettled(connecting);
      await database.close();
      for (const outcome of await settled)
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'invalid_state' } });
    }
  });

  it('keeps rows, and lets the file go when it is closed with a stream open', async () => {
    const path = join(folder, 'rows.duckdb');
    const database = await open(path);
    const connection = await database.connect();
    await connection.run('CREATE TABLE t AS SELECT i FROM range(500000) t(i)');
    const rows = (await connection.stream({ sql: 'FROM t' }))[Symbol.asyncIterator]();
    await rows.next();
    expect(holdsFile(path)).toBe(true);
    await database.close();
    await database.close();
    expect(holdsFile(path)).toBe(false);
    const again = await open(path);
    expect(await again.withConnection((other) => other.rows('SELECT count(*) FROM t'))).toEqual([[500_000n]]);
  });

  it('gives up its claim when opening fails', async () => {
    const path = join(folder, 'text.duckdb');
    writeFileSync(path, 'this is no database, and longer than its header '.repeat(500));
    await expect(open(path)).rejects.toMatchObject({ code: 'io' });
    await expect(open(path)).rejects.toMatchObject({ code: 'io' });
    await expect(open(join(folder, 'missing', 'x.duckdb'))).rejects.toMatchObject({ code: 'io' });
    await expect(openDatabase({ path: ':memory:', settings: { no_such_setting: '1' } })).rejects.toMatchObject({
      code: 'invalid_argument',
    });
    await expect(openDatabase({ path: ':memory:', memoryLimit: 'much' })).rejects.toMatchObject({
      code: expect.any(String),
    });
  });

  it('attaches, detaches, and attaches again, read-only where asked', async () => {
    const path = join(folder, 'attached.duckdb');
    const database = await open(':memory:');
    await database.attach({ path, alias: 'My "alias"' });
    await database.withConnection((connection) => connection.run('CREATE TABLE "My ""alias""".t AS SELECT 7 AS i'));
    await database.detach('My "alias"');
    await database.attach({ path, alias: 'a', access: 'read_only' });
    await database.withConnection(async (connection) => {
      expect(await connection.rows('FROM a.t')).toEqual([[7]]);
      await expect(connection.run('DROP TABLE a.t')).rejects.toMatchObject({ code: 'sql_error' });
    });
    await expect(open(path)).rejects.toMatchObject({ code: 'conflict' });
    await database.detach('A');
    await open(path);
    await database.attach({ path: ':memory:', alias: 'scratch' });
    await database.attach({ path: ':memory:', alias: 'scratch2' });
  });

  it('keeps connections apart: transactions, catalogs and temporary tables end with each', async () => {
    const database = await open(':memory:');
    await database.attach({ path: ':memory:', alias: 'other' });
    await database.withConnection(async (connection) => {
      await connection.run('USE other');
      await connection.run('CREATE TEMP TABLE own AS SELECT 1');
      await connection.run('BEGIN');
      await connection.run('CREATE TABLE other.lost (i INTEGER)');
    });
    await database.withConnection(async (connection) => {
      expect(await connection.rows('SELECT current_database()')).toEqual([['memory']]);
      await expect(connection.rows('FROM own')).rejects.toMatchObject({ code: 'unknown_table' });
      await expect(connection.rows('FROM other.lost')).rejects.toMatchObject({ code: 'unknown_table' });
    });
  });

  it('runs connections side by side', async () => {
    const database = await open(':memory:');
    const sums = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((factor) =>
        database.withConnection((connection) =>
          connection.rows('SELECT sum(i * $1)::BIGINT FROM range(100000) t(i)', [factor]),
        ),
      ),
    );
    expect(sums.map(([row]) => row?.[0])).toEqual([1n, 2n, 3n, 4n, 5n, 6n].map((factor) => factor * 4_999_950_000n));
  });

  it.each(['off', 'by_statement'] as const)(
    'opens the files that are allowed and no others, for good (join filters %s)',
    async (joinFilters) => {
      mkdirSync(join(folder, 'allowed'));
      writeFileSync(join(folder, 'allowed', 'in.csv'), 'a\n1\n');
      writeFileSync(join(folder, "it's one.csv"), 'a\n2\n');
      writeFileSync(join(folder, 'secret.csv'), 'a\n3\n');
      const database = await openDatabase({ path: ':memory:', joinFilters });
      opened.push(database);
      await database.attach({ path: join(folder, 'before.duckdb'), alias: 'before' });
      await database.restrictFileAccess({
        paths: [join(folder, "it's one.csv")],
        directories: [join(folder, 'allowed')],
      });
      await database.withConnection(async (connection) => {
        expect(await connection.rows(`FROM read_csv('${folder}/allowed/in.csv')`)).toEqual([[1n]]);
        expect(await connection.rows(`FROM read_csv('${folder}/it''s one.csv')`)).toEqual([[2n]]);
        for (const sql of [
          `FROM read_csv('${folder}/secret.csv')`,
          `FROM read_csv('${folder}/allowed/../secret.csv')`,
          `FROM '${folder}/secret.csv'`,
          `COPY (SELECT 1) TO '${folder}/out.csv'`,
          `ATTACH '${folder}/new.duckdb'`,
          'SET enable_external_access = true',
          'RESET enable_external_access',
          `SET allowed_directories = ['${folder}']`,
          `SET GLOBAL allowed_paths = ['${folder}/secret.csv']`,
          'RESET allowed_paths',
          "SET allowed_configs = ['enable_external_access', 'lock_configuration']",
          'RESET allowed_configs',
          'SET lock_configuration = false',
          'RESET lock_configuration',
          "SET disabled_filesystems = ''",
          `SET temp_directory = '${folder}'`,
          `SET extension_directory = '${folder}'`,
          `SET secret_directory = '${folder}'`,
          'SET allow_unsigned_extensions = true',
          `SET log_query_path = '${folder}/log'`,
          'SET threads = 1',
          'PRAGMA threads = 1',
          ...(joinFilters === 'off' ? ["SET GLOBAL disabled_optimizers = ''", 'RESET disabled_optimizers'] : []),
          "LOAD 'x'",
        ]) {
          await expect(connection.run(sql), sql).rejects.toMatchObject({ name: 'MillraceError' });
        }
        await connection.run('CREATE TABLE before.t AS SELECT 1 AS i');
        await connection.run("ATTACH ':memory:' AS scratch; USE scratch; CREATE TABLE t AS SELECT 2 AS i");
        expect(await connection.rows('FROM t, before.t')).toEqual([[2, 1]]);
        for (const [filters, expected] of [
          ['on', joinFilters === 'off' ? 'join_filter_pushdown' : ''],
          ['off', 'join_filter_pushdown'],
        ] as const) {
          const sql = "CREATE OR REPLACE TABLE t AS SELECT current_setting('disabled_optimizers')";
          await (await connection.stream({ sql, joinFilters: filters })).close();
          expect(await connection.rows('FROM t')).toEqual([[expected]]);
          await expect(connection.rows(`FROM read_csv('${folder}/secret.csv')`)).rejects.toMatchObject({
            code: 'unauthorized',
          });
        }
      });
      expect(readdirSync(folder).sort()).toEqual([
        'allowed',
        'before.duckdb',
        'before.duckdb.wal',
        "it's one.csv",
        'secret.csv',
      ]);
    },
  );

  it('counts the rows that a statement changed', async () => {
    const database = await open(':memory:');
    await database.withConnection(async (connection) => {
      await connection.run('CREATE TABLE t (i INTEGER)');
      expect(await connection.run('INSERT INTO t FROM range(10)')).toBe(10n);
      expect(await connection.run('CREATE TABLE copy AS SELECT * FROM t WHERE i < $1', [7])).toBe(7n);
      expect(await connection.run('CREATE VIEW v AS FROM t')).toBe(0n);
      expect(await connection.run('UPDATE t SET i = i + 1 WHERE i < $1', [4])).toBe(4n);
      expect(await connection.run('DELETE FROM t')).toBe(10n);
      expect(await connection.run('INSERT INTO t VALUES (1); INSERT INTO t VALUES (2), (3)')).toBe(2n);
    });
  });

  it('describes a query without running it', async () => {
    const database = await open(':memory:');
    const { fields } = await database.withConnection((connection) =>
      connection.describe("SELECT error('never') AS a, 1::DECIMAL(10, 2) AS b, ['x'] AS c"),
    );
    expect(fields.map(({ name, type }) => [name, type.typeId])).toEqual([
      ['a', expect.any(Number)],
      ['b', 7],
      ['c', 12],
    ]);
  });

  it('passes on an error that a relation in memory throws while it is read', async () => {
    const database = await open(':memory:');
    const relation = database.registerBatches({
      schema: { fields: [{ name: 'd', nullable: true, type: { typeId: 9, unit: 3, bitWidth: 64 } }] },
      batches: [
        {
          schema: { fields: [] },
          numRows: 1,
          data: {
            children: [
              {
                type: { typeId: 9, unit: 2, bitWidth: 64 },
                length: 1,
                offset: 0,
                nullCount: 0,
                values: new BigInt64Array(1),
                children: [],
              },
            ],
          },
        },
      ],
    });
    await expect(
      database.withConnection((connection) => connection.rows(`FROM ${relation.sql}`)),
    ).rejects.toMatchObject({ name: 'MillraceError' });
    expect(await database.withConnection((connection) => connection.rows('SELECT 1'))).toEqual([[1]]);
  });

  it('passes such an error on from the middle of a stream', async () => {
    const database = await open(':memory:');
    const type = { typeId: 2, bitWidth: 64, isSigned: true };
    const schema = { fields: [{ name: 'i', nullable: true, type }] };
    const good = { type, length: 100_000, offset: 0, nullCount: 0, values: new BigInt64Array(100_000), children: [] };
    const short = { ...good, values: new BigInt64Array(10) };
    const batches = [good, good, short].map((column) => ({
      schema,
      numRows: column.length,
      data: { children: [column] },
    }));
    const relation = database.registerBatches({ schema, batches });
    const connection = await database.connect();
    const read = async () => {
      for await (const batch of await connection.stream({ sql: `FROM ${relation.sql}` })) {
        expect(batch.numRows).toBeGreaterThan(0);
      }
    };
    await expect(read()).rejects.toMatchObject({ name: 'MillraceError', code: 'invalid_data' });
    expect(await connection.rows('SELECT 1')).toEqual([[1]]);
  });
});
