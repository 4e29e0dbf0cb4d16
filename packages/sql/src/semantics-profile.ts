import type { AggregateCall, DataType, Expr, ScalarFunction } from '@millrace/core';
import type { SourceColumn } from './source-column.ts';

/**
 * What a source's operations mean, compared with the engine's (the vocabulary's). A pushed expression may claim `exact` only where
 * the two are known to be equal; where a source is only known to accept *more* rows, it is `inexact`; else it stays here.
 */
export interface SemanticsProfile {
  /** How values of a column compare at the source. */
  column(column: SourceColumn): ColumnSemantics;
  /**
   * How a text compares that comes from no column: a bound value, a number cast to text. It has the collation of the session or database.
   * Default: unknown in every respect.
   */
  readonly text?: ColumnSemantics;
  /**
   * Whether a function gives the engine's result for arguments of these types on every row, and never raises an error (an overflow, a
   * division by zero, a cast that does not fit): a source may compute it before the condition that guards it. Decides everything
   * beyond comparisons and pattern matches, which {@link ColumnSemantics} decides. Default for what is not listed: no.
   */
  isEqualFunction(name: ScalarFunction, args: readonly Expr[], result: DataType): boolean;
  /**
   * Whether an aggregate gives the engine's result, for whole subtrees only. `count`, and `min` and `max` over values with the same
   * order, need no word of the profile. Default: no.
   */
  isEqualAggregate?(call: AggregateCall): boolean;
  /**
   * What a floating-point column can hold. `same`: NaN is there, equals itself and is above every number. `absent`: no column can hold
   * it, so a comparison with it is decided without the source. `unknown` (the default): such a comparison is not pushed.
   */
  readonly nan?: SpecialValue;
  /** As {@link nan}, for both infinities of floating-point columns. */
  readonly infinity?: SpecialValue;
  /** As {@link nan}, for the infinite dates and timestamps of the engine, which are the ends of their integer ranges. */
  readonly infiniteTime?: SpecialValue;
}

/** Whether values like NaN exist at a source. */
export type SpecialValue = 'same' | 'absent' | 'unknown';

/** How the values of one column compare at the source. */
export interface ColumnSemantics {
  /**
   * `same`: `=` is true for the same pairs as in the engine. `wider`: it is true for more pairs, never for fewer (ignores case, accents
   * or trailing spaces): `=` and IN can be pushed as inexact, `<>` and NOT cannot. `unknown`: only IS NULL can be pushed.
   */
  readonly equality: 'same' | 'wider' | 'unknown';
  /** `same`: `<` and ORDER BY agree with the engine (text by bytes, NaN above all). `unknown`: neither is pushed. */
  readonly order: 'same' | 'unknown';
  /** As `equality`, for LIKE, starts_with, ends_with and contains. */
  readonly pattern: 'same' | 'wider' | 'unknown';
  /**
   * Writes the column so that it compares as `same` in every respect (`COLLATE "C"`, `BINARY`), at the price of its index. The
   * translator joins both forms, so that the index narrows and the bytes decide.
   */
  readonly asBytes?: (sql: string) => string;
  /** Writes a placeholder that stands opposite of {@link asBytes}. Default: as it is. */
  readonly literalAsBytes?: (sql: string) => string;
  /**
   * Writes the column so that patterns match it as in the engine, by characters. Default: {@link asBytes}. Null where there is no such form
   * (SQLite's LIKE folds case whatever the collation; a binary string of MySQL is matched by bytes).
   */
  readonly patternAsBytes?: ((sql: string) => string) | null;
}
