import { typesEqual } from '@millrace/arrow';
import { type Constraint, type Field, MillraceError, nearestName, type Schema } from '@millrace/core';
import { type DuckDbConnection, quoteIdentifier } from '@millrace/duckdb';
import { CATALOG } from './database-file.ts';
import type { TableName } from './table-name.ts';

/** What there is to know of a table or view. */
export interface TableDescription {
  readonly name: TableName;
  readonly tableType: 'base' | 'view';
  readonly schema: Schema;
  readonly constraints: readonly Constraint[];
  readonly properties: Readonly<Record<string, string>>;
  /** Whether texts may have a collation, which comparisons of the source would follow and the engine's would not. */
  readonly mayCollate: boolean;
  /** Rows that the file states; of tables only. */
  readonly rowCount?: bigint;
  /** Whether rows can be told apart by `rowid`. */
  readonly hasRowId: boolean;
}

/** One table or view in a listing. */
export interface ListedTable {
  readonly name: TableName;
  readonly tableType: 'base' | 'view';
}

const TABLES = `SELECT schema_name, table_name AS name, 'base' AS kind, estimated_size AS row_count, comment, sql FROM duckdb_tables() WHERE database_name = '${CATALOG}' AND NOT internal
  UNION ALL SELECT schema_name, view_name, 'view', NULL, comment, sql FROM duckdb_views() WHERE database_name = '${CATALOG}' AND NOT internal`;

/** The tables and views of the file, by name. */
export async function listTables(connection: DuckDbConnection): Promise<readonly ListedTable[]> {
  const rows = await connection.rows(`SELECT schema_name, name, kind FROM (${TABLES}) ORDER BY ALL`);
  return rows.map(([schemaName, table, kind]) => ({
    name: { schemaName: String(schemaName), table: String(table) },
    tableType: kind === 'view' ? 'view' : 'base',
  }));
}

/** The schemas of the file, `main` among them. */
export async function listSchemas(connection: DuckDbConnection): Promise<readonly string[]> {
  const rows = await connection.rows(
    `SELECT schema_name FROM duckdb_schemas() WHERE database_name = '${CATALOG}' AND schema_name NOT IN ('information_schema', 'pg_catalog') ORDER BY 1`,
  );
  return rows.map(([name]) => String(name));
}

/** Finds a table by its name, in whatever case, as DuckDB does; undefined where there is none. */
export async function describeTable(
  connection: DuckDbConnection,
  wanted: TableName,
): Promise<TableDescription | undefined> {
  const [found] = await connection.rows(
    `SELECT schema_name, name, kind, row_count::BIGINT, comment, (SELECT bool_or(sql ILIKE '%collate%') FROM (${TABLES})) FROM (${TABLES}) WHERE lower(schema_name) = lower($1) AND lower(name) = lower($2)`,
    [wanted.schemaName, wanted.table],
  );
  if (found === undefined) return undefined;
  const name: TableName = { schemaName: String(found[0]), table: String(found[1]) };
  const tableType = found[2] === 'view' ? 'view' : 'base';
  const schema = await connection.describe(`SELECT * FROM ${fromSql(name)}`);
  const columns = await connection.rows(
    `SELECT column_name, is_nullable, comment FROM duckdb_columns() WHERE database_name = '${CATALOG}' AND schema_name = $1 AND table_name = $2`,
    [name.schemaName, name.table],
  );
  const required = new Set(columns.filter(([, isNullable]) => isNullable === false).map(([column]) => String(column)));
  const comments = columns.flatMap(([column, , comment]) =>
    typeof comment === 'string' ? [[`comment.${String(column)}`, comment] as const] : [],
  );
  return {
    name,
    tableType,
    schema: {
      fields: schema.fields.map(
        (field): Field => ({ ...field, nullable: tableType === 'view' || !required.has(field.name) }),
      ),
    },
    constraints: tableType === 'base' ? await readConstraints(connection, name) : [],
    properties: {
      ...(typeof found[4] === 'string' && { comment: found[4] }),
      ...Object.fromEntries(comments),
    },
    mayCollate: found[5] === true,
    ...(tableType === 'base' && typeof found[3] === 'bigint' && { rowCount: found[3] }),
    hasRowId: tableType === 'base' && !schema.fields.some((field) => field.name.toLowerCase() === 'rowid'),
  };
}

/** The columns that the user declared: a choice and an order of the table's own. */
export function chooseColumns(description: TableDescription, declared: Schema, component: string): TableDescription {
  const { fields } = description.schema;
  const chosen = declared.fields.map(({ name, type }) => {
    const found = fields.find((field) => field.name === name);
    if (found !== undefined && typesEqual(found.type, type)) return found;
    const nearest = nearestName(
      name,
      fields.map((field) => field.name),
    );
    throw new MillraceError({
      code: 'schema_mismatch',
      component,
      connector: 'duckdb',
      message:
        found === undefined ? `the table has no column ${name}` : `column ${name} has another type than was declared`,
      hint:
        found === undefined && nearest !== undefined
          ? `Did you mean ${nearest}?`
          : 'Leave the declaration out, or convert the column in a view; a table states its own types',
    });
  });
  return { ...description, schema: { fields: chosen } };
}

/** A table as it stands behind FROM. */
export function fromSql({ schemaName, table }: TableName): string {
  return [CATALOG, schemaName, table].map(quoteIdentifier).join('.');
}

async function readConstraints(connection: DuckDbConnection, name: TableName): Promise<readonly Constraint[]> {
  const rows = await connection.rows(
    `SELECT constraint_type, constraint_column_names, referenced_table, referenced_column_names FROM duckdb_constraints() WHERE database_name = '${CATALOG}' AND schema_name = $1 AND table_name = $2 ORDER BY constraint_index`,
    [name.schemaName, name.table],
  );
  return rows.flatMap(([kind, columns, referenced, referencedColumns]): Constraint[] => {
    const names = (columns as readonly unknown[] | null)?.map(String) ?? [];
    switch (kind) {
      case 'PRIMARY KEY':
        return [{ kind: 'primary_key', columns: names, enforced: true }];
      case 'UNIQUE':
        return [{ kind: 'unique', columns: names, enforced: true }];
      case 'FOREIGN KEY':
        return [
          {
            kind: 'foreign_key',
            columns: names,
            references: {
              table: { namespace: [name.schemaName], name: String(referenced) },
              columns: (referencedColumns as readonly unknown[] | null)?.map(String) ?? [],
            },
            enforced: true,
          },
        ];
      default:
        return [];
    }
  });
}
