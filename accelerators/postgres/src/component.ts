import type { CreateTableCommand } from '@millrace/core';

/** The dataset in messages. */
export function componentOf({ name: { schemaName, table } }: Pick<CreateTableCommand, 'name'>): string {
  return `dataset ${schemaName === undefined ? '' : `${schemaName}.`}${table}`;
}
