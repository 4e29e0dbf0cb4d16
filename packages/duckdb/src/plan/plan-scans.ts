import type { Expr } from '@millrace/core';
import { combineFilters } from './combine-references.ts';
import type { PlannedScan } from './planned-query.ts';
import type { KnownTable, TableReference } from './table-reference.ts';

/** What was read of one query. */
export interface ReadPlan {
  /** The references with their filters and bounds. */
  readonly found: readonly TableReference[];
  /** The references of the plan that reads the fewest columns. */
  readonly narrowed: readonly TableReference[];
  /** The tables that the statement names. */
  readonly tables: readonly KnownTable[];
  /** Constants may come from the planner's own session. */
  readonly readsSession: boolean;
}

/** One scan for each table that the statement or its plan names, in the order of the plan, folded-away tables last. */
export function planScans({ found, narrowed, tables, readsSession }: ReadPlan): readonly PlannedScan[] {
  const byTable = new Map<KnownTable, TableReference[]>();
  for (const reference of found) {
    byTable.set(reference.table, [...(byTable.get(reference.table) ?? []), reference]);
  }
  for (const table of tables) if (!byTable.has(table)) byTable.set(table, []);
  return [...byTable].map(([table, references]) => {
    const trusted = readsSession ? references.map(withoutFilters) : references;
    return planScan({ table, references: trusted, narrowed: narrowed.filter((other) => other.table === table) });
  });
}

interface TableInPlan {
  readonly table: KnownTable;
  readonly references: readonly TableReference[];
  readonly narrowed: readonly TableReference[];
}

function planScan({ table, references, narrowed }: TableInPlan): PlannedScan {
  const filters = combineFilters(references.map((reference) => reference.filters));
  const names = new Set(filters.flatMap(columnsOf));
  const bound = references.length === 1 ? references[0]?.bound : undefined;
  for (const key of bound?.order ?? []) for (const name of columnsOf(key.expr)) names.add(name);
  const ordinals = new Set(narrowed.flatMap((reference) => reference.columns));
  return {
    table: table.schemaName === 'main' ? { table: table.table } : { schemaName: table.schemaName, table: table.table },
    referenceCount: references.length,
    columns: table.schema.fields.flatMap(({ name }, ordinal) => (ordinals.has(ordinal) || names.has(name) ? name : [])),
    filters,
    ...(bound ?? {}),
    empty: references.length === 0,
    notes: [...new Set(references.flatMap((reference) => reference.notes))],
  };
}

function withoutFilters({ table, columns }: TableReference): TableReference {
  return {
    table,
    columns,
    filters: [],
    notes: ['the query reads settings of its session: nothing is filtered at the source'],
  };
}

function columnsOf(expr: Expr): readonly string[] {
  switch (expr.kind) {
    case 'column':
      return [expr.path[0]];
    case 'literal':
      return [];
    case 'call':
      return expr.args.flatMap(columnsOf);
    default:
      return expr satisfies never;
  }
}
