import type { Expr } from '@millrace/core';
import type { PlannedFilter } from './translate/plan-filters.ts';

/** Longest text of one filter in a note. */
const MAX_LENGTH = 500;

/** One line for each filter: its degree, and how it was written, or its shape where nothing of it was. Never a value. */
export function describeFilters(
  filters: readonly Expr[],
  planned: readonly PlannedFilter[],
  render: (sql: string) => string,
): readonly string[] {
  return planned.map(({ degree, sql }, index) => {
    const text = sql === undefined ? describe(filters[index]!) : render(sql);
    return `filter ${index + 1} ${degree}: ${text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text}`;
  });
}

function describe(expr: Expr): string {
  switch (expr.kind) {
    case 'column':
      return expr.path.join('.');
    case 'literal':
      return '?';
    case 'call':
      return `${expr.function}(${expr.args.slice(0, 8).map(describe).join(', ')}${expr.args.length > 8 ? ', …' : ''})`;
    default:
      return expr satisfies never;
  }
}
