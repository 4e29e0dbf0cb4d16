import { describeType } from '@millrace/arrow';
import { type CreateTableCommand, type DataType, datasetComponent, type Field, type Schema } from '@millrace/core';
import { type NameRules, requireDistinctNames } from './distinct-names.ts';
import { createRefuse } from './refuse.ts';

/** What an engine can keep. */
export interface StorageRules extends NameRules {
  /** Its bound on the columns of a table. */
  readonly maxColumns: number;
  /** How a type is kept; undefined for one that is not. Packed values are bytes to the engine, which no key or index takes. */
  readonly storageOf: (type: DataType) => { readonly isPacked?: boolean } | undefined;
}

/**
 * The schema of a table that keeps every value exactly: the dataset's own, in which the columns of the primary key hold no nulls.
 *
 * @throws MillraceError `unsupported_type` for a type that is not kept, `unsupported` for none or too many columns, for two of one name and for keys
 * and indexes over packed values; `invalid_config` for a key or index over a column that is not there.
 */
export function storableSchema(command: CreateTableCommand, rules: StorageRules): Schema {
  const { schema, primaryKey = [], indexes = [] } = command;
  const { connector, maxColumns, foldName = (name: string) => name, storageOf } = rules;
  const refuse = createRefuse({ component: datasetComponent(command), connector });
  if (schema.fields.length === 0)
    throw refuse('unsupported', 'a table without columns is not kept', 'Choose a column with refresh_sql');
  if (schema.fields.length > maxColumns)
    throw refuse('unsupported', `a table has at most ${maxColumns} columns`, 'Choose columns with refresh_sql');
  requireDistinctNames(command, rules);
  for (const { name, type } of schema.fields)
    if (storageOf(type) === undefined)
      throw refuse(
        'unsupported_type',
        `column ${JSON.stringify(name)} has the type ${describeType(type)}, which is not known`,
        'Convert it with refresh_sql, or leave it out',
      );
  const byName = new Map(schema.fields.map((field) => [foldName(field.name), field]));
  for (const name of [...primaryKey, ...indexes.flatMap(({ columns }) => columns)]) {
    const field = byName.get(foldName(name));
    if (field === undefined)
      throw refuse(
        'invalid_config',
        `the key or index names the column ${JSON.stringify(name)}, which is not there`,
        `The columns are ${schema.fields.map((one) => one.name).join(', ')}`,
      );
    if (storageOf(field.type)?.isPacked === true)
      throw refuse(
        'unsupported',
        `the key or index names the column ${JSON.stringify(name)} of nested values`,
        'Name a column of scalars',
      );
  }
  const keyNames = new Set(primaryKey.map(foldName));
  const fields = schema.fields.map((field) =>
    keyNames.has(foldName(field.name)) && field.nullable ? withoutNulls(field) : field,
  );
  return { fields, ...(schema.metadata ? { metadata: schema.metadata } : {}) };
}

// A copy of the members of core's interface: apache-arrow's are partly getters and on the prototype.
function withoutNulls({ name, type, metadata }: Field): Field {
  return { name, type, nullable: false, ...(metadata ? { metadata } : {}) };
}
