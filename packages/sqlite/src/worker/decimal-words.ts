import type { SqliteValue } from './protocol.ts';

interface DecimalShape {
  readonly precision: number;
  readonly scale: number;
}

/** Up to here a whole number and a power of ten are doubles of their own, so that one division decides. */
const SHORT_PRECISION = 15;

/** Stores a number as a 128-bit decimal, in four words from `start` on, low word first; false for a value that the decimal cannot hold. */
export type DecimalStore = (words: Uint32Array, start: number, value: NonNullable<SqliteValue>) => boolean;

/**
 * Creates the store of decimals of one shape.
 *
 * A real is taken for a decimal when that decimal is the one whose nearest double it is: 0.1 is 0.10, and 0.1 + 0.2 is nothing.
 */
export function createDecimalStore(shape: DecimalShape): DecimalStore {
  const unit = 10 ** shape.scale;
  const limit = 10 ** shape.precision;
  const isShort = shape.precision <= SHORT_PRECISION;
  return (words, start, value) => {
    if (typeof value !== 'number' || !isShort) return storeLong(words, start, value, shape);
    const unscaled = Math.round(value * unit);
    if (!(unscaled < limit && unscaled > -limit) || unscaled / unit !== value) return false;
    const high = Math.floor(unscaled / 4_294_967_296);
    words[start] = unscaled - high * 4_294_967_296;
    words[start + 1] = high;
    words[start + 2] = words[start + 3] = unscaled < 0 ? 0xffff_ffff : 0;
    return true;
  };
}

function storeLong(words: Uint32Array, start: number, value: NonNullable<SqliteValue>, shape: DecimalShape): boolean {
  const unscaled = toUnscaled(value, shape);
  if (unscaled === undefined) return false;
  let rest = BigInt.asUintN(128, unscaled);
  for (let word = 0; word < 4; word++) {
    words[start + word] = Number(rest & 0xffff_ffffn);
    rest >>= 32n;
  }
  return true;
}

function toUnscaled(value: NonNullable<SqliteValue>, { precision, scale }: DecimalShape): bigint | undefined {
  const limit = 10n ** BigInt(precision);
  const unscaled =
    typeof value === 'bigint'
      ? value * 10n ** BigInt(scale)
      : typeof value === 'number'
        ? ofReal(value, scale)
        : undefined;
  return unscaled !== undefined && unscaled < limit && unscaled > -limit ? unscaled : undefined;
}

function ofReal(value: number, scale: number): bigint | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (Math.abs(value) >= 1e21) return BigInt(value) * 10n ** BigInt(scale);
  const text = value.toFixed(scale);
  return Number(text) === value ? BigInt(text.replace('.', '')) : undefined;
}
