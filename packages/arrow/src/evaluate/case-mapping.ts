/** Ranges of code points that got a case after Unicode 15, which is what the engine knows; both ends inclusive. */
const NEWER_CASES: readonly (readonly [number, number])[] = [
  [0x019b, 0x019b],
  [0x0264, 0x0264],
  [0x1c89, 0x1c8a],
  [0xa7cb, 0xa7cf],
  [0xa7d2, 0xa7d5],
  [0xa7da, 0xa7dd],
  [0x10d50, 0x10d85],
  [0x16ea0, 0x16ed3],
];

const LAST_ASCII = '\x7f';

/** The simple lower-case mapping of one character (a code point), in no locale. Source: the engine's own, over every code point. */
export function lowerCharacter(character: string): string {
  if (character <= LAST_ASCII) return character.toLowerCase();
  // The simple mapping drops the dot that the full one keeps as a combining character.
  if (character === '\u0130') return 'i';
  return mapSimply(character, character.toLowerCase());
}

/** The simple upper-case mapping of one character (a code point), in no locale. Source: the engine's own, over every code point. */
export function upperCharacter(character: string): string {
  if (character <= LAST_ASCII) return character.toUpperCase();
  if (character === '\u00df') return '\u1e9e';
  const code = character.charCodeAt(0);
  if (character.length === 1 && code >= 0x1f80 && code <= 0x1ff3) {
    // Greek letters with iota subscript: one capital here, two characters in the full mapping.
    if (code <= 0x1fa7 && (code & 0xf) <= 7) return String.fromCharCode(code + 8);
    if (code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3) return String.fromCharCode(code + 9);
  }
  return mapSimply(character, character.toUpperCase());
}

/** A mapping to several characters is no simple one, and one that is newer than the engine's is unknown to it: the character stays. */
function mapSimply(character: string, mapped: string): string {
  if (mapped === character || [...mapped].length > 1) return character;
  const code = character.codePointAt(0)!;
  return NEWER_CASES.some(([first, last]) => code >= first && code <= last) ? character : mapped;
}
