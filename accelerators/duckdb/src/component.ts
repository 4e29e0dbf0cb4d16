import type { CreateTableCommand } from '@millrace/core';

/** The dataset in messages. */
export function componentOf({ name, label }: Pick<CreateTableCommand, 'name' | 'label'>): string {
  return `dataset ${label ?? (name.schemaName === undefined ? name.table : `${name.schemaName}.${name.table}`)}`;
}
