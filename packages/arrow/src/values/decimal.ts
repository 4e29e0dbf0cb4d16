import { reject } from './rejection.ts';

const DECIMAL_TEXT = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/**
 * An unscaled integer as the exact decimal text: `formatDecimal(-1250n, 2)` is `-12.50`.
 *
 * All digits of the scale are written; a negative scale appends zeros.
 */
export function formatDecimal(unscaled: bigint, scale: number): string {
  if (scale <= 0) return unscaled === 0n ? '0' : `${unscaled}${'0'.repeat(-scale)}`;
  const isNegative = unscaled < 0n;
  const digits = String(isNegative ? -unscaled : unscaled).padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${isNegative ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/**
 * The unscaled integer of a decimal text, exponents included; rejects a text with more digits behind the point than the
 * scale holds (trailing zeros do not count).
 */
export function parseDecimal(text: string, scale: number): bigint {
  const match = DECIMAL_TEXT.exec(text);
  const [, sign, whole = '', fraction = '', exponent = '0'] = match ?? [];
  const digits = whole + fraction;
  if (!match || digits === '') return reject('is not a decimal number');
  const shift = scale - fraction.length + Number(exponent);
  if (shift > 0) return applySign(sign, /^0*$/.test(digits) ? 0n : BigInt(digits + '0'.repeat(shift)));
  const kept = digits.length + shift;
  if (/[1-9]/.test(digits.slice(Math.max(kept, 0))))
    return reject('has more digits behind the point than the scale holds');
  return applySign(sign, kept > 0 ? BigInt(digits.slice(0, kept)) : 0n);
}

/** The unscaled integer at `row` of a column of little-endian two's complement words, 4 or 8 of 32 bits a value. */
export function readDecimal(words: Uint32Array, row: number, wordCount: number): bigint {
  const start = row * wordCount;
  const high = (words[start + wordCount - 1] ?? 0) | 0;
  const low = words[start] ?? 0;
  const next = words[start + 1] ?? 0;
  // Most decimals fit 53 bits, and a number becomes a bigint faster than four words are put together.
  if (isSignExtension(words, start, wordCount, high)) {
    const upper = next | 0;
    if (upper >= -0x200000 && upper < 0x200000) return BigInt(upper * 4_294_967_296 + low);
  }
  let value = BigInt(high);
  for (let word = wordCount - 2; word >= 0; word--) value = (value << 32n) | BigInt(words[start + word] ?? 0);
  return value;
}

/** Stores an unscaled integer where {@link readDecimal} finds it. The caller has checked that it fits. */
export function writeDecimal(words: Uint32Array, row: number, wordCount: number, unscaled: bigint): void {
  const start = row * wordCount;
  let rest = unscaled;
  for (let word = 0; word < wordCount; word++) {
    words[start + word] = Number(BigInt.asUintN(32, rest));
    rest >>= 32n;
  }
}

function isSignExtension(words: Uint32Array, start: number, wordCount: number, high: number): boolean {
  const fill = high < 0 ? 0xffffffff : 0;
  for (let word = 2; word < wordCount; word++) {
    if (words[start + word] !== fill) return false;
  }
  return high < 0 === ((words[start + 1] ?? 0) | 0) < 0;
}

function applySign(sign: string | undefined, magnitude: bigint): bigint {
  return sign === '-' ? -magnitude : magnitude;
}
