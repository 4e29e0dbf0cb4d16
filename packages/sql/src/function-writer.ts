import type { Expr } from '@millrace/core';

/** A call whose arguments have been written already. */
export interface WrittenCall {
  readonly call: Extract<Expr, { readonly kind: 'call' }>;
  /** The arguments as SQL, in order. */
  readonly args: readonly string[];
  /** Binds a further value and gives its placeholder. */
  readonly bind: (parameter: import('./sql-text.ts').BoundParameter) => string;
}

/** Writes a call as SQL; undefined where this one cannot be said. */
export type FunctionWriter = (written: WrittenCall) => string | undefined;
