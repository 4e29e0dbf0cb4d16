import { existsSync, renameSync, rmSync } from 'node:fs';
import { createLiteralReader } from '@millrace/arrow';
import { openDatabase } from '@millrace/duckdb';
import Database from 'better-sqlite3';
import { quoteText } from '../peer/bare-duckdb.ts';

const COLUMNS = `l_orderkey BIGINT, l_partkey BIGINT, l_suppkey BIGINT, l_linenumber INTEGER, l_quantity DECIMAL(15,2),
  l_extendedprice DECIMAL(15,2), l_discount DECIMAL(15,2), l_tax DECIMAL(15,2), l_returnflag TEXT, l_linestatus TEXT, l_shipdate DATE,
  l_commitdate DATE, l_receiptdate DATE, l_shipinstruct TEXT, l_shipmode TEXT, l_comment TEXT`;

/** Dates as text and decimals as reals, as SQLite programs keep them. */
const SELECT = `SELECT l_orderkey::BIGINT, l_partkey::BIGINT, l_suppkey::BIGINT, l_linenumber::BIGINT, l_quantity::DOUBLE, l_extendedprice::DOUBLE,
  l_discount::DOUBLE, l_tax::DOUBLE, l_returnflag, l_linestatus, l_shipdate::VARCHAR, l_commitdate::VARCHAR, l_receiptdate::VARCHAR, l_shipinstruct,
  l_shipmode, l_comment`;

/** Writes the lines of a Parquet file into a SQLite database beside it, with an index on the ship date, unless it is there already. */
export async function ensureSqliteLineitem(parquet: string): Promise<string> {
  const path = parquet.replace(/\.parquet$/, '.sqlite');
  if (existsSync(path)) return path;
  const unfinished = `${path}.${process.pid}`;
  rmSync(unfinished, { force: true });
  const target = new Database(unfinished);
  target.pragma('synchronous = off');
  target.exec(`CREATE TABLE lineitem (${COLUMNS})`);
  const insert = target.prepare(`INSERT INTO lineitem VALUES (${Array(16).fill('?').join(', ')})`);
  await using source = await openDatabase({ path: ':memory:', component: 'bench' });
  await source.withConnection(async (connection) => {
    target.exec('BEGIN');
    for await (const batch of await connection.stream({ sql: `${SELECT} FROM read_parquet(${quoteText(parquet)})` })) {
      const readers = batch.data.children.map(createLiteralReader);
      for (let row = 0; row < batch.numRows; row++) insert.run(...readers.map((read) => read(row)));
    }
    target.exec('COMMIT');
  });
  target.exec('CREATE INDEX lineitem_shipdate ON lineitem (l_shipdate)');
  target.pragma('journal_mode = wal');
  target.close();
  renameSync(unfinished, path);
  return path;
}
