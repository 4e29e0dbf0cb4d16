import type { Constraint } from '@millrace/core';
import type { Session } from '@millrace/postgres';
import type { PostgresCollation, PostgresColumn, PostgresTable, PostgresType } from './table-description.ts';
import { COLUMNS_SQL, CONSTRAINTS_SQL, TABLES_SQL, TYPES_SQL } from './table-queries.ts';

interface TableRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly comment: string | null;
  readonly readable: boolean;
  readonly encoding: string;
}

interface ColumnRow extends PostgresColumn {
  readonly table: number;
  readonly collation: PostgresCollation | null;
}

interface ConstraintRow {
  readonly table: number;
  readonly kind: 'p' | 'u' | 'f';
  readonly columns: readonly string[];
  readonly foreignSchema: string | null;
  readonly foreignTable: string | null;
  readonly foreignColumns: readonly string[] | null;
  readonly isEnforced: boolean;
}

/** Describes tables by their oids, in four statements however many they are. A table that is gone is left out. */
export async function readTables(session: Session, oids: readonly number[]): Promise<readonly PostgresTable[]> {
  const tables = await session.rows<TableRow>(TABLES_SQL, [oids]);
  const columns = groupByTable(await session.rows<ColumnRow>(COLUMNS_SQL, [oids]));
  const constraints = groupByTable(await session.rows<ConstraintRow>(CONSTRAINTS_SQL, [oids]));
  const typeOids = new Set([...columns.values()].flat().map(({ type }) => type));
  const types = await session.rows<PostgresType>(TYPES_SQL, [[...typeOids]]);
  const byOid = new Map(types.map((type) => [type.oid, type]));
  return tables.map((table) => ({
    oid: table.oid,
    reference: { namespace: [table.schema], name: table.name },
    kind: table.kind,
    comment: table.comment,
    isReadable: table.readable,
    encoding: table.encoding,
    columns: columns.get(table.oid) ?? [],
    constraints: (constraints.get(table.oid) ?? []).flatMap(toConstraint),
    types: byOid,
  }));
}

function groupByTable<Row extends { readonly table: number }>(
  rows: readonly Row[],
): ReadonlyMap<number, readonly Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.table);
    if (group === undefined) groups.set(row.table, [row]);
    else group.push(row);
  }
  return groups;
}

function toConstraint(row: ConstraintRow): readonly Constraint[] {
  const { columns, isEnforced: enforced } = row;
  switch (row.kind) {
    case 'p':
      return [{ kind: 'primary_key', columns, enforced }];
    case 'u':
      return [{ kind: 'unique', columns, enforced }];
    case 'f':
      if (row.foreignSchema === null || row.foreignTable === null || row.foreignColumns === null) return [];
      return [
        {
          kind: 'foreign_key',
          columns,
          references: {
            table: { namespace: [row.foreignSchema], name: row.foreignTable },
            columns: row.foreignColumns,
          },
          enforced,
        },
      ];
    default:
      return row.kind satisfies never;
  }
}
