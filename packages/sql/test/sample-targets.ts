import { dataTypes, type LiteralValue, TypeId } from '@millrace/core';
import { type DuckDbConnection, toDuckDbType } from '@millrace/duckdb';
import Database from 'better-sqlite3';
import {
  ansiFunctions,
  type ColumnSemantics,
  type Dialect,
  named,
  type SemanticsProfile,
  type SqlTable,
  type SqlText,
} from '../src/index.ts';
import { ROW_COUNT, SAMPLE_COLUMNS, sampleRow } from './sample-table.ts';

/** A database that holds the sample table, with the profile that is true for it. */
export interface SampleTarget {
  readonly table: SqlTable;
  /** The ids of the rows that a condition keeps. */
  keep(condition: SqlText): Promise<readonly number[]>;
}

const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const STANDARD: Omit<Dialect, 'name' | 'placeholder' | 'functions'> = {
  quoteIdentifier,
  maxParameters: 32_766,
  maxStatementBytes: 1_000_000,
  limitClause: ({ limit, offset }) => ` LIMIT ${limit ?? -1}${offset === undefined ? '' : ` OFFSET ${offset}`}`,
  sortKey: ({ sql, descending, nullsFirst }) =>
    `${sql} ${descending ? 'DESC' : 'ASC'} NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`,
};

export const SQLITE_DIALECT: Dialect = {
  ...STANDARD,
  name: 'sqlite',
  placeholder: () => '?',
  functions: { ...ansiFunctions, length: named('LENGTH') },
  listTest: ({ value, list, type, test }) =>
    type.typeId === TypeId.Utf8
      ? `${value} ${test === 'in' ? 'IN' : 'NOT IN'} (SELECT value FROM json_each(${list}))`
      : undefined,
  maxListLength: 7,
};

const WIDER: ColumnSemantics = { equality: 'wider', order: 'unknown', pattern: 'wider' };

export const SQLITE_PROFILE: SemanticsProfile = {
  nan: 'absent',
  infinity: 'same',
  infiniteTime: 'absent',
  column: ({ collation, field }) => {
    if (field.type.typeId === TypeId.Decimal) return { equality: 'unknown', order: 'unknown', pattern: 'unknown' };
    // LIKE ignores the case of ASCII letters, whatever the collation.
    if (collation === 'NOCASE') return { ...WIDER, asBytes: (sql) => `${sql} COLLATE BINARY`, patternAsBytes: null };
    if (collation === 'RTRIM') return WIDER;
    return { equality: 'same', order: 'same', pattern: field.type.typeId === TypeId.Utf8 ? 'wider' : 'same' };
  },
  isEqualFunction: (name) => name === 'add' || name === 'length' || name === 'coalesce',
};

/** Every column compared as a wider equality alone, so that nothing but polarity keeps a filter sound. */
export const WIDE_PROFILE: SemanticsProfile = {
  ...SQLITE_PROFILE,
  column: (column) => (column.field.type.typeId === TypeId.Utf8 ? WIDER : SQLITE_PROFILE.column(column)),
};

const COLUMNS: SqlTable['columns'] = SAMPLE_COLUMNS.map(({ name, type, sqliteType, collation }) => ({
  name,
  field: { name, type, nullable: true },
  sourceType: sqliteType,
  ...(collation !== undefined && { collation }),
}));

const FROM = '"sample table"';

/** SQLite, with a column of each collation. */
export function createSqliteTarget(
  profile: SemanticsProfile = SQLITE_PROFILE,
): SampleTarget & { readonly database: Database.Database } {
  const database = new Database(':memory:');
  const declared = SAMPLE_COLUMNS.map(
    ({ name, sqliteType, collation }) =>
      `${quoteIdentifier(name)} ${sqliteType}${collation === undefined ? '' : ` COLLATE ${collation}`}`,
  );
  database.exec(`CREATE TABLE ${FROM} (id INTEGER PRIMARY KEY, ${declared.join(', ')})`);
  const insert = database.prepare(`INSERT INTO ${FROM} VALUES (?, ${SAMPLE_COLUMNS.map(() => '?').join(', ')})`);
  for (let row = 0; row < ROW_COUNT; row++) {
    insert.run(row, ...sampleRow(row).map((value, index) => toSqlite(value, SAMPLE_COLUMNS[index]!.type.typeId)));
  }
  return {
    database,
    table: { dialect: SQLITE_DIALECT, profile, from: FROM, columns: COLUMNS, component: 'sample' },
    keep: async ({ sql, parameters }) =>
      database
        .prepare(`SELECT id FROM ${FROM} WHERE ${sql} ORDER BY id`)
        .pluck()
        .all(...parameters.map(({ value, type }) => bindSqlite(value, type.typeId))) as number[],
  };
}

/** A parameter as better-sqlite3 takes it; a list becomes a JSON text. */
export function bindSqlite(value: LiteralValue | readonly LiteralValue[], typeId: number): unknown {
  return Array.isArray(value) ? JSON.stringify(value) : toSqlite(value as LiteralValue, typeId);
}

function toSqlite(value: LiteralValue, typeId: number): unknown {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number' && typeId !== TypeId.Float) return BigInt(value);
  return value;
}

/** DuckDB itself: everything means the same, except a column with a collation of its own. */
export async function createDuckDbTarget(connection: DuckDbConnection): Promise<SampleTarget> {
  const declared = SAMPLE_COLUMNS.map(
    ({ name, type, collation }) =>
      `${quoteIdentifier(name)} ${toDuckDbType({ name, type, nullable: true })}${collation === 'NOCASE' ? ' COLLATE NOCASE' : ''}`,
  );
  await connection.run(`CREATE TABLE ${FROM} (id INTEGER, ${declared.join(', ')})`);
  await fillSamples(connection, FROM);
  const dialect: Dialect = {
    ...STANDARD,
    name: 'duckdb',
    placeholder: (ordinal) => `$${ordinal}`,
    functions: { ...ansiFunctions, starts_with: named('starts_with'), length: named('length') },
  };
  const profile: SemanticsProfile = {
    nan: 'same',
    infinity: 'same',
    infiniteTime: 'same',
    column: ({ collation }) =>
      collation === 'NOCASE'
        ? { ...WIDER, asBytes: (sql) => `${sql} COLLATE "binary"` }
        : { equality: 'same', order: 'same', pattern: 'same' },
    isEqualFunction: (name) => name === 'add' || name === 'length' || name === 'coalesce' || name === 'lower',
  };
  return {
    table: { dialect, profile, from: FROM, columns: COLUMNS, component: 'sample' },
    keep: async ({ sql, parameters }) => {
      const bound = parameters.map(({ value, type }) => ({ value: value as LiteralValue, type }));
      const rows = await connection.rows(`SELECT id FROM ${FROM} WHERE ${sql} ORDER BY id`, bound);
      return rows.map(([id]) => id as number);
    },
  };
}

/** Inserts the sample rows into a table of DuckDB that has the columns of the sample behind an id. */
export async function fillSamples(connection: DuckDbConnection, table: string): Promise<void> {
  const marks = ['id', ...SAMPLE_COLUMNS].map((_, index) => `$${index + 1}`).join(', ');
  for (let row = 0; row < ROW_COUNT; row++) {
    const values = sampleRow(row).map((value, index) => ({ value, type: SAMPLE_COLUMNS[index]!.type }));
    await connection.run(`INSERT INTO ${table} VALUES (${marks})`, [
      { value: row, type: dataTypes.int32() },
      ...values,
    ]);
  }
}
