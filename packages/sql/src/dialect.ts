import type { DataType, JoinKind, ScalarFunction } from '@millrace/core';
import type { FunctionWriter } from './function-writer.ts';
import type { BoundParameter } from './sql-text.ts';

/**
 * How a source spells SQL, and nothing about what the text means there: that is the {@link SemanticsProfile}.
 */
export interface Dialect {
  /** The source's name in messages and explanations: `postgres`. */
  readonly name: string;
  /**
   * Quotes a name exactly as written; never folds, never truncates.
   *
   * @throws MillraceError `invalid_argument` for a name that the source cannot hold (empty, NUL, too long).
   */
  quoteIdentifier(name: string): string;
  /**
   * The placeholder of the `ordinal`-th bound value, counted from 1: `$1`, `?`. The value tells its type, for sources that take a
   * placeholder's type from the text: `$1::int8`.
   */
  placeholder(ordinal: number, parameter: BoundParameter): string;
  /** Most values that one statement may bind. A value that is written twice is bound twice. */
  readonly maxParameters: number;
  /** Longest statement in bytes of UTF-8; a filter that would pass it is not pushed. */
  readonly maxStatementBytes: number;
  /** The clause behind ORDER BY, with a leading space; only called when one of both is there. */
  limitClause(request: { readonly limit?: bigint; readonly offset?: bigint }): string;
  /** One key of ORDER BY with the wanted place of nulls. */
  sortKey(key: { readonly sql: string; readonly descending: boolean; readonly nullsFirst: boolean }): string;
  /**
   * How each function of the vocabulary is written, usually {@link ansiFunctions} with changes; one that is absent cannot be said.
   * AND, OR, NOT, IS NULL, IN and the comparisons are written by the kit where they are absent here.
   */
  readonly functions: Readonly<Partial<Record<ScalarFunction, FunctionWriter>>>;
  /**
   * Whether one value (null among them, never a list) can be sent and means the same there: no NUL in a text, a date within the source's
   * range. A comparison with one that cannot is not pushed. Default: every value can.
   */
  canBind?(parameter: BoundParameter): boolean;
  /** A truth value as text. Default: `TRUE` and `FALSE`. */
  booleanLiteral?(value: boolean): string;
  /**
   * The test whether a value is in a list that is bound as one array: `c = ANY($1::int8[])`. Undefined where this type of list cannot
   * be bound so. Called for lists of more than 16 values; without it every value is bound on its own.
   */
  listTest?(list: ListTest): string | undefined;
  /** Most values between the parentheses of one IN; longer lists are joined by OR. Default: no bound but the statement's. */
  readonly maxListLength?: number;
  /** Joins that the source has not, or gets wrong: MySQL has no `full`. Default: it has all. */
  readonly missingJoins?: readonly JoinKind[];
}

/** A test whether a value is in a list. */
export interface ListTest {
  /** The value as SQL. */
  readonly value: string;
  /** The placeholder of the list. */
  readonly list: string;
  /** Of the list's values. */
  readonly type: DataType;
  /** `not_in` keeps rows whose value is none of the list's; a NULL value is neither in nor out. */
  readonly test: 'in' | 'not_in';
}
