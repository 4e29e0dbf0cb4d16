import { storableSchema } from '@millrace/acceleration';
import type { CreateTableCommand, Schema } from '@millrace/core';
import { quoteIdentifier } from '@millrace/sqlite';
import { type StoredType, storedTypeOf } from './stored-type.ts';
import { lowerCase } from './table-names.ts';

/** SQLite's bound on the columns of a table. */
const MAX_COLUMNS = 2_000;

/** The schema that readers of the table get. @throws MillraceError as {@link storableSchema} does. */
export function toStoredSchema(command: CreateTableCommand): Schema {
  return storableSchema(command, {
    connector: 'sqlite',
    engineName: 'SQLite',
    maxColumns: MAX_COLUMNS,
    foldName: lowerCase,
    storageOf: storedTypeOf,
  });
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
