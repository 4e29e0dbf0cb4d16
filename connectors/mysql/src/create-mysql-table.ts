import type { Constraint, Expr, Schema, TableProvider } from '@millrace/core';
import { columnDefault } from './column-default.ts';
import type { MysqlTable } from './mysql-table.ts';
import { planScan } from './scan.ts';

/** Creates the provider of a table. Its schema is fixed; how the table is read is planned at each scan. */
export function createMysqlTable(table: MysqlTable): TableProvider {
  const { description, columns, pool, server } = table;
  const schema: Schema = { fields: columns.map(({ field }) => field) };
  const names = new Set(columns.map(({ name }) => name));
  const defaults: Record<string, Expr> = {};
  const properties: Record<string, string> = { engine: description.engine };
  if (description.comment !== '') properties.comment = description.comment;
  for (const { name, description: column, field } of columns) {
    if (column.comment !== undefined) properties[`comment.${name}`] = column.comment;
    const value = columnDefault(column, field.type, server.product);
    if (value !== undefined) defaults[name] = value;
  }
  return {
    schema,
    tableType: description.kind,
    source: `mysql://${server.account}@${pool.address}?time_zone=${pool.settings.timeZone}`,
    constraints: constraintsOf(table, names),
    ...(Object.keys(defaults).length > 0 && { defaults }),
    properties,
    scan: (request, context) => planScan(table, request, context),
  };
}

/** Keys over columns that the schema has. */
function constraintsOf({ description }: MysqlTable, names: ReadonlySet<string>): readonly Constraint[] {
  const isKnown = ({ columns }: { readonly columns: readonly string[] }): boolean =>
    columns.every((name) => names.has(name));
  return [
    ...description.keys.filter(isKnown).map(
      ({ isPrimary, columns }): Constraint => ({
        kind: isPrimary ? 'primary_key' : 'unique',
        columns,
        enforced: true,
      }),
    ),
    ...description.foreignKeys.filter(isKnown).map(
      ({ columns, database, table, referenced }): Constraint => ({
        kind: 'foreign_key',
        columns,
        references: { table: { namespace: [database], name: table }, columns: referenced },
        // Checks can be switched off by any session that writes.
        enforced: false,
      }),
    ),
  ];
}
