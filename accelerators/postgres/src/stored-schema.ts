import { storableSchema } from '@millrace/acceleration';
import type { CreateTableCommand, Schema } from '@millrace/core';
import { quoteIdentifier } from '@millrace/postgres';
import { type StoredType, storedTypeOf } from './stored-type.ts';

/** PostgreSQL's bound on the columns of a table. */
const MAX_COLUMNS = 1_600;
/** NAMEDATALEN - 1. */
const MAX_NAME_BYTES = 63;
/** Columns that every table has beside its own. */
const SYSTEM_COLUMNS: ReadonlySet<string> = new Set(['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']);

/** The schema that readers of the table get. @throws MillraceError as {@link storableSchema} does. */
export function toStoredSchema(command: CreateTableCommand): Schema {
  const rules = { connector: 'postgres', engineName: 'PostgreSQL', maxColumns: MAX_COLUMNS, storageOf: storedTypeOf };
  return storableSchema(command, rules);
}

/** The columns as `CREATE TABLE` takes them. */
export function columnDefinitions(schema: Schema): string {
  const names = storedNames(schema);
  return schema.fields
    .map(({ type, nullable }, ordinal) => {
      const { sqlType } = storedTypeOf(type) as StoredType;
      return `${quoteIdentifier(names[ordinal]!)} ${sqlType}${nullable ? '' : ' NOT NULL'}`;
    })
    .join(', ');
}

/** The names of the columns in the server: their own, but for those that no column there can have. */
export function storedNames({ fields }: Schema): readonly string[] {
  const taken = new Set(fields.map(({ name }) => name));
  return fields.map(({ name }, ordinal) => {
    const isUsable =
      name !== '' && !name.includes('\0') && Buffer.byteLength(name) <= MAX_NAME_BYTES && !SYSTEM_COLUMNS.has(name);
    if (isUsable) return name;
    let other = `__millrace_c${ordinal}`;
    while (taken.has(other)) other = `_${other}`;
    return other;
  });
}

/** The name in the server of a column. */
export function storedName(schema: Schema, name: string): string {
  return storedNames(schema)[schema.fields.findIndex((field) => field.name === name)] ?? name;
}
