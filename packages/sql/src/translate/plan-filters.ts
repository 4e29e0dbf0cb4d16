import { type Expr, isVolatile, type PushdownDegree } from '@millrace/core';
import type { SqlTable } from '../plan-select.ts';
import { toCondition } from './condition.ts';
import { conjunction } from './junction.ts';
import type { ParameterMarks } from './statement-text.ts';
import { createTableTranslation } from './table-scope.ts';
import type { Condition } from './translation.ts';

/** The answer to one filter of a request. */
export interface PlannedFilter {
  readonly degree: PushdownDegree;
  /** With marks for bound values; absent where the degree is `none`. */
  readonly sql?: string;
}

/** What a statement has left for its filters. */
interface Budget {
  parameters: number;
  bytes: number;
}

/** Left for what stands around the filters: the select list, a partition's condition, order and limit. */
const RESERVED_PARAMETERS = 16;
const RESERVED_BYTES = 4096;

/** Deepest nesting that is written; parsers at the source have a stack. */
const MAX_DEPTH = 200;

/**
 * Writes the filters of a scan into one statement, as many as fit. A conjunct that would pass the statement's bounds is written with
 * its lists once, then with their ranges instead, and left out where that is not possible either.
 */
export function planFilters(
  filters: readonly Expr[],
  table: SqlTable,
  marks: ParameterMarks,
  otherBytes: number,
): readonly PlannedFilter[] {
  const budget: Budget = {
    parameters: table.dialect.maxParameters - RESERVED_PARAMETERS,
    bytes: table.dialect.maxStatementBytes - RESERVED_BYTES - otherBytes,
  };
  const base = createTableTranslation(table, marks);
  return filters.map((filter) => {
    if (isVolatile(filter) || isDeeper(filter, MAX_DEPTH)) return { degree: 'none' };
    const conjuncts = conjunctsOf(filter).map((conjunct): Condition | undefined => {
      for (const lists of ['whole', 'once', 'ranges'] as const) {
        const written = toCondition(conjunct, 'true', { ...base, lists });
        if (written !== undefined && take(written, budget, table, marks)) return written;
        // Without a list there is nothing that could be written shorter.
        if (written === undefined && lists === 'whole') return undefined;
      }
      return undefined;
    });
    const planned = conjunction(conjuncts);
    return planned === undefined ? { degree: 'none' } : planned;
  });
}

function take(condition: Condition, budget: Budget, { dialect }: SqlTable, marks: ParameterMarks): boolean {
  const count = marks.parametersOf(condition.sql).length;
  const { sql } = marks.render(condition.sql, dialect, dialect.maxParameters);
  const bytes = Buffer.byteLength(sql) + ' AND '.length;
  if (count > budget.parameters || bytes > budget.bytes) return false;
  budget.parameters -= count;
  budget.bytes -= bytes;
  return true;
}

function conjunctsOf(filter: Expr): readonly Expr[] {
  return filter.kind === 'call' && filter.function === 'and' && filter.args.length > 0
    ? filter.args.flatMap(conjunctsOf)
    : [filter];
}

function isDeeper(expr: Expr, levels: number): boolean {
  if (expr.kind !== 'call') return false;
  return levels === 0 || expr.args.some((arg) => isDeeper(arg, levels - 1));
}
