import type { Connection } from 'mysql2';
import { type MetadataRow, runQuery } from './client/run-query.ts';
import type { ColumnDescription } from './type-mapping.ts';

/** A table as the server's information_schema describes it. */
export interface TableDescription {
  readonly database: string;
  readonly name: string;
  readonly kind: 'base' | 'view' | 'temporary';
  readonly comment: string;
  readonly engine: string;
  readonly columns: readonly ColumnDescription[];
  /** Unique keys over whole columns, the primary one first. */
  readonly keys: readonly TableKey[];
  readonly foreignKeys: readonly ForeignKey[];
}

/** A unique key. */
export interface TableKey {
  readonly isPrimary: boolean;
  readonly columns: readonly string[];
}

/** A reference to the key of another table. */
export interface ForeignKey {
  readonly columns: readonly string[];
  readonly database: string;
  readonly table: string;
  readonly referenced: readonly string[];
}

/** Which tables are meant: one, or all of a database. */
export interface InspectionScope {
  readonly database: string;
  readonly table?: string;
}

const READABLE = "TABLE_TYPE <> 'SEQUENCE'";

/** Describes one table, or all of a database, with four statements however many there are. */
export async function inspectTables(
  connection: Connection,
  scope: InspectionScope,
): Promise<ReadonlyMap<string, TableDescription>> {
  const values = scope.table === undefined ? [scope.database] : [scope.database, scope.table];
  const where = `TABLE_SCHEMA = ?${scope.table === undefined ? '' : ' AND TABLE_NAME = ?'}`;
  const ask = (sql: string): Promise<readonly MetadataRow[]> => runQuery(connection, sql, values);
  const tables = await ask(
    `SELECT TABLE_NAME, TABLE_TYPE, TABLE_COMMENT, ENGINE FROM information_schema.TABLES WHERE ${where} AND ${READABLE}`,
  );
  const columns = await ask(
    `SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE, NUMERIC_PRECISION, NUMERIC_SCALE, CHARACTER_SET_NAME, COLLATION_NAME, COLUMN_COMMENT, COLUMN_DEFAULT, EXTRA FROM information_schema.COLUMNS WHERE ${where} ORDER BY TABLE_NAME, ORDINAL_POSITION`,
  );
  const keys = await ask(
    `SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME, SUB_PART FROM information_schema.STATISTICS WHERE ${where} AND NON_UNIQUE = 0 ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`,
  );
  const references = await ask(
    `SELECT TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE ${where} AND REFERENCED_TABLE_NAME IS NOT NULL ORDER BY TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION`,
  );
  const byTable = [columns, keys, references].map((rows) => groupBy(rows, ([table]) => text(table)));
  const described = tables.map(([name, type, comment, engine]): TableDescription => {
    const [own = [], ownKeys = [], ownReferences = []] = byTable.map((groups) => groups.get(text(name)) ?? []);
    return {
      database: scope.database,
      name: text(name),
      kind: /VIEW/.test(text(type)) ? 'view' : type === 'TEMPORARY' ? 'temporary' : 'base',
      comment: /VIEW/.test(text(type)) ? '' : text(comment),
      engine: text(engine),
      columns: own.map(toColumn),
      keys: toKeys(ownKeys),
      foreignKeys: toForeignKeys(ownReferences),
    };
  });
  return new Map(described.map((table) => [table.name, table]));
}

/** The names of a database's tables and views. */
export async function listTables(
  connection: Connection,
  database: string,
): Promise<readonly Pick<TableDescription, 'name' | 'kind'>[]> {
  const rows = await runQuery(
    connection,
    `SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND ${READABLE} ORDER BY TABLE_NAME`,
    [database],
  );
  return rows.map(([name, type]) => ({
    name: text(name),
    kind: /VIEW/.test(text(type)) ? 'view' : type === 'TEMPORARY' ? 'temporary' : 'base',
  }));
}

/** The names of the databases that the account sees. */
export async function listDatabases(connection: Connection): Promise<readonly string[]> {
  const rows = await runQuery(connection, 'SELECT SCHEMA_NAME FROM information_schema.SCHEMATA ORDER BY SCHEMA_NAME');
  return rows.map(([name]) => text(name));
}

function toColumn(row: MetadataRow): ColumnDescription {
  const [
    ,
    name,
    dataType,
    columnType,
    isNullable,
    precision,
    scale,
    characterSet,
    collation,
    comment,
    standard,
    extra,
  ] = row;
  return {
    name: text(name),
    dataType: text(dataType).toLowerCase(),
    columnType: text(columnType),
    isNullable: isNullable === 'YES',
    precision: precision === null || precision === undefined ? undefined : Number(precision),
    scale: scale === null || scale === undefined ? undefined : Number(scale),
    characterSet: optional(characterSet),
    collation: optional(collation),
    comment: comment === '' ? undefined : optional(comment),
    default: optional(standard),
    isGenerated: /\bGENERATED\b/.test(text(extra).replace('DEFAULT_GENERATED', '')),
  };
}

function toKeys(rows: readonly MetadataRow[]): readonly TableKey[] {
  const keys = [...groupBy(rows, ([, index]) => text(index))].flatMap(([index, parts]) => {
    // A part without a name is an expression, and one with a length is only the beginning of a column.
    if (parts.some(([, , column, subPart]) => column === null || subPart !== null)) return [];
    return [{ isPrimary: index === 'PRIMARY', columns: parts.map(([, , column]) => text(column)) }];
  });
  return keys.sort((left, right) => Number(right.isPrimary) - Number(left.isPrimary));
}

function toForeignKeys(rows: readonly MetadataRow[]): readonly ForeignKey[] {
  return [...groupBy(rows, ([, constraint]) => text(constraint)).values()].map((parts) => ({
    columns: parts.map(([, , column]) => text(column)),
    database: text(parts[0]?.[3]),
    table: text(parts[0]?.[4]),
    referenced: parts.map((part) => text(part[5])),
  }));
}

function groupBy(
  rows: readonly MetadataRow[],
  keyOf: (row: MetadataRow) => string,
): ReadonlyMap<string, readonly MetadataRow[]> {
  const groups = new Map<string, MetadataRow[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

/** Some servers describe names as bytes. */
function text(value: MetadataRow[number] | undefined): string {
  return value === null || value === undefined ? '' : Buffer.isBuffer(value) ? value.toString('utf8') : String(value);
}

function optional(value: MetadataRow[number] | undefined): string | undefined {
  return value === null || value === undefined ? undefined : text(value);
}
