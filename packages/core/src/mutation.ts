import type { Expr } from './expression.ts';
import type { Explanation, ScanContext } from './scan.ts';

/** A change of rows in place. Deleting everything is `truncate`, so that an empty filter list never does it by accident. */
export type Mutation =
  | { readonly kind: 'delete'; readonly filters: readonly [Expr, ...Expr[]] }
  | { readonly kind: 'update'; readonly filters: readonly Expr[]; readonly set: Readonly<Record<string, Expr>> }
  | { readonly kind: 'truncate' };

/** A mutation that the table can do exactly; nothing has happened before `run`. */
export interface MutationPlan {
  explain(): Explanation;
  /** Runs it as one transaction; the count is absent where the source does not tell. */
  run(context: ScanContext): Promise<{ readonly rowCount?: bigint }>;
}
