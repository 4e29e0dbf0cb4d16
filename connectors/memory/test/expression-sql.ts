import type { Expr, ScalarFunction } from '@millrace/core';
import type { BoundValue } from '@millrace/duckdb';

const INFIX: Readonly<Partial<Record<ScalarFunction, string>>> = {
  eq: '=',
  ne: '<>',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
  distinct: 'IS DISTINCT FROM',
  not_distinct: 'IS NOT DISTINCT FROM',
  and: 'AND',
  or: 'OR',
  add: '+',
  sub: '-',
  mul: '*',
  div: '/',
  mod: '%',
};

const NAMES: Readonly<Partial<Record<ScalarFunction, string>>> = {
  starts_with: 'starts_with',
  ends_with: 'ends_with',
  contains: 'contains',
  coalesce: 'coalesce',
  lower: 'lower',
  upper: 'upper',
  length: 'length',
  substr: 'substr',
  date_trunc: 'date_trunc',
  extract: 'date_part',
};

/** Writes an expression as SQL of the engine; literals are appended to `parameters` and bound. `typeText` names cast targets. */
export function toSql(expr: Expr, parameters: BoundValue[], typeText: (expr: Expr) => string): string {
  const part = (arg: Expr): string => toSql(arg, parameters, typeText);
  switch (expr.kind) {
    case 'column':
      return expr.path.map((name) => `"${name}"`).join('.');
    case 'literal':
      parameters.push(expr.value === null ? null : { value: expr.value, type: expr.type });
      return `CAST($${parameters.length} AS ${typeText(expr)})`;
    case 'call': {
      const args = expr.args;
      const infix = INFIX[expr.function];
      if (infix !== undefined) return `(${args.map(part).join(` ${infix} `)})`;
      const name = NAMES[expr.function];
      if (name !== undefined) return `${name}(${args.map(part).join(', ')})`;
      switch (expr.function) {
        case 'is_null':
          return `(${part(args[0]!)} IS NULL)`;
        case 'is_not_null':
          return `(${part(args[0]!)} IS NOT NULL)`;
        case 'not':
          return `(NOT ${part(args[0]!)})`;
        case 'neg':
          return `(- ${part(args[0]!)})`;
        case 'in':
          return `(${part(args[0]!)} IN (${args.slice(1).map(part).join(', ')}))`;
        case 'like':
          return `(${part(args[0]!)} LIKE ${part(args[1]!)} ESCAPE ${part(args[2]!)})`;
        case 'cast':
          return `CAST(${part(args[0]!)} AS ${typeText(expr)})`;
        case 'case': {
          const whens = Array.from({ length: (args.length - 1) / 2 }, (_, index) => {
            return `WHEN ${part(args[index * 2]!)} THEN ${part(args[index * 2 + 1]!)}`;
          });
          return `CASE ${whens.join(' ')} ELSE ${part(args[args.length - 1]!)} END`;
        }
        default:
          throw new TypeError(`no SQL for ${expr.function}`);
      }
    }
  }
}
