import { describeType } from '@millrace/arrow';
import { type CreateTableCommand, datasetComponent, type Field, MillraceError, type Schema } from '@millrace/core';
import { quoteIdentifier } from '@millrace/postgres';
import { type StoredType, storedTypeOf } from './stored-type.ts';

/** PostgreSQL's bound on the columns of a table. */
const MAX_COLUMNS = 1_600;
/** NAMEDATALEN - 1. */
const MAX_NAME_BYTES = 63;
/** Columns that every table has beside its own. */
const SYSTEM_COLUMNS: ReadonlySet<string> = new Set(['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']);

/**
 * The schema that readers of the table get: the dataset's own, in which the columns of the primary key hold no nulls.
 *
 * @throws MillraceError `unsupported_type` for a type that is not known, `unsupported` for none or too many columns, for two of one name and for keys
 * and indexes over nested values; `invalid_config` for a key or index over a column that is not there.
 */
export function toStoredSchema(command: CreateTableCommand): Schema {
  const { schema, primaryKey = [], indexes = [] } = command;
  const refuse = (code: MillraceError['code'], message: string, hint: string): MillraceError =>
    new MillraceError({ code, component: datasetComponent(command), connector: 'postgres', message, hint });
  if (schema.fields.length === 0)
    throw refuse('unsupported', 'a table without columns is not kept', 'Choose a column with refresh_sql');
  if (schema.fields.length > MAX_COLUMNS)
    throw refuse('unsupported', `a table has at most ${MAX_COLUMNS} columns`, 'Choose columns with refresh_sql');
  const byName = new Map<string, Field>();
  for (const field of schema.fields) {
    if (byName.has(field.name))
      throw refuse(
        'unsupported',
        `two columns are called ${JSON.stringify(field.name)}`,
        'Rename one of them with refresh_sql',
      );
    byName.set(field.name, field);
    if (storedTypeOf(field.type) === undefined)
      throw refuse(
        'unsupported_type',
        `column ${JSON.stringify(field.name)} has the type ${describeType(field.type)}, which is not known`,
        'Convert it with refresh_sql, or leave it out',
      );
  }
  for (const name of [...primaryKey, ...indexes.flatMap(({ columns }) => columns)]) {
    const field = byName.get(name);
    if (field === undefined)
      throw refuse(
        'invalid_config',
        `the key or index names the column ${JSON.stringify(name)}, which is not there`,
        `The columns are ${schema.fields.map((one) => one.name).join(', ')}`,
      );
    if (storedTypeOf(field.type)?.isPacked === true)
      throw refuse(
        'unsupported',
        `the key or index names the column ${JSON.stringify(name)} of nested values`,
        'Name a column of scalars',
      );
  }
  const fields = schema.fields.map((field) =>
    primaryKey.includes(field.name) && field.nullable ? withoutNulls(field) : field,
  );
  return { fields, ...(schema.metadata ? { metadata: schema.metadata } : {}) };
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

// A copy of the members of core's interface: apache-arrow's are partly getters and on the prototype.
function withoutNulls({ name, type, metadata }: Field): Field {
  return { name, type, nullable: false, ...(metadata ? { metadata } : {}) };
}
