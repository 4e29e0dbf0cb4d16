import { type DataType, type Expr, type LiteralValue, type SortKey, TypeId } from '@millrace/core';
import { INFIX_OPERATORS } from '@millrace/duckdb';

/** How many elements of an IN list are shown. */
const MAX_LIST = 5;

/** An expression as text for people; it is not meant to be run. */
export function formatExpr(expr: Expr): string {
  switch (expr.kind) {
    case 'column':
      return expr.path.join('.');
    case 'literal':
      return formatLiteral(expr.value, expr.type);
    case 'call':
      return formatCall(expr);
  }
}

/** A sort key as text for people. */
export function formatSortKey({ expr, descending, nullsFirst }: SortKey): string {
  return `${formatExpr(expr)} ${descending ? 'DESC' : 'ASC'} NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`;
}

function formatCall({ function: name, args, type }: Extract<Expr, { kind: 'call' }>): string {
  const texts = args.slice(0, name === 'in' ? MAX_LIST + 1 : undefined).map(formatExpr);
  const [first = '', ...rest] = texts;
  const infix = INFIX_OPERATORS[name];
  if (infix !== undefined && texts.length === 2) return `${first} ${infix} ${rest[0]}`;
  switch (name) {
    case 'and':
    case 'or':
      return texts.map((text) => `(${text})`).join(name === 'and' ? ' AND ' : ' OR ');
    case 'not':
      return `NOT (${first})`;
    case 'neg':
      return `-(${first})`;
    case 'is_null':
      return `${first} IS NULL`;
    case 'is_not_null':
      return `${first} IS NOT NULL`;
    case 'in': {
      const hidden = args.length - 1 - rest.length;
      return `${first} IN (${rest.join(', ')}${hidden > 0 ? `, … ${hidden} more` : ''})`;
    }
    case 'cast':
      return `CAST(${first} AS type ${type.typeId})`;
    default:
      return `${name}(${texts.join(', ')})`;
  }
}

function formatLiteral(value: LiteralValue, type: DataType): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`;
  if (typeof value === 'object') return `INTERVAL ${value.months} months ${value.days} days ${value.nanoseconds} ns`;
  if (type.typeId === TypeId.Decimal && typeof value === 'bigint') return formatDecimal(value, type.scale ?? 0);
  if (type.typeId === TypeId.Date && typeof value === 'number') {
    const date = new Date(value * 86_400_000);
    return Number.isNaN(date.getTime()) ? `DATE ${value} days` : `DATE '${date.toISOString().slice(0, 10)}'`;
  }
  return String(value);
}

function formatDecimal(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
