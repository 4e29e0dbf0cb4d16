import type { PostgresDatabase } from '@millrace/services';
import { chunksOf, columnDefinitions, type TableRows } from './table-rows.ts';

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Creates the tables in the schema `public` and fills them: one array a column, so that values travel as parameters. */
export async function loadPostgres(database: PostgresDatabase, tables: readonly TableRows[]): Promise<void> {
  for (const table of tables) {
    await database.sql(`CREATE TABLE ${quote(table.name)} (${columnDefinitions(table, { quote })})`);
    const arrays = table.columns.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ');
    const insert = `INSERT INTO ${quote(table.name)} SELECT * FROM unnest(${arrays})`;
    for (const rows of chunksOf(table.rows(), 5_000)) {
      await database.sql(
        insert,
        table.columns.map((_, column) => rows.map((row) => toText(row[column]))),
      );
    }
  }
  await database.sql('ANALYZE');
}

function toText(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
