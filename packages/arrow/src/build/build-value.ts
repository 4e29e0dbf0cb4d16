import type { LiteralLike } from '../read/row-value.ts';

/**
 * What a column builder accepts, by type; null and undefined are null everywhere.
 *
 * One rule holds for all: a *bigint is the stored integer* (the unscaled value of a decimal, the count in the unit of a
 * time, timestamp or duration), as in core's literals. The rest:
 *
 * - bool: boolean, or 0 and 1.
 * - int: whole number, bigint, or a string of digits; a number beyond 2^53 is refused, because it may be rounded already.
 * - float: number, a bigint that it holds exactly, or a numeric string (`NaN`, `Infinity`); rounds to the nearest.
 * - decimal: a decimal string, a number (by its shortest decimal text), or the unscaled bigint.
 * - utf8: string without lone surrogates. Binary: Uint8Array, ArrayBuffer, DataView; fixed-size binary of just that size.
 * - date: `YYYY-MM-DD`, days since 1970-01-01 as a number, or a Date at midnight UTC.
 * - time: `HH:MM[:SS[.fraction]]` or bigint. Duration: bigint.
 * - timestamp: ISO text, Date (milliseconds; its UTC clock where the column has no zone), or bigint. The text has an offset
 *   or `Z` exactly when the column has a zone. A plain number is refused: its unit would be a guess.
 * - interval: `{ months?, days?, nanoseconds? }`.
 * - list: array, typed array or Set. Struct: object by child names. Map: Map, array of `[key, value]`, or, with text keys,
 *   an object. Union: `{ tag, value }` with the child's name. Dictionary: a value of its value type.
 *
 * Whatever is out of range or would be rounded (floats apart) is refused. Members of an object that the type does not
 * name are left out.
 */
export type BuildValue =
  | LiteralLike
  | Date
  | ArrayBuffer
  | ArrayBufferView
  | ReadonlySet<BuildValue | null>
  | ReadonlyMap<BuildValue, BuildValue | null>
  | readonly (BuildValue | null | undefined)[]
  | { readonly [name: string]: BuildValue | null | undefined };
