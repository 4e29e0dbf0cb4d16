import { type DuckDbConnection, type DuckDbDatabase, quoteIdentifier } from '@millrace/duckdb';
import { type EngineCatalog, INFORMATION, toEngineSchema } from './table-finder.ts';

const LISTING = '__millrace_listing';
const ROWS_PER_INSERT = 1_000;

/** What `information_schema` has where catalogs are listed: names from the listings, columns of the tables that were loaded. */
const VIEWS: readonly string[] = [
  `tables AS SELECT * FROM information_schema.tables
    WHERE table_catalog = 'millrace' AND table_schema <> '${INFORMATION}'
      AND table_schema NOT IN (SELECT engine_schema FROM ${LISTING}.main.schemas)
    UNION ALL BY NAME
    SELECT table_catalog, table_schema, table_name, 'BASE TABLE' AS table_type FROM ${LISTING}.main.tables`,
  `columns AS SELECT c.* REPLACE (
      coalesce(s.table_catalog, c.table_catalog) AS table_catalog, coalesce(s.table_schema, c.table_schema) AS table_schema)
    FROM information_schema.columns AS c LEFT JOIN ${LISTING}.main.schemas AS s ON c.table_schema = s.engine_schema
    WHERE c.table_catalog = 'millrace' AND c.table_schema <> '${INFORMATION}'`,
  `schemata AS SELECT * FROM information_schema.schemata
    WHERE catalog_name NOT IN ('${LISTING}') AND schema_name <> '${INFORMATION}'
      AND schema_name NOT IN (SELECT engine_schema FROM ${LISTING}.main.schemas)
    UNION ALL BY NAME
    SELECT table_catalog AS catalog_name, table_schema AS schema_name FROM ${LISTING}.main.schemas`,
];

/** Makes the listings of catalogs known to an instance that answers for the catalog; its connection uses the tables' catalog. */
export async function defineListing(
  database: DuckDbDatabase,
  connection: DuckDbConnection,
  catalogs: readonly EngineCatalog[],
): Promise<void> {
  await database.attach({ path: ':memory:', alias: LISTING });
  const columns = 'table_catalog VARCHAR, table_schema VARCHAR';
  await connection.run(`CREATE TABLE ${LISTING}.main.tables (${columns}, table_name VARCHAR)`);
  await connection.run(`CREATE TABLE ${LISTING}.main.schemas (${columns}, engine_schema VARCHAR)`);
  const tables = catalogs.flatMap(({ name, tables: listed }) =>
    listed.map(({ schemaName, table }) => [name, schemaName, table]),
  );
  const schemas = catalogs.flatMap(({ name, tables: listed }) =>
    [...new Set(listed.map(({ schemaName }) => schemaName))].map((schemaName) => [
      name,
      schemaName,
      toEngineSchema(name, schemaName),
    ]),
  );
  await insertTexts(connection, `${LISTING}.main.tables`, tables);
  await insertTexts(connection, `${LISTING}.main.schemas`, schemas);
  await connection.run(`CREATE SCHEMA ${INFORMATION}`);
  for (const view of VIEWS) await connection.run(`CREATE VIEW ${INFORMATION}.${view}`);
}

async function insertTexts(
  connection: DuckDbConnection,
  table: string,
  rows: readonly (readonly string[])[],
): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
    const values = rows.slice(start, start + ROWS_PER_INSERT).map((row) => `(${row.map(quoteText).join(', ')})`);
    await connection.run(`INSERT INTO ${table} VALUES ${values.join(', ')}`);
  }
}

/** The names of all tables, of one schema's, or of one catalog's. */
export function showTablesSql(
  catalogs: readonly EngineCatalog[],
  { schemaName, catalogName }: { readonly schemaName?: string; readonly catalogName?: string },
): string {
  const information = catalogs.length === 0 ? 'information_schema' : INFORMATION;
  const conditions = catalogs.length === 0 ? ["table_catalog = 'millrace'"] : [];
  if (schemaName !== undefined) {
    const inSchema = `lower(table_schema) = lower(${quoteText(schemaName)})`;
    const inCatalog = (name: string) => `lower(table_catalog) = lower(${quoteText(name)})`;
    conditions.push(
      catalogName === undefined
        ? `(table_catalog = 'millrace' AND ${inSchema} OR ${inCatalog(schemaName)})`
        : `${inCatalog(catalogName)} AND ${inSchema}`,
    );
  }
  return `SELECT CASE WHEN table_catalog <> 'millrace' THEN table_catalog || '.' || table_schema || '.' || table_name
      WHEN table_schema = 'main' THEN table_name ELSE table_schema || '.' || table_name END AS name
    FROM ${information}.tables ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`} ORDER BY ALL`;
}

/** SHOW ALL TABLES over datasets and catalogs; a catalog's table that was not loaded yet has no columns to show. */
export function showAllTablesSql(catalogs: readonly EngineCatalog[]): string {
  if (catalogs.length === 0) return 'SHOW ALL TABLES';
  const list = (column: string) =>
    `coalesce(list(${column} ORDER BY ordinal_position) FILTER (WHERE ${quoteIdentifier('column_name')} IS NOT NULL), [])`;
  return `SELECT table_catalog AS "database", table_schema AS "schema", table_name AS "name",
      ${list('column_name')} AS column_names, ${list('data_type')} AS column_types, false AS "temporary"
    FROM ${INFORMATION}.tables LEFT JOIN ${INFORMATION}.columns USING (table_catalog, table_schema, table_name)
    GROUP BY ALL ORDER BY ALL`;
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
