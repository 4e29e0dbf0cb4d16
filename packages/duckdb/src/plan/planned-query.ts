import type { Expr, Schema, SortKey } from '@millrace/core';

/** A table as SQL names it inside one catalog; without a schema name it is in `main`. */
export interface TableName {
  readonly schemaName?: string;
  readonly table: string;
}

/**
 * What a query needs from each of its tables, or the reason why its plan could not be read.
 *
 * `unreadable` is never an error for the user: the query runs over whole tables then.
 */
export type PlannedQuery =
  | { readonly kind: 'planned'; readonly scans: readonly PlannedScan[] }
  | { readonly kind: 'unreadable'; readonly reason: string };

/**
 * What one query needs from one table, over all of the query's references to it.
 *
 * The query gives the same result when it runs, unmodified, over a table that holds any superset of the wanted rows, and
 * anything at all in the columns that are not listed.
 */
export interface PlannedScan {
  readonly table: TableName;
  /** How often the plan reads the table; 0 where every reference was folded away. */
  readonly referenceCount: number;
  /** Top-level columns that are read, in the schema's order. Empty when only the number of rows matters. */
  readonly columns: readonly string[];
  /** Conjuncts: a row is needed only if every one is TRUE. Empty means that every row is needed. */
  readonly filters: readonly Expr[];
  /** With `limit`: the needed rows are the first ones of this order. */
  readonly order?: readonly SortKey[];
  /** Rows that are enough after all `filters`, the query's offset included; absent with more than one reference. */
  readonly limit?: bigint;
  /** The result does not depend on the table: it may stay empty. */
  readonly empty: boolean;
  /** What could not be pushed and why, for `explain`; without values. */
  readonly notes: readonly string[];
}

/**
 * Plans queries over tables of which only the schemas are known, on a DuckDB instance of its own that never holds a row.
 *
 * Calls may overlap; they are answered in order.
 */
export interface Planner extends AsyncDisposable {
  /**
   * Defines a table, or replaces the table or view of that name; column names must differ by more than case.
   *
   * @throws MillraceError `unsupported_type` for a column that DuckDB cannot hold.
   */
  defineTable(name: TableName, schema: Schema): Promise<void>;
  /**
   * Defines a view over tables and views that exist already, or replaces the table or view of that name.
   *
   * @throws MillraceError `sql_syntax`, `unknown_table` or `sql_error` when the SQL does not bind.
   */
  defineView(name: TableName, sql: string): Promise<void>;
  /** Removes a table or view; a name that is not defined is ignored. */
  drop(name: TableName): Promise<void>;
  /**
   * Plans one query, whose parameters have been replaced by typed literals. About 1 ms for a simple one.
   *
   * @throws MillraceError `sql_syntax`, `unknown_table`, `sql_refused` (files) or `sql_error` when the SQL does not bind. Never for a plan of an
   * unexpected shape, which is `unreadable` or pushes less.
   */
  plan(sql: string): Promise<PlannedQuery>;
  /** Frees the instance after the calls that were made before. May be called twice; other calls after it throw a TypeError. */
  close(): Promise<void>;
}
