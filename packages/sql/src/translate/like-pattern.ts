import type { Expr } from '@millrace/core';

/** One piece of a LIKE pattern: any run of characters, any one character, or a text that is meant literally. */
export type PatternPart =
  | { readonly kind: 'any_run' }
  | { readonly kind: 'any_one' }
  | { readonly kind: 'text'; readonly text: string };

/**
 * Reads a LIKE pattern as the engine does.
 *
 * @param escapeCharacter one ASCII character that makes the next one literal, or an empty string for none.
 * @returns undefined for what the engine refuses: a longer escape, a pattern that ends with its escape.
 */
export function readLikePattern(pattern: string, escapeCharacter: string): readonly PatternPart[] | undefined {
  if (escapeCharacter.length > 1 || escapeCharacter > '\x7f') return undefined;
  const parts: PatternPart[] = [];
  const characters = [...pattern];
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index]!;
    if (character === escapeCharacter) {
      const next = characters[++index];
      if (next === undefined) return undefined;
      addText(parts, next);
    } else if (character === '%') parts.push({ kind: 'any_run' });
    else if (character === '_') parts.push({ kind: 'any_one' });
    else addText(parts, character);
  }
  return parts;
}

function addText(parts: PatternPart[], text: string): void {
  const last = parts.at(-1);
  if (last?.kind === 'text') parts[parts.length - 1] = { kind: 'text', text: last.text + text };
  else parts.push({ kind: 'text', text });
}

/** Characters that no SQL gives a meaning in a pattern or in a one-character string. */
const ESCAPES = ['!', '#', '~', '|', '^', '@', '&', '$'] as const;

/**
 * Writes a pattern with an escape of one character which every SQL takes alike: sources disagree on the default, and on what an empty one
 * means. The escape stands only where it is needed.
 */
export function writeLikePattern(parts: readonly PatternPart[]): {
  readonly pattern: string;
  readonly escapeCharacter: string;
} {
  const text = parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
  const escapeCharacter = ESCAPES.find((character) => !text.includes(character)) ?? ESCAPES[0];
  const pattern = parts
    .map((part) => {
      if (part.kind !== 'text') return part.kind === 'any_run' ? '%' : '_';
      return part.text.replace(/[%_!]/g, (character) =>
        character === '!' && escapeCharacter !== '!' ? character : `${escapeCharacter}${character}`,
      );
    })
    .join('');
  return { pattern, escapeCharacter };
}

/** The parts of a `like` call whose pattern and escape are literal texts; undefined for any other. */
export function likePartsOf(call: Extract<Expr, { readonly kind: 'call' }>): readonly PatternPart[] | undefined {
  const [, pattern, escapeCharacter] = call.args;
  if (pattern?.kind !== 'literal' || typeof pattern.value !== 'string') return undefined;
  if (escapeCharacter?.kind !== 'literal' || typeof escapeCharacter.value !== 'string') return undefined;
  return readLikePattern(pattern.value, escapeCharacter.value);
}
