import type { DataType, Expr, ScalarFunction } from '@millrace/core';
import type { SourceColumn } from './source-column.ts';

/**
 * What a source's operations mean, compared with the engine's (the vocabulary's). A pushed expression may claim `exact` only where
 * the two are known to be equal; where a source is only known to accept *more* rows, it is `inexact`; else it stays here.
 */
export interface SemanticsProfile {
  /** How values of a column compare at the source. */
  column(column: SourceColumn): ColumnSemantics;
  /**
   * Whether a function gives the engine's result for arguments of these types (equal-result allow-list), beyond
   * comparisons and pattern matches, which {@link ColumnSemantics} decides. Default for what is not listed: no.
   */
  isEqualFunction(name: ScalarFunction, args: readonly Expr[], result: DataType): boolean;
}

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
}
