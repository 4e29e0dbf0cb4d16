import { describeType } from '@millrace/arrow';
import { type CreateTableCommand, datasetComponent, type Field, MillraceError, type Schema } from '@millrace/core';
import { quoteIdentifier } from '@millrace/sqlite';
import { type StoredType, storedTypeOf } from './stored-type.ts';
import { lowerCase } from './table-names.ts';

/** SQLite's bound on the columns of a table. */
const MAX_COLUMNS = 2_000;

/**
 * The schema that readers of the table get: the dataset's own, in which the columns of the primary key hold no nulls.
 *
 * @throws MillraceError `unsupported_type` for a type that is not known, `unsupported` for none or too many columns, for names that differ only by
 * case and for keys and indexes over nested values; `invalid_config` for a key or index over a column that is not there.
 */
export function toStoredSchema(command: CreateTableCommand): Schema {
  const { schema, primaryKey = [], indexes = [] } = command;
  const refuse = (code: MillraceError['code'], message: string, hint: string): MillraceError =>
    new MillraceError({ code, component: datasetComponent(command), connector: 'sqlite', message, hint });
  if (schema.fields.length === 0)
    throw refuse('unsupported', 'a table of SQLite has at least one column', 'Choose a column with refresh_sql');
  if (schema.fields.length > MAX_COLUMNS)
    throw refuse('unsupported', `a table has at most ${MAX_COLUMNS} columns`, 'Choose columns with refresh_sql');
  const byName = new Map<string, Field>();
  for (const field of schema.fields) {
    const folded = lowerCase(field.name);
    const twin = byName.get(folded);
    if (twin !== undefined) {
      const names = `${JSON.stringify(twin.name)} and ${JSON.stringify(field.name)}`;
      throw refuse(
        'unsupported',
        `columns ${names} have one name to SQLite, which ignores case`,
        'Rename one of them with refresh_sql, or use the engine arrow',
      );
    }
    byName.set(folded, field);
    if (storedTypeOf(field.type) === undefined)
      throw refuse(
        'unsupported_type',
        `column ${JSON.stringify(field.name)} has the type ${describeType(field.type)}, which is not known`,
        'Convert it with refresh_sql, or leave it out',
      );
  }
  for (const name of [...primaryKey, ...indexes.flatMap(({ columns }) => columns)]) {
    const field = byName.get(lowerCase(name));
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
  const keyNames = new Set(primaryKey.map(lowerCase));
  const fields = schema.fields.map((field) =>
    keyNames.has(lowerCase(field.name)) && field.nullable ? withoutNulls(field) : field,
  );
  return { fields, ...(schema.metadata ? { metadata: schema.metadata } : {}) };
}

/** The columns as `CREATE TABLE` takes them. */
export function columnDefinitions({ fields }: Schema): string {
  return fields
    .map((field) => {
      const { declaration } = storedTypeOf(field.type) as StoredType;
      const notNull = field.nullable ? '' : ' NOT NULL';
      return `${quoteIdentifier(field.name)}${declaration === '' ? '' : ` ${declaration}`}${notNull}`;
    })
    .join(', ');
}

// A copy of the members of core's interface: apache-arrow's are partly getters and on the prototype.
function withoutNulls({ name, type, metadata }: Field): Field {
  return { name, type, nullable: false, ...(metadata ? { metadata } : {}) };
}
