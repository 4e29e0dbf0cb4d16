import { type DataType, type Expr, FloatPrecision, TypeId } from '@millrace/core';

/** DuckDB's SQL of an expression, written apart from the code under test, for pre-filtering a table as a source would. */
export function expressionSql(expr: Expr): string {
  switch (expr.kind) {
    case 'column':
      return expr.path.map((part) => `"${part.replaceAll('"', '""')}"`).join('.');
    case 'literal':
      return literalSql(expr);
    case 'call':
      return callSql(expr.function, expr.args.map(expressionSql), expr.type);
    default:
      return expr satisfies never;
  }
}

const INFIX: Readonly<Record<string, string>> = {
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
  mod: '%',
};

function callSql(name: string, args: readonly string[], type: DataType): string {
  const infix = INFIX[name];
  if (infix !== undefined) return `(${args.join(` ${infix} `)})`;
  const [first, ...rest] = args;
  switch (name) {
    case 'is_null':
      return `(${first} IS NULL)`;
    case 'is_not_null':
      return `(${first} IS NOT NULL)`;
    case 'not':
      return `(NOT ${first})`;
    case 'in':
      return `(${first} IN (${rest.join(', ')}))`;
    case 'like':
      return `(${first} LIKE ${rest[0]} ESCAPE ${rest[1]})`;
    case 'cast':
      return `CAST(${first} AS ${typeSql(type)})`;
    case 'starts_with':
    case 'ends_with':
    case 'contains':
    case 'lower':
    case 'upper':
    case 'length':
      return `${name}(${args.join(', ')})`;
    default:
      throw new TypeError(`No test writes ${name} yet.`);
  }
}

function literalSql({ value, type }: Extract<Expr, { kind: 'literal' }>): string {
  switch (type.typeId) {
    case TypeId.Bool:
      return String(value);
    case TypeId.Utf8:
    case TypeId.LargeUtf8:
      return `'${String(value).replaceAll("'", "''")}'`;
    case TypeId.Binary:
      return `from_hex('${Buffer.from(value as Uint8Array).toString('hex')}')`;
    case TypeId.FixedSizeBinary:
      return `'${Buffer.from(value as Uint8Array).toString('hex')}'::UUID`;
    case TypeId.Decimal:
      return decimalSql(value as bigint, type);
    case TypeId.Date:
      return `(DATE '1970-01-01' + ${value}::INTEGER)`;
    case TypeId.Time:
      return timeSql((value as bigint) * microseconds(type));
    case TypeId.Timestamp:
      return timestampSql(value as bigint, type);
    default:
      return `'${value}'::${typeSql(type)}`;
  }
}

function decimalSql(unscaled: bigint, type: DataType): string {
  const scale = type.scale ?? 0;
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const text = `${unscaled < 0n ? '-' : ''}${whole}.${digits.slice(digits.length - scale)}`;
  return (type.precision ?? 0) > 38
    ? `'${text.slice(0, -1)}'::${unscaled < 2n ** 127n ? 'HUGEINT' : 'UHUGEINT'}`
    : `'${text}'::DECIMAL(${type.precision},${scale})`;
}

function timeSql(micros: bigint): string {
  const [hour, minute] = [micros / 3_600_000_000n, (micros / 60_000_000n) % 60n];
  return `'${hour}:${minute}:${(micros / 1_000_000n) % 60n}.${String(micros % 1_000_000n).padStart(6, '0')}'::TIME`;
}

function timestampSql(value: bigint, type: DataType): string {
  if (type.unit === 3) return `make_timestamp_ns(${value}::BIGINT)`;
  const moment = value * microseconds(type);
  return type.timezone ? `make_timestamptz(${moment}::BIGINT)` : `make_timestamp(${moment}::BIGINT)`;
}

function microseconds(type: DataType): bigint {
  return 1_000_000n / 1_000n ** BigInt(type.unit ?? 2);
}

function typeSql(type: DataType): string {
  if (type.typeId === TypeId.Float) return type.precision === FloatPrecision.Double ? 'DOUBLE' : 'FLOAT';
  if (type.typeId !== TypeId.Int) throw new TypeError(`No test writes type ${type.typeId} yet.`);
  const names = { 8: 'TINYINT', 16: 'SMALLINT', 32: 'INTEGER', 64: 'BIGINT' } as const;
  return `${type.isSigned ? '' : 'U'}${names[type.bitWidth as keyof typeof names]}`;
}

/** A short text of an expression for expectations, such as `gt(a,5)`. */
export function expressionText(expr: Expr): string {
  switch (expr.kind) {
    case 'column':
      return expr.path.join('.');
    case 'literal':
      return expr.value instanceof Uint8Array
        ? Buffer.from(expr.value).toString('hex')
        : typeof expr.value === 'string'
          ? `'${expr.value}'`
          : String(expr.value);
    case 'call':
      return `${expr.function}(${expr.args.map(expressionText).join(',')})`;
    default:
      return expr satisfies never;
  }
}
