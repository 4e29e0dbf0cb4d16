import type { TableName } from '../plan/planned-query.ts';
import type { ParameterUse } from './parameter-use.ts';
import type { SimpleSelect } from './simple-select.ts';

/**
 * What a user's statement is, after it was found to reach nothing but tables by name and harmless functions.
 *
 * - `query`: a SELECT (VALUES, TABLE, FROM, SUMMARIZE …) that can run as it is.
 * - `explain`: EXPLAIN of a query, which is in `sql`.
 * - `describe`: DESCRIBE or SHOW of a table or query; `sql` is a query with the columns that are asked for.
 * - `show_tables`: the list of all tables, or of one schema's.
 */
export type StatementInfo =
  | (StatementText & { readonly kind: 'query' | 'explain' | 'describe' })
  | (StatementText & {
      readonly kind: 'show_tables';
      /** Only the tables of this schema, as written. */
      readonly schemaName?: string;
      /** The catalog in front of the schema, as written. */
      readonly catalogName?: string;
      /** Names alone, or also the columns, as SHOW ALL TABLES and a bare DESCRIBE ask. */
      readonly detail: 'names' | 'columns';
    });

/** What every kind of statement has. */
export interface StatementText {
  /** The query to run, without a semicolon, comments behind it, EXPLAIN or DESCRIBE. It is what was checked: run this text and no other. */
  readonly sql: string;
  /**
   * Every table that is reached, as written, each spelling once, in the order of the text; names that mean a CTE are not among
   * them. Whether a table of that name exists is not known here: refuse the names that are not datasets or views.
   * `information_schema` occurs with `tables`, `columns` and `schemata`.
   */
  readonly tables: readonly TableName[];
  readonly parameters: readonly ParameterUse[];
  readonly limits: RowLimits;
  /** It joins tables, or has a subquery in an expression, which the engine may make a join of. */
  readonly hasJoin: boolean;
  /** It calls what depends on clock or chance, or takes a sample: run again over the same rows, it may answer otherwise. */
  readonly isVolatile: boolean;
  /** The whole statement, where it is no more than a simple SELECT. */
  readonly simple?: SimpleSelect;
}

/**
 * Where a statement has a LIMIT, OFFSET or DISTINCT ON, which keeps some rows of those that reach it: nowhere, in its outermost query
 * alone, so that it works on the result as a whole, or in a subquery, a CTE or an operand of UNION and the like, too.
 */
export type RowLimits = 'none' | 'at_root' | 'below_root';
