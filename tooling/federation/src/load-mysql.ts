import type { MariaDbDatabase } from '@millrace/services';
import { chunksOf, columnDefinitions, type TableRows } from './table-rows.ts';

const quote = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/** MySQL's own TIMESTAMP is an instant, ends in 2038 and fills itself in. */
const toType = (type: string): string => type.replace(/^TIMESTAMP$/, 'DATETIME(6)');

/** Creates the tables and fills them, some hundred rows a statement. */
export async function loadMysql(database: MariaDbDatabase, tables: readonly TableRows[]): Promise<void> {
  for (const table of tables) {
    await database.sql(`CREATE TABLE ${quote(table.name)} (${columnDefinitions(table, { quote, toType })})`);
    const row = `(${table.columns.map(() => '?').join(', ')})`;
    for (const rows of chunksOf(table.rows(), Math.floor(60_000 / table.columns.length))) {
      const places = Array.from(rows, () => row).join(', ');
      await database.sql(`INSERT INTO ${quote(table.name)} VALUES ${places}`, rows.flat());
    }
  }
}
