import { MillraceError, type SourceLocation } from '@millrace/core';

/** What a query may name; the last part of most refusals. */
export const REACHABLE = 'A query may name datasets, views and CTEs only';

/** Something that a statement may not do. `offset` counts UTF-16 units into `sql`. */
export interface Refusal {
  readonly message: string;
  readonly hint: string;
  readonly sql: string;
  readonly offset?: number | undefined;
}

/** The error of a statement that parses and is not allowed. */
export function refusedError({ message, hint, sql, offset }: Refusal): MillraceError {
  return new MillraceError({
    code: 'sql_refused',
    component: 'sql',
    message,
    hint,
    ...(offset === undefined ? {} : { location: locate(sql, offset) }),
  });
}

/** Line and column of an offset in a statement, under the name `query`. */
export function locate(sql: string, offset: number): SourceLocation {
  const before = sql.slice(0, offset).split(/\r\n|\r|\n/);
  return { file: 'query', line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

/** Turns a place counted in UTF-8 bytes into one counted in UTF-16 units. */
export function offsetOfByte(sql: string, byte: number): number {
  return Buffer.from(sql, 'utf8').subarray(0, byte).toString('utf8').length;
}

/** Turns a place counted in code points into one counted in UTF-16 units. */
export function offsetOfCodePoint(sql: string, codePoint: number): number {
  return Array.from(sql).slice(0, codePoint).join('').length;
}
