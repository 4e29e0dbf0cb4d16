import SqliteDatabase from 'better-sqlite3';
import type { TableColumn, TableRows } from './table-rows.ts';

/** The eleven tables of the file, read with SQLite's own driver; types are as declared, in words that every database knows. */
export function readChinook(path: string): readonly TableRows[] {
  const database = new SqliteDatabase(path, { readonly: true });
  try {
    database.defaultSafeIntegers(true);
    const names = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").pluck().all();
    return names.map(String).map((name) => {
      const columns = database.pragma(`table_info("${name}")`) as readonly SqliteColumn[];
      const rows = database.prepare(`SELECT * FROM "${name}"`).raw().all() as (string | number | bigint | null)[][];
      return { name, columns: columns.map(toColumn), rows: () => rows };
    });
  } finally {
    database.close();
  }
}

interface SqliteColumn {
  readonly name: string;
  readonly type: string;
  readonly notnull: bigint;
}

function toColumn({ name, type, notnull }: SqliteColumn): TableColumn {
  const words = type
    .replace(/^NVARCHAR/, 'VARCHAR')
    .replace(/^INTEGER$/, 'BIGINT')
    .replace(/^DATETIME$/, 'TIMESTAMP')
    .replace(/^NUMERIC/, 'DECIMAL');
  return { name, type: words, nullable: notnull === 0n };
}
