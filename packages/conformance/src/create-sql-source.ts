import { Buffer } from 'node:buffer';
import { type BuildValue, batchFromRows, createValueReader, type RowValue } from '@millrace/arrow';
import { type DataType, type Field, TypeId } from '@millrace/core';
import type { SourceAdmin, SourceTable, TableLocation } from './subject.ts';

/** A source that takes SQL, and how it is spelt there. */
export interface SqlSourceOptions {
  /** Runs one statement at the source, past the plugin. */
  execute(sql: string): Promise<unknown>;
  quoteIdentifier(name: string): string;
  /** The type of a column there, and what the plugin presents for it; undefined where there is none. */
  columnType(field: Field): SqlColumnType | undefined;
  /** Writes a text as a literal. Default: quotes doubled. */
  quoteText?(text: string): string;
  /** Writes a value, as users see it, that standard SQL has no literal for; undefined where the usual form is right. Never asked for nulls. */
  literal?(value: NonNullable<RowValue>, field: Field): string | undefined;
  locate(name: string): TableLocation;
  /** What stands behind FROM for a location; default the quoted name. */
  tableName?(location: TableLocation): string;
  /** Appended to CREATE TABLE. */
  readonly tableOptions?: string;
}

/** A type at the source and behind the plugin. */
export interface SqlColumnType {
  readonly declaration: string;
  /** Default: the type asked for. */
  readonly presented?: DataType;
  /** False where the plugin cannot know that there are no nulls. Default: NOT NULL is kept. */
  readonly keepsRequired?: boolean;
}

/** What {@link createSqlSource} gives; a subject spreads it and adds what its source can do beyond. */
export type SqlSource = Required<
  Pick<
    SourceAdmin,
    | 'present'
    | 'missingTable'
    | 'createTable'
    | 'appendRows'
    | 'addColumn'
    | 'dropColumn'
    | 'relationKinds'
    | 'createRelation'
    | 'createNativeTable'
  >
>;

/** Longest INSERT, in characters. */
const MAX_INSERT_LENGTH = 400_000;

/** The part of a {@link SourceAdmin} that every SQL source has alike: tables, rows, columns and views. */
export function createSqlSource(options: SqlSourceOptions): SqlSource {
  const { execute, quoteIdentifier, locate, quoteText = quoteStandard } = options;
  const tableName = options.tableName ?? (({ name }: TableLocation) => quoteIdentifier(name));
  const typeOf = (field: Field): SqlColumnType => {
    const found = options.columnType(field);
    if (found === undefined) throw new TypeError(`the source has no type for column ${field.name}`);
    return found;
  };
  const declare = (field: Field): string => {
    const required = field.nullable ? '' : ' NOT NULL';
    return `${quoteIdentifier(field.name)} ${typeOf(field).declaration}${required}`;
  };
  const literal = (value: RowValue, field: Field): string =>
    value === null ? 'NULL' : (options.literal?.(value, field) ?? standardLiteral(value, field.type, quoteText));

  const insert = async (
    location: TableLocation,
    fields: readonly Field[],
    rows: SourceTable['rows'],
  ): Promise<void> => {
    const head = `INSERT INTO ${tableName(location)} (${fields.map(({ name }) => quoteIdentifier(name)).join(', ')}) VALUES `;
    let pending: string[] = [];
    let length = 0;
    const flush = async (): Promise<void> => {
      if (pending.length > 0) await execute(head + pending.join(', '));
      pending = [];
      length = 0;
    };
    for (const row of seenByUsers(fields, rows)) {
      const text = `(${row.map((value, ordinal) => literal(value, fields[ordinal]!)).join(', ')})`;
      pending.push(text);
      length += text.length;
      if (length > MAX_INSERT_LENGTH) await flush();
    }
    await flush();
  };
  const created = new Map<string, readonly Field[]>();

  return {
    present(field: Field): Field | undefined {
      const type = options.columnType(field);
      if (type === undefined) return undefined;
      const { presented = field.type, keepsRequired = true } = type;
      return { ...field, type: presented, nullable: field.nullable || !keepsRequired };
    },
    missingTable: locate,
    async createTable(table: SourceTable) {
      const { name, schema, rows, primaryKey } = table;
      const location = locate(name);
      try {
        const columns = schema.fields.map(declare);
        if (primaryKey !== undefined) columns.push(`PRIMARY KEY (${primaryKey.map(quoteIdentifier).join(', ')})`);
        await execute(`CREATE TABLE ${tableName(location)} (${columns.join(', ')})${options.tableOptions ?? ''}`);
      } catch (error) {
        // Only what is odd about names may be refused; anything else is a mistake of the subject.
        if ([name, ...schema.fields.map((field) => field.name)].every((each) => /^[a-z][a-z0-9_]*$/.test(each)))
          throw error;
        return { refused: error instanceof Error ? error.message : String(error) };
      }
      created.set(name, schema.fields);
      await insert(location, schema.fields, rows);
      return location;
    },
    async appendRows(location: TableLocation, rows: readonly (readonly BuildValue[])[]): Promise<void> {
      await insert(location, created.get(location.name)!, rows);
    },
    async addColumn(location: TableLocation, field: Field): Promise<void> {
      await execute(`ALTER TABLE ${tableName(location)} ADD COLUMN ${declare(field)}`);
    },
    async dropColumn(location: TableLocation, column: string): Promise<void> {
      await execute(`ALTER TABLE ${tableName(location)} DROP COLUMN ${quoteIdentifier(column)}`);
    },
    relationKinds: ['view'],
    async createRelation(request: { readonly kind: string; readonly name: string; readonly of: TableLocation }) {
      const location = locate(request.name);
      await execute(`CREATE VIEW ${tableName(location)} AS SELECT * FROM ${tableName(request.of)}`);
      return location;
    },
    async createNativeTable({ name, columns, rows }: Parameters<NonNullable<SourceAdmin['createNativeTable']>>[0]) {
      const location = locate(name);
      const declared = columns.map((column) => `${quoteIdentifier(column.name)} ${column.declaration}`);
      await execute(`CREATE TABLE ${tableName(location)} (${declared.join(', ')})${options.tableOptions ?? ''}`);
      for (const row of rows) await execute(`INSERT INTO ${tableName(location)} VALUES (${row.join(', ')})`);
      return location;
    },
  };
}

/** The rows in the form that users see: decimals and times as exact text. */
function* seenByUsers(fields: readonly Field[], rows: SourceTable['rows']): Generator<RowValue[]> {
  const batch = batchFromRows({ fields }, rows);
  const readers = batch.data.children.map(createValueReader);
  for (let row = 0; row < batch.numRows; row += 1) yield readers.map((read) => read(row));
}

function standardLiteral(value: NonNullable<RowValue>, type: DataType, quoteText: (text: string) => string): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`standard SQL has no literal for ${value}`);
    if (type.typeId !== TypeId.Float) return String(value);
    return `${Object.is(value, -0) ? '-0' : value}e0`.replace(/e([+-]?\d+)e0$/, 'e$1');
  }
  if (value instanceof Uint8Array) return `X'${Buffer.from(value).toString('hex')}'`;
  if (typeof value !== 'string') throw new TypeError(`standard SQL has no literal for values of type ${type.typeId}`);
  if (type.typeId === TypeId.Decimal) return value;
  if (type.typeId === TypeId.Timestamp) return quoteText(value.replace('T', ' ').replace(/Z$/, '+00:00'));
  return quoteText(value);
}

function quoteStandard(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
