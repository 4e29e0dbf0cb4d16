import type { Constraint, CreateTableCommand } from '@millrace/core';

/** What a table of a command enforces: its primary key, and its unique indexes. */
export function constraintsOf({ primaryKey = [], indexes = [] }: CreateTableCommand): readonly Constraint[] {
  const unique = indexes.filter((index) => index.unique);
  return [
    ...(primaryKey.length > 0 ? [{ kind: 'primary_key' as const, columns: primaryKey, enforced: true }] : []),
    ...unique.map(({ columns }) => ({ kind: 'unique' as const, columns, enforced: true })),
  ];
}
