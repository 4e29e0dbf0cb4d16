import { openDatabase, quoteIdentifier } from '@millrace/duckdb';
import { chunksOf, columnDefinitions, type TableRows } from './table-rows.ts';

/** Creates a database file with the tables and closes it, so that somebody else may own it. */
export async function loadDuckdb(path: string, tables: readonly TableRows[]): Promise<void> {
  const database = await openDatabase({ path });
  try {
    await database.withConnection(async (connection) => {
      for (const statement of duckdbStatements(tables)) await connection.run(statement);
    });
  } finally {
    await database.close();
  }
}

/** The statements that create and fill the tables. */
export function* duckdbStatements(tables: readonly TableRows[]): Generator<string> {
  for (const table of tables) {
    const name = quoteIdentifier(table.name);
    yield `CREATE TABLE ${name} (${columnDefinitions(table, { quote: quoteIdentifier })})`;
    for (const rows of chunksOf(table.rows(), 2_000)) {
      yield `INSERT INTO ${name} VALUES ${rows.map((row) => `(${row.map(toLiteral).join(', ')})`).join(', ')}`;
    }
  }
}

function toLiteral(value: unknown): string {
  return value === null || value === undefined ? 'NULL' : `'${String(value).replaceAll("'", "''")}'`;
}
