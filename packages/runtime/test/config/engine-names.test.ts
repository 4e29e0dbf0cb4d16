import { openDatabase } from '@millrace/duckdb';
import { expect, it } from 'vitest';
import { parseTableName } from '../../src/config/table-name.ts';
import { RESERVED_WORDS } from '../../src/config/taken-name.ts';

/** What the engine itself says, so that an upgrade of it shows here. */
async function ask(sql: string): Promise<readonly string[]> {
  await using database = await openDatabase({ path: ':memory:' });
  const rows = await database.withConnection((connection) => connection.rows(sql));
  return rows.map(([name]) => String(name)).sort();
}

it('refuses as a name without quotes exactly the words that the engine cannot take', async () => {
  const category = "keyword_category IN ('reserved', 'type_function')";
  const words = await ask(`SELECT DISTINCT keyword_name FROM duckdb_keywords() WHERE ${category}`);
  expect([...RESERVED_WORDS].sort()).toEqual(words);
});

it('refuses the names of all tables and schemas that the engine brings along', async () => {
  const views = await ask("SELECT view_name FROM duckdb_views() WHERE internal AND schema_name = 'main'");
  const schemas = await ask(
    "SELECT DISTINCT schema_name FROM duckdb_schemas() WHERE internal AND schema_name <> 'main'",
  );
  const catalogs = await ask('SELECT database_name FROM duckdb_databases()');
  const names = [...views, ...[...schemas, ...catalogs].map((schema) => `${schema}.x`)];
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => parseTableName(name).kind === 'name')).toEqual([]);
});
