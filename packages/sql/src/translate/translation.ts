import type { DataType } from '@millrace/core';
import type { Dialect } from '../dialect.ts';
import type { ColumnSemantics, SemanticsProfile } from '../semantics-profile.ts';
import type { SourceColumn } from '../source-column.ts';
import type { BoundParameter } from '../sql-text.ts';

/** A value of a row as SQL, equal to the engine's value, and how it compares at the source. */
export interface Operand {
  readonly sql: string;
  /** A dictionary's own type is that of its values here. */
  readonly type: DataType;
  readonly semantics: ColumnSemantics;
  /** The plain column, for which every comparison with a value holds that holds for `sql`: an index can serve it. */
  readonly indexed?: string;
  /** The column, where the value is one. */
  readonly column?: SourceColumn;
  readonly collation?: string;
}

/** Everything that writing an expression needs. */
export interface Translation {
  readonly dialect: Dialect;
  readonly profile: SemanticsProfile;
  /** The column behind a path; undefined where there is none that can be compared. */
  resolve(path: readonly string[]): Operand | undefined;
  bind(parameter: BoundParameter): string;
  /**
   * `whole`: lists are written value by value. `once`: a long one that would be written for the index and for the bytes only for the index.
   * `ranges`: a long one only as the range of its values.
   */
  readonly lists: 'whole' | 'once' | 'ranges';
}

/** SQL that is TRUE for the rows wanted (`exact`), or for more (`inexact`); where it is FALSE or NULL makes no difference. */
export interface Condition {
  readonly sql: string;
  readonly degree: 'exact' | 'inexact';
}

/** Which rows a condition is to keep: those that make the expression TRUE, or those that make it FALSE. NULL is neither. */
export type Wanted = 'true' | 'false';

/** Holds for every row, in every SQL. */
export const ALWAYS: Condition = { sql: '1 = 1', degree: 'exact' };

/** Holds for no row, in every SQL. */
export const NEVER: Condition = { sql: '1 = 0', degree: 'exact' };

/** A condition that keeps exactly the rows wanted; undefined for undefined. */
export function exactly(sql: string | undefined): Condition | undefined {
  return sql === undefined ? undefined : { sql, degree: 'exact' };
}
