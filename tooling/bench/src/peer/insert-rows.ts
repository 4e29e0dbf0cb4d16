import Database from 'better-sqlite3';
import type { BoundValue } from '../data/rows-of.ts';

/** SQLite through better-sqlite3 alone, as one would load a table with it. */
export interface InsertPeer extends AsyncDisposable {
  /** Replaces the table by ready-made rows: one prepared INSERT for each row, all of them in one transaction. */
  replace(rows: readonly (readonly BoundValue[])[]): void;
}

/**
 * Opens a database with the durability of the accelerator's: a write-ahead log that reaches the disk at the commit and is written back
 * and emptied after it. `columns` are definitions in SQL.
 */
export function openInsertPeer(path: string, columns: readonly string[]): InsertPeer {
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('wal_autocheckpoint = 0');
  return {
    replace(rows) {
      database.exec('BEGIN IMMEDIATE');
      database.exec('DROP TABLE IF EXISTS lineitem');
      database.exec(`CREATE TABLE lineitem (${columns.join(', ')})`);
      const insert = database.prepare(`INSERT INTO lineitem VALUES (${columns.map(() => '?').join(', ')})`);
      for (const row of rows) insert.run(row);
      database.exec('COMMIT');
      database.pragma('wal_checkpoint(TRUNCATE)');
    },
    [Symbol.asyncDispose]: async () => void database.close(),
  };
}
