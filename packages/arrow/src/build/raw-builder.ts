import type { ColumnData } from '@millrace/core';

/**
 * Builds one column out of values that are not null.
 *
 * `append` throws a `Rejection` for a value that does not fit, after which the builder may be left half-way and must not
 * be used any further.
 */
export interface RawBuilder {
  readonly length: number;
  append(value: unknown): void;
  appendNull(): void;
  finish(): ColumnData;
}
