import { type JoinFilters, mayLimitRows } from '@millrace/duckdb';
import type { PreparedTable } from './prepare-tables.ts';
import type { InspectedStatement } from './query-scope.ts';

/**
 * Whether a statement is to be planned with join filters: if it joins something, and nothing below its outermost query limits rows, be it
 * the statement itself, a view, or what a connector offers in a table's place.
 */
export function joinFiltersOf(statement: InspectedStatement, tables: readonly PreparedTable[]): JoinFilters {
  const { limits, views } = statement;
  const hasJoin = statement.hasJoin || views.some((view) => view.hasJoin);
  const areRowsLimited =
    limits === 'below_root' ||
    views.some((view) => view.limits !== 'none') ||
    tables.some(
      (table) => table.access === 'direct' && table.relation.kind === 'sql' && mayLimitRows(table.relation.sql),
    );
  return hasJoin && !areRowsLimited ? 'on' : 'off';
}
