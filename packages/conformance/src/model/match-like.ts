import { ValueError } from './value-error.ts';

/**
 * LIKE as the vocabulary has it: `%` any run, `_` one code point, both across line ends, case matters; an empty escape means none.
 *
 * @throws ValueError for a pattern that ends with its escape.
 */
export function matchLike(text: string, pattern: string, escapeCharacter: string): boolean {
  const wanted = readPattern(pattern, escapeCharacter);
  const characters = [...text];
  // Row of the table of "the first j characters match the first i parts", kept for one i at a time.
  let matches = [true, ...characters.map(() => false)];
  for (const part of wanted) {
    const next = [part === 'run' && matches[0]!];
    for (let index = 1; index <= characters.length; index += 1) {
      if (part === 'run') next.push(matches[index]! || next[index - 1]!);
      else next.push(matches[index - 1]! && (part === 'one' || part.character === characters[index - 1]));
    }
    matches = next;
  }
  return matches[characters.length]!;
}

type PatternPart = 'run' | 'one' | { readonly character: string };

function readPattern(pattern: string, escapeCharacter: string): readonly PatternPart[] {
  const parts: PatternPart[] = [];
  const characters = [...pattern];
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index]!;
    if (character === escapeCharacter) {
      index += 1;
      const literal = characters[index];
      if (literal === undefined) throw new ValueError('the pattern ends with its escape');
      parts.push({ character: literal });
    } else parts.push(character === '%' ? 'run' : character === '_' ? 'one' : { character });
  }
  return parts;
}
