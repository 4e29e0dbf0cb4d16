import {
  type DataType,
  dataTypes,
  type Expr,
  type Field,
  isMillraceError,
  type ScalarFunction,
  type SortKey,
} from '@millrace/core';
import { quoteIdentifier } from '../statement/quote-identifier.ts';
import { fieldLiteral } from '../statement/sql-literal.ts';
import { extensionName } from '../type-mapping/extension.ts';
import { toDuckDbType } from '../type-mapping/to-duckdb-type.ts';

/**
 * Finds the field behind a column path, so that literals beside a column take its exact type (UUID, HUGEINT …), which an
 * Arrow type alone does not tell. Undefined where the path leads nowhere.
 */
export type FieldOfPath = (path: readonly string[]) => Field | undefined;

/** The functions of two arguments that SQL writes between them, and how. */
export const INFIX_OPERATORS: Readonly<Partial<Record<ScalarFunction, string>>> = {
  eq: '=',
  ne: '<>',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
  distinct: 'IS DISTINCT FROM',
  not_distinct: 'IS NOT DISTINCT FROM',
  add: '+',
  sub: '-',
  mul: '*',
  div: '/',
  mod: '%',
};

const NAMED: Readonly<Partial<Record<ScalarFunction, string>>> = {
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

/** Functions that may raise on a row's values; they are evaluated only where nothing before them has ruled the row out. */
const RAISING: ReadonlySet<ScalarFunction> = new Set<ScalarFunction>([
  'cast',
  'add',
  'sub',
  'mul',
  'mod',
  'neg',
  'date_trunc',
  'extract',
]);

/**
 * Writes an expression of core's vocabulary as DuckDB's SQL, values as exact literals. Its meaning is the vocabulary's own,
 * whose semantics are DuckDB's. Undefined where it cannot be said: volatile functions, names of a newer vocabulary, types
 * and values that DuckDB's SQL cannot spell.
 *
 * @throws MillraceError `invalid_argument` when a literal has not the form of its type.
 */
export function toExpressionSql(expr: Expr, fieldOf: FieldOfPath): string | undefined {
  try {
    return write(expr, { fieldOf, sibling: undefined });
  } catch (error) {
    if (error instanceof Unwritable) return undefined;
    if (isMillraceError(error) && (error.code === 'unsupported_type' || error.code === 'unsupported')) return undefined;
    throw error;
  }
}

/** A sort key as DuckDB's SQL; undefined where {@link toExpressionSql} is. */
export function toSortKeySql({ expr, descending, nullsFirst }: SortKey, fieldOf: FieldOfPath): string | undefined {
  const sql = toExpressionSql(expr, fieldOf);
  if (sql === undefined) return undefined;
  return `${sql} ${descending ? 'DESC' : 'ASC'} NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`;
}

/** Tells whether evaluating the expression can raise an error on some row, so that a guard before it matters. */
export function canRaise(expr: Expr): boolean {
  return expr.kind === 'call' && (RAISING.has(expr.function) || expr.args.some(canRaise));
}

/**
 * Joins conjuncts with AND so that one that can raise is evaluated only on rows which all that cannot have let through,
 * as DuckDB is free to reorder a plain AND. Undefined for no conjunct.
 */
export function toConjunctionSql(
  conjuncts: readonly { readonly expr: Expr; readonly sql: string }[],
): string | undefined {
  const plain = conjuncts.filter(({ expr }) => !canRaise(expr)).map(({ sql }) => sql);
  const guarded = conjuncts.filter(({ expr }) => canRaise(expr)).map(({ sql }) => sql);
  const base = plain.length === 0 ? undefined : plain.join(' AND ');
  return guarded.reduce(
    (guard: string | undefined, sql) =>
      guard === undefined ? sql : `${guard} AND CASE WHEN ${guard} THEN ${sql} ELSE false END`,
    base,
  );
}

class Unwritable extends Error {}

interface Surroundings {
  readonly fieldOf: FieldOfPath;
  /** The column that a literal stands beside. */
  readonly sibling: Field | undefined;
}

function write(expr: Expr, around: Surroundings): string {
  switch (expr.kind) {
    case 'column':
      return columnSql(expr.path);
    case 'literal':
      return fieldLiteral(literalField(expr.type, around.sibling), expr.value);
    case 'call':
      return callSql(expr, around);
    default: {
      const unknown: never = expr;
      throw new TypeError(`unknown expression ${String(unknown)}`);
    }
  }
}

/** A path into a struct is written with a function: `a.b` would mean column `b` of a table `a` where there is one. */
function columnSql([column, ...members]: readonly [string, ...string[]]): string {
  return members.reduce(
    (inner, member) => `struct_extract(${inner}, ${fieldLiteral({ name: '', type: TEXT, nullable: true }, member)})`,
    quoteIdentifier(column),
  );
}

const TEXT: DataType = dataTypes.utf8();

function literalField(type: DataType, sibling: Field | undefined): Field {
  const isSame = sibling !== undefined && sibling.type.typeId === type.typeId;
  return { name: '', type, nullable: true, ...(isSame && sibling.metadata ? { metadata: sibling.metadata } : {}) };
}

function callSql(call: Extract<Expr, { readonly kind: 'call' }>, { fieldOf }: Surroundings): string {
  const { function: name, args } = call;
  const sibling = args
    .map((arg) => (arg.kind === 'column' ? fieldOf(arg.path) : undefined))
    .find((field) => field !== undefined && extensionName(field) !== undefined);
  const parts = args.map((arg) => write(arg, { fieldOf, sibling }));
  const [first = '', ...rest] = parts;
  const infix = INFIX_OPERATORS[name];
  if (infix !== undefined) return `(${parts.join(` ${infix} `)})`;
  const named = NAMED[name];
  if (named !== undefined) return `${named}(${parts.join(', ')})`;
  switch (name) {
    case 'and':
    case 'or':
      return parts.length === 0 ? String(name === 'and') : `(${parts.join(name === 'and' ? ' AND ' : ' OR ')})`;
    case 'not':
      return `(NOT ${first})`;
    case 'neg':
      return `(- ${first})`;
    case 'is_null':
      return `(${first} IS NULL)`;
    case 'is_not_null':
      return `(${first} IS NOT NULL)`;
    case 'in':
      return rest.length === 0 ? 'false' : `(${first} IN (${rest.join(', ')}))`;
    case 'like':
      return `(${first} LIKE ${rest[0]} ESCAPE ${rest[1] ?? "''"})`;
    case 'cast':
      return `CAST(${first} AS ${toDuckDbType({ name: '', type: call.type, nullable: true })})`;
    case 'case':
      return caseSql(parts);
    default:
      throw new Unwritable(name);
  }
}

/** `[when, then]…, else`. */
function caseSql(parts: readonly string[]): string {
  const branchCount = (parts.length - 1) / 2;
  const branches = Array.from({ length: branchCount }, (_, i) => `WHEN ${parts[i * 2]} THEN ${parts[i * 2 + 1]}`);
  return `(CASE ${branches.join(' ')} ELSE ${parts[parts.length - 1]} END)`;
}
