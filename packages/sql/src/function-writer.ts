import type { Expr } from '@millrace/core';
import type { BoundParameter } from './sql-text.ts';

/** A call whose arguments have been written already. */
export interface WrittenCall {
  /** A `like` comes with its pattern in a canonical form: its escape is one ASCII character, never empty, and used only where needed. */
  readonly call: Extract<Expr, { readonly kind: 'call' }>;
  /**
   * The arguments as SQL, in order. Values stand for placeholders that get their number at the end: an argument may be written in any
   * order, more than once, or not at all.
   */
  readonly args: readonly string[];
  /** Binds a further value and gives what stands for its placeholder. */
  readonly bind: (parameter: BoundParameter) => string;
}

/** Writes a call as SQL, in parentheses where it could bind more loosely than a function call; undefined where it cannot be said. */
export type FunctionWriter = (written: WrittenCall) => string | undefined;
