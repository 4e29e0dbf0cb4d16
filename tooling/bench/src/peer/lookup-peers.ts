import Database from 'better-sqlite3';
import pg from 'pg';
import type { BenchContext } from '../benchmark.ts';
import type { EnginePlace } from '../data/engine-place.ts';
import { openBareDuckDb, quoteText } from './bare-duckdb.ts';
import { copiedTable } from './copied-table.ts';

/** Asks for the lines of one order, and returns how many there were. */
export type Ask = (order: bigint) => Promise<number>;

/** The lines by their order, each with its own key. */
export interface LookupPeer {
  /** With a statement that was prepared once. */
  readonly bound: Ask;
  /** With the key in the statement, which is prepared for it. */
  readonly written: Ask;
}

const WHERE = 'WHERE l_orderkey =';

/** DuckDB through node-api, over a table of its own with the same index. */
export async function openDuckDbLookup(file: string, { own }: BenchContext): Promise<LookupPeer> {
  const bare = own(await openBareDuckDb());
  await bare.run(`CREATE TABLE lines AS SELECT * FROM read_parquet(${quoteText(file)})`);
  await bare.run('CREATE INDEX by_order ON lines (l_orderkey)');
  return {
    bound: await bare.prepare(`SELECT * FROM lines ${WHERE} $1`),
    written: (order) => bare.drain(`SELECT * FROM lines ${WHERE} ${order}`),
  };
}

/** SQLite through better-sqlite3, over the very file that holds the copy. */
export async function openSqliteLookup(path: string, { own }: BenchContext): Promise<LookupPeer> {
  const database = new Database(path, { readonly: true });
  own({ [Symbol.asyncDispose]: async () => void database.close() });
  const prepare = (key: string) => database.prepare(`SELECT * FROM lineitem ${WHERE} ${key}`).raw();
  const prepared = prepare('?');
  return {
    bound: async (order) => prepared.all(order).length,
    written: async (order) => prepare(String(order)).all().length,
  };
}

/** PostgreSQL through pg, over the very table that holds the copy. */
export async function openPostgresLookup(place: EnginePlace, { own }: BenchContext): Promise<LookupPeer> {
  const client = new pg.Client({ connectionString: place.connectionString });
  await client.connect();
  own({ [Symbol.asyncDispose]: () => client.end() });
  const table = await copiedTable(client, 'lineitem');
  const count = async (query: pg.QueryArrayConfig) => (await client.query(query)).rows.length;
  return {
    bound: (order) =>
      count({ name: 'by order', text: `SELECT * FROM ${table} ${WHERE} $1`, values: [order], rowMode: 'array' }),
    written: (order) => count({ text: `SELECT * FROM ${table} ${WHERE} ${order}`, rowMode: 'array' }),
  };
}
