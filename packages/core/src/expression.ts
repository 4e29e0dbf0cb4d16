import type { DataType } from './data-type.ts';

/**
 * A typed scalar expression over the columns of one table. Every node carries its Arrow type, so no plugin guesses one.
 *
 * Values of a literal by type: Bool → boolean; Int up to 32 bits and Float → number; 64-bit Int → bigint; Decimal → the
 * unscaled bigint (scale in the type); Utf8 → string; Binary → Uint8Array; Date → days since 1970-01-01 as number; Time,
 * Timestamp, Duration → bigint in the type's unit; Interval → `{months, days, nanoseconds}`; null of any type → null.
 */
export type Expr =
  | { readonly kind: 'column'; readonly path: readonly [string, ...string[]]; readonly type: DataType }
  | { readonly kind: 'literal'; readonly value: LiteralValue; readonly type: DataType }
  | {
      readonly kind: 'call';
      readonly function: ScalarFunction;
      readonly args: readonly Expr[];
      readonly type: DataType;
    };

/** The value of a literal; see {@link Expr} for which form belongs to which type. */
export type LiteralValue = null | boolean | number | bigint | string | Uint8Array | IntervalValue;

/** Calendar interval: the three parts are independent, as a month has no fixed number of days. */
export interface IntervalValue {
  readonly months: number;
  readonly days: number;
  readonly nanoseconds: bigint;
}

/** Version of {@link ScalarFunction}; a plugin answers `none` for a name that it does not know. */
export const FUNCTION_VOCABULARY_VERSION = 1;

/**
 * The closed vocabulary of scalar functions, with the engine's (DuckDB's) semantics.
 *
 * Comparisons are three-valued; text compares by bytes; NaN equals itself and is above every number. `in` is the value
 * followed by literals. `like` always carries its escape as third argument (an empty string means none). `starts_with`,
 * `ends_with` and `contains` take their second argument literally. `case` is `[when, then]…, else`.
 */
export type ScalarFunction =
  | 'eq'
  | 'ne'
  | 'lt'
  | 'le'
  | 'gt'
  | 'ge'
  | 'is_null'
  | 'is_not_null'
  | 'distinct'
  | 'not_distinct'
  | 'and'
  | 'or'
  | 'not'
  | 'in'
  | 'like'
  | 'starts_with'
  | 'ends_with'
  | 'contains'
  | 'cast'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'mod'
  | 'neg'
  | 'coalesce'
  | 'case'
  | 'lower'
  | 'upper'
  | 'length'
  | 'substr'
  | 'date_trunc'
  | 'extract'
  | 'random'
  | 'now';

/** One key of an order. Nulls have a place of their own because sources disagree on the default. */
export interface SortKey {
  readonly expr: Expr;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** The aggregates of the vocabulary; `count` without arguments counts rows. */
export type AggregateFunction = 'count' | 'sum' | 'min' | 'max' | 'avg';

/** One aggregate of a group. `type` is the engine's result type, to which an engine casts what comes back. */
export interface AggregateCall {
  readonly function: AggregateFunction;
  readonly args: readonly Expr[];
  readonly distinct: boolean;
  readonly filter?: Expr;
  readonly type: DataType;
}

const VOLATILE: ReadonlySet<ScalarFunction> = new Set<ScalarFunction>(['random', 'now']);

/** Tells whether evaluating the expression twice may give two answers; such an expression is never pushed down. */
export function isVolatile(expr: Expr): boolean {
  return expr.kind === 'call' && (VOLATILE.has(expr.function) || expr.args.some(isVolatile));
}
