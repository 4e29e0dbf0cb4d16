import type { Expr } from '@millrace/core';
import type { PlannedFilter } from './translate/plan-filters.ts';

/** Longest text of one filter in a note. */
const MAX_LENGTH = 500;
const MAX_DEPTH = 4;
const MAX_ARGS = 4;

/** One line for each filter: its degree, and how it was written, or its shape where nothing of it was. Never a value. */
export function describeFilters(
  filters: readonly Expr[],
  planned: readonly PlannedFilter[],
  render: (sql: string) => string,
): readonly string[] {
  return planned.map(({ degree, sql }, index) => {
    const text = sql === undefined ? describe(filters[index]!, MAX_DEPTH) : render(shorten(sql));
    return `filter ${index + 1} ${degree}: ${text}`;
  });
}

/** Cuts a text without leaving half a mark of a bound value behind. */
function shorten(sql: string): string {
  if (sql.length <= MAX_LENGTH) return sql;
  const head = sql.slice(0, MAX_LENGTH);
  const isOpen = head.split('\0').length % 2 === 0;
  return `${isOpen ? head.slice(0, head.lastIndexOf('\0')) : head}…`;
}

function describe(expr: Expr, levels: number): string {
  switch (expr.kind) {
    case 'column':
      return expr.path.join('.');
    case 'literal':
      return '?';
    case 'call': {
      if (levels === 0) return `${expr.function}(…)`;
      const args = expr.args.slice(0, MAX_ARGS).map((arg) => describe(arg, levels - 1));
      return `${expr.function}(${args.join(', ')}${expr.args.length > MAX_ARGS ? ', …' : ''})`;
    }
    default:
      return expr satisfies never;
  }
}
