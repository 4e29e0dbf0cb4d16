import SqliteDatabase from 'better-sqlite3';
import { columnDefinitions, type TableRows } from './table-rows.ts';

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Creates a database file with the tables; there is none of that name yet. */
export function loadSqlite(path: string, tables: readonly TableRows[]): void {
  const database = new SqliteDatabase(path);
  try {
    for (const table of tables) {
      database.exec(`CREATE TABLE ${quote(table.name)} (${columnDefinitions(table, { quote })})`);
      const insert = database.prepare(
        `INSERT INTO ${quote(table.name)} VALUES (${table.columns.map(() => '?').join(', ')})`,
      );
      database.transaction(() => {
        for (const row of table.rows()) insert.run(row);
      })();
    }
  } finally {
    database.close();
  }
}
