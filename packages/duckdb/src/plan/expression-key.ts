import type { Expr } from '@millrace/core';

/** A text that two expressions share exactly when they are the same; types of columns are left out, as their paths decide. */
export function expressionKey(expr: Expr): string {
  switch (expr.kind) {
    case 'column':
      return `c${JSON.stringify(expr.path)}`;
    case 'literal':
      return `l${expr.type.typeId}:${literalKey(expr.value)}`;
    case 'call':
      return `${expr.function}:${expr.type.typeId}:${expr.type.bitWidth ?? ''}(${expr.args.map(expressionKey).join()})`;
    default:
      return expr satisfies never;
  }
}

function literalKey(value: Extract<Expr, { kind: 'literal' }>['value']): string {
  if (value instanceof Uint8Array) return `x${Buffer.from(value).toString('hex')}`;
  if (typeof value === 'object' && value !== null) return `${value.months}/${value.days}/${value.nanoseconds}`;
  return typeof value === 'string' ? JSON.stringify(value) : `${typeof value}${Object.is(value, -0) ? '-0' : value}`;
}
