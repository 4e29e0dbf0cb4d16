import type { TableProvider } from '@millrace/core';
import type { TableDescription } from './describe-table.ts';
import { planScan, type SqliteTable } from './scan.ts';

/** Creates the provider of a table; its schema is that of the description. */
export function createTable(table: SqliteTable): TableProvider {
  const { description, pool } = table;
  return {
    schema: { fields: description.columns.map(({ field }) => field) },
    tableType: description.tableType,
    source: `sqlite:${pool.path}`,
    constraints: visibleConstraints(description),
    defaults: description.defaults,
    scan: (request, context) => planScan(table, request, context),
  };
}

/** Constraints over columns that the schema has, under the names that it has for them. */
function visibleConstraints({ constraints, columns }: TableDescription): TableProvider['constraints'] & object {
  const names = new Map(columns.map(({ name, field }) => [name, field.name]));
  return constraints.flatMap((constraint) => {
    if (constraint.kind === 'check') return [];
    const mapped = constraint.columns.map((name) => names.get(name));
    return mapped.every((name) => name !== undefined) ? [{ ...constraint, columns: mapped }] : [];
  });
}
