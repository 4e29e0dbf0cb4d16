import { MillraceError } from './error.ts';

const DURATION_UNITS: ReadonlyMap<string, number> = new Map([
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
]);

const BYTE_UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ...['k', 'm', 'g', 't'].flatMap((letter, index): [string, number][] => [
    [`${letter}b`, 1000 ** (index + 1)],
    [`${letter}ib`, 1024 ** (index + 1)],
  ]),
]);

/**
 * Reads a duration into milliseconds: a number and a unit (`ms`, `s`, `m`, `h`, `d`, `w`), or several from the largest
 * unit to the smallest: `500ms`, `1.5s`, `1h30m`. Without a unit, negative, or finer than a millisecond is an error.
 *
 * @throws MillraceError `invalid_argument`; the message never repeats the text.
 */
export function parseDuration(text: string): number {
  const value = readDuration(text);
  if (value !== undefined) return value;
  throw new MillraceError({
    code: 'invalid_argument',
    component: 'duration',
    message: `the text is not ${DURATION_FORM}`,
  });
}

/**
 * Reads a size into bytes: a number with an optional unit, `KB`, `MB`, `GB`, `TB` in steps of 1000 or `KiB`, `MiB`, `GiB`,
 * `TiB` in steps of 1024, in any case: `512`, `64KiB`, `1.5 GB`. Negative or not a whole number of bytes is an error.
 *
 * @throws MillraceError `invalid_argument`; the message never repeats the text.
 */
export function parseBytes(text: string): number {
  const value = readBytes(text);
  if (value !== undefined) return value;
  throw new MillraceError({ code: 'invalid_argument', component: 'size', message: `the text is not ${BYTES_FORM}` });
}

/** What a duration looks like, for messages. */
export const DURATION_FORM = 'a number with a unit (ms, s, m, h, d, w), such as 500ms, 10s or 1h30m';
/** What a size looks like, for messages. */
export const BYTES_FORM = 'a size in bytes, such as 512, 64KiB or 1MB';

/** As {@link parseDuration}, with undefined in place of the error. */
export function readDuration(text: string): number | undefined {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)\s*(ms|[smhdw])\s*/gy)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text.trim()) return undefined;
  let total = 0;
  let previousUnit = Number.POSITIVE_INFINITY;
  for (const [, amount, name] of parts) {
    const unit = DURATION_UNITS.get(name!)!;
    if (unit >= previousUnit) return undefined;
    previousUnit = unit;
    total += Number(amount) * unit;
  }
  return wholeNumber(total);
}

/** As {@link parseBytes}, with undefined in place of the error. */
export function readBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = match === null ? undefined : BYTE_UNITS.get(match[2]!.toLowerCase());
  return unit === undefined ? undefined : wholeNumber(Number(match![1]) * unit);
}

/** Absorbs the rounding of binary fractions (`0.29s` is 289.99999999999994 ms) and nothing more. */
function wholeNumber(value: number): number | undefined {
  const rounded = Math.round(value);
  return Number.isSafeInteger(rounded) && Math.abs(value - rounded) < 1e-6 ? rounded : undefined;
}
