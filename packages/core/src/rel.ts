import type { Schema } from './data-type.ts';
import type { AggregateCall, Expr, SortKey } from './expression.ts';
import type { TableReference } from './table-reference.ts';

/** The kinds of join; `semi` and `anti` return rows of the left side only. */
export type JoinKind = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti' | 'cross';

/**
 * A small relational algebra as plain data, for pushing whole subtrees into a source that is an engine itself.
 *
 * Column paths in expressions name the columns of the input; in a join's condition the first segment is the side's alias.
 */
export type Rel =
  | { readonly kind: 'scan'; readonly table: TableReference; readonly schema: Schema }
  | { readonly kind: 'filter'; readonly input: Rel; readonly condition: Expr }
  | {
      readonly kind: 'project';
      readonly input: Rel;
      readonly columns: readonly { readonly name: string; readonly expr: Expr }[];
    }
  | {
      readonly kind: 'aggregate';
      readonly input: Rel;
      readonly groupBy: readonly Expr[];
      readonly calls: readonly AggregateCall[];
    }
  | {
      readonly kind: 'join';
      readonly join: JoinKind;
      readonly left: { readonly alias: string; readonly input: Rel };
      readonly right: { readonly alias: string; readonly input: Rel };
      readonly condition?: Expr;
    }
  | { readonly kind: 'sort'; readonly input: Rel; readonly keys: readonly SortKey[] }
  | { readonly kind: 'limit'; readonly input: Rel; readonly limit?: bigint; readonly offset?: bigint }
  | { readonly kind: 'union'; readonly inputs: readonly Rel[]; readonly distinct: boolean }
  | { readonly kind: 'values'; readonly schema: Schema; readonly rows: readonly (readonly Expr[])[] };
