import type { IntervalValue, LiteralValue } from '@millrace/core';

/**
 * A value in the form of core's literals, nested types included.
 *
 * Lists are arrays, structs plain objects, maps arrays of `[key, value]`, a dictionary's value is the value itself, and
 * a union's is `{ tag, value }` with the name of its child.
 */
export type LiteralLike = LiteralValue | readonly LiteralLike[] | { readonly [name: string]: LiteralLike };

/**
 * A value as users see it; nothing is rounded.
 *
 * Integers of up to 32 bits and floats are numbers, 64-bit integers bigint, decimals exact strings with all digits of the
 * scale, dates `YYYY-MM-DD`, times `HH:MM:SS[.fraction]`, timestamps `YYYY-MM-DDTHH:MM:SS[.fraction]` with a `Z` when they
 * are instants, durations bigint in the column's unit, intervals `{ months, days, nanoseconds }`, binary a Uint8Array of
 * its own memory; lists arrays, structs objects, maps arrays of `[key, value]`, unions and dictionaries the value.
 */
export type RowValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | IntervalValue
  | readonly RowValue[]
  | { readonly [name: string]: RowValue };
