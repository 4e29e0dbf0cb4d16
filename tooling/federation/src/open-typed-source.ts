import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryDatabase } from '@millrace/connector-memory';
import type { RecordBatch } from '@millrace/core';
import { type DuckDbConnection, openDatabase } from '@millrace/duckdb';
import { sharedMariaDb, sharedPostgres } from '@millrace/services';
import SqliteDatabase from 'better-sqlite3';
import { LEADING_COLUMNS, TYPED_COLUMNS, type TypedColumn, type TypedValue, typedRows } from './typed-rows.ts';
import type { SourceKind, TypedSource } from './typed-source.ts';

const COLUMNS = [...LEADING_COLUMNS, ...TYPED_COLUMNS];
const TABLE = 'typed';

type Dialect = keyof TypedColumn['types'];

function createTable(dialect: Dialect): string {
  const columns = COLUMNS.map(({ name, types }) => `${name} ${types[dialect]}${name === 'k' ? ' PRIMARY KEY' : ''}`);
  return `CREATE TABLE ${TABLE} (${columns.join(', ')})`;
}

/** The statement that inserts rows, and its values: texts that the source itself reads as its types. */
function insertRows(dialect: Dialect, rows: readonly (readonly TypedValue[])[]) {
  let place = 0;
  const row = (): string => {
    const values = COLUMNS.map((column) => {
      place += 1;
      return readValue(dialect, column, placeOf(dialect, place));
    });
    return `(${values.join(', ')})`;
  };
  return { sql: `INSERT INTO ${TABLE} VALUES ${rows.map(row).join(', ')}`, values: rows.flat() };
}

function placeOf(dialect: Dialect, place: number): string {
  if (dialect === 'postgres') return `$${place}::text`;
  return dialect === 'duckdb' ? `$${place}` : '?';
}

function readValue(dialect: Dialect, { name, types }: Omit<TypedColumn, 'values'>, value: string): string {
  const isBytes = name === 'bytes';
  switch (dialect) {
    case 'postgres':
      return isBytes ? `decode(${value}, 'hex')` : `${value}::${types.postgres}`;
    case 'mysql':
      // A TIMESTAMP is read in the zone of the session.
      if (name === 'instant') return `CONVERT_TZ(REPLACE(${value}, '+00:00', ''), '+00:00', @@session.time_zone)`;
      return isBytes ? `UNHEX(${value})` : value;
    case 'sqlite':
      return isBytes ? `unhex(${value})` : value;
    case 'duckdb':
      return isBytes ? `unhex(${value})` : `CAST(${value} AS ${types.duckdb})`;
    default:
      return dialect satisfies never;
  }
}

/** So many rows at a time that no server finds a statement too long. */
function* partsOf(range: { readonly start: number; readonly end: number }): Generator<readonly TypedValue[][]> {
  for (let start = range.start; start < range.end; start += 50)
    yield [...typedRows({ start, end: Math.min(start + 50, range.end) })];
}

async function insertInto(
  dialect: Dialect,
  range: { readonly start: number; readonly end: number },
  run: (sql: string, values: readonly TypedValue[]) => unknown,
): Promise<void> {
  for (const rows of partsOf(range)) {
    const { sql, values } = insertRows(dialect, rows);
    await run(sql, values);
  }
}

/** Rows that grow in DuckDB and are handed over whole after each change. */
async function openGrowing(publish: (connection: DuckDbConnection) => Promise<void>) {
  const database = await openDatabase({ path: ':memory:', threads: 1 });
  const connection = await database.connect();
  await connection.run(createTable('duckdb'));
  return {
    async insert(range: { readonly start: number; readonly end: number }): Promise<void> {
      await insertInto('duckdb', range, (sql, values) => connection.run(sql, [...values]));
      await publish(connection);
    },
    async close(): Promise<void> {
      await connection.close();
      await database.close();
    },
  };
}

/** How a source of each kind is made, with a table that has no rows yet. */
export const OPEN_TYPED_SOURCES: Readonly<Record<SourceKind, () => Promise<TypedSource>>> = {
  async file() {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-typed-'));
    const path = join(folder, 'typed.parquet');
    const rows = await openGrowing(async (connection) => {
      await connection.run(`COPY ${TABLE} TO '${path}.next' (FORMAT parquet)`);
      await rename(`${path}.next`, path);
    });
    await rows.insert({ start: 0, end: 0 });
    const close = async (): Promise<void> => {
      await rows.close();
      await rm(folder, { recursive: true, force: true });
    };
    return { from: `file:${path}`, params: {}, insert: rows.insert, close };
  },
  async memory() {
    const name = 'typed-source';
    const rows = await openGrowing(async (connection) => {
      const stream = await connection.stream({ sql: `FROM ${TABLE}`, signal: new AbortController().signal });
      const batches: RecordBatch[] = [];
      for await (const batch of stream) batches.push(batch);
      memoryDatabase(name).put(TABLE, { schema: stream.schema, batches });
    });
    await rows.insert({ start: 0, end: 0 });
    return { from: `memory:${TABLE}`, params: { memory_database: name }, insert: rows.insert, close: rows.close };
  },
  async postgres() {
    const { host, port, user, password, createDatabase } = await sharedPostgres();
    const database = await createDatabase();
    await database.sql(createTable('postgres'));
    return {
      from: `postgres:${TABLE}`,
      params: {
        pg_host: host,
        pg_port: String(port),
        pg_user: user,
        pg_pass: password,
        pg_db: database.database,
        pg_sslmode: 'disable',
      },
      insert: (range) => insertInto('postgres', range, (sql, values) => database.sql(sql, [...values])),
      close: () => database.drop(),
    };
  },
  async mysql() {
    const { host, port, user, password, createDatabase } = await sharedMariaDb();
    const database = await createDatabase();
    await database.sql(createTable('mysql'));
    return {
      from: `mysql:${TABLE}`,
      params: {
        mysql_host: host,
        mysql_tcp_port: String(port),
        mysql_user: user,
        mysql_pass: password,
        mysql_db: database.database,
        mysql_sslmode: 'disabled',
      },
      insert: (range) => insertInto('mysql', range, (sql, values) => database.sql(sql, [...values])),
      close: () => database.drop(),
    };
  },
  async sqlite() {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-typed-'));
    const path = join(folder, 'typed.sqlite');
    const database = new SqliteDatabase(path);
    database.exec(createTable('sqlite'));
    return {
      from: `sqlite:${TABLE}`,
      params: { sqlite_file: path },
      insert: (range) => insertInto('sqlite', range, (sql, values) => database.prepare(sql).run(...values)),
      async close() {
        database.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
};
