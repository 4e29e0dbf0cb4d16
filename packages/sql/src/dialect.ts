import type { ScalarFunction } from '@millrace/core';
import type { FunctionWriter } from './function-writer.ts';

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
  /** The placeholder of the `ordinal`-th bound value, counted from 1: `$1`, `?`. */
  placeholder(ordinal: number): string;
  /** Most values that one statement may bind. */
  readonly maxParameters: number;
  /** Longest statement in bytes of UTF-8; a filter that would pass it is not pushed. */
  readonly maxStatementBytes: number;
  /** The clause behind ORDER BY, with a leading space; only called when one of both is there. */
  limitClause(request: { readonly limit?: bigint; readonly offset?: bigint }): string;
  /** One key of ORDER BY with the wanted place of nulls. */
  sortKey(key: { readonly sql: string; readonly descending: boolean; readonly nullsFirst: boolean }): string;
  /** How each function of the vocabulary is written; one that is absent cannot be said. */
  readonly functions: Readonly<Partial<Record<ScalarFunction, FunctionWriter>>>;
}
