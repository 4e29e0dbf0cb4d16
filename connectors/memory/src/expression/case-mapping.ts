/** The simple lower-case mapping of one character (a code point). */
export function lowerCharacter(character: string): string {
  if (character < '\x80') return character.toLowerCase();
  return LOWER_EXCEPTIONS.get(character) ?? single(character.toLowerCase(), character);
}

/** The simple upper-case mapping of one character (a code point). */
export function upperCharacter(character: string): string {
  if (character < '\x80') return character.toUpperCase();
  return UPPER_EXCEPTIONS.get(character) ?? single(character.toUpperCase(), character);
}

const LOWER_EXCEPTIONS: ReadonlyMap<string, string> = new Map([]);
const UPPER_EXCEPTIONS: ReadonlyMap<string, string> = new Map([]);

/** A mapping to several characters is no simple mapping; the character then stays. */
function single(mapped: string, character: string): string {
  return [...mapped].length === 1 ? mapped : character;
}
