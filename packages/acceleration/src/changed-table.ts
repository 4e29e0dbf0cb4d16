import type { ChangedTable } from '@millrace/arrow';
import { type CreateTableCommand, datasetComponent, type Field } from '@millrace/core';
import { createRefuse } from './refuse.ts';

/**
 * The table of a command as changes of its rows are checked against it. Columns of the key are found whatever their case.
 *
 * @throws MillraceError `unsupported` for a table without a primary key, which cannot tell whose changes they are.
 */
export function changedTable(
  { schema, primaryKey = [], ...command }: CreateTableCommand,
  connector: string,
): ChangedTable {
  const origin = { component: datasetComponent(command), connector };
  if (primaryKey.length === 0)
    throw createRefuse(origin)('unsupported', 'changes need a primary key, and there is none', 'Declare primary_key');
  return { ...origin, schema, key: primaryKey.map((column) => ordinalOf(schema.fields, column)) };
}

function ordinalOf(fields: readonly Field[], column: string): number {
  const exact = fields.findIndex(({ name }) => name === column);
  return exact >= 0 ? exact : fields.findIndex(({ name }) => name.toLowerCase() === column.toLowerCase());
}
