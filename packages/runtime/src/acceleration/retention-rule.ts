import type { Expr } from '@millrace/core';
import type { RetentionConfig } from '../config/index.ts';
import { olderThan } from './refresh-window.ts';
import type { TimeColumn } from './time-column.ts';

/** The rows that retention removes at one moment. */
export interface RetentionRule {
  /** A condition in SQL; a row goes for which it is TRUE. */
  readonly where: string;
  /** The same as an expression, where it can be one. */
  readonly filter?: Expr;
}

/** The rule at an instant: rows older than the period, and those of the user's condition. */
export function toRetentionRule(
  { periodMs, condition }: RetentionConfig,
  column: TimeColumn | undefined,
  nowMs: number,
): RetentionRule {
  const old = periodMs === undefined || !column ? undefined : olderThan(column, nowMs - periodMs);
  if (condition === undefined) return old ?? { where: 'false' };
  // A comment at the end of the condition ends with the line.
  const own = `(${condition}\n)`;
  return { where: old ? `${old.where} OR ${own}` : own };
}

/** The rows that stay, in SQL. */
export function toRetained({ where }: RetentionRule): string {
  return `NOT coalesce((${where}), false)`;
}
