const MAX_DIGITS = 15;
const ZERO = 48;
const POINT = 46;
const MINUS = 45;

/**
 * The unscaled integer of a plain decimal text as a number, or undefined where `parseDecimal` has to look: other forms,
 * and more digits than a number holds exactly.
 *
 * Nearly all decimals that databases send are of this kind, and take a tenth of the time without a bigint.
 */
export function parseShortDecimal(text: string, scale: number): number | undefined {
  const isNegative = text.charCodeAt(0) === MINUS;
  let digits = 0;
  let point = -1;
  let unscaled = 0;
  for (let index = isNegative ? 1 : 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === POINT && point < 0) {
      point = digits;
      continue;
    }
    const digit = code - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    unscaled = unscaled * 10 + digit;
    digits++;
  }
  const missing = scale - (point < 0 ? 0 : digits - point);
  if (digits === 0 || missing < 0 || digits + missing > MAX_DIGITS) return undefined;
  for (let zero = 0; zero < missing; zero++) unscaled *= 10;
  return isNegative ? -unscaled : unscaled;
}

/** Stores a whole number below 2^53 as little-endian two's complement words, from element `start` on. */
export function writeShortDecimal(words: Uint32Array, start: number, wordCount: number, unscaled: number): void {
  words[start] = unscaled >>> 0;
  words[start + 1] = Math.floor(unscaled / 4_294_967_296);
  if (unscaled < 0) words.fill(0xffffffff, start + 2, start + wordCount);
}
