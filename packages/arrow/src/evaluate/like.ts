/** One `_` of a pattern: any single code point. */
const ANY_ONE = -1;

/**
 * Prepares a LIKE pattern: `%` is any run of characters, `_` is one code point, both also across line ends; case matters.
 *
 * The text between two `%` is searched for leftmost and never revisited, which is right because the earliest match of
 * a part leaves the most text for the parts behind it; so no pattern takes more than pattern × text steps.
 *
 * @param escapeCharacter one ASCII character that makes the next one literal, or an empty string for none.
 * @returns undefined for a pattern or escape that the engine refuses with an error.
 */
export function compileLike(pattern: string, escapeCharacter: string): ((text: string) => boolean) | undefined {
  if (escapeCharacter.length > 1 || escapeCharacter > '\x7f') return undefined;
  const parts = splitPattern(pattern, escapeCharacter);
  if (parts === undefined) return undefined;
  const first = parts[0]!;
  if (parts.length === 1) return (text) => matchAt(text, 0, first) === text.length;
  const last = parts[parts.length - 1]!;
  const middle = parts.slice(1, -1);
  return (text) => {
    let position = matchAt(text, 0, first);
    if (position < 0) return false;
    for (const part of middle) {
      position = findFrom(text, position, part);
      if (position < 0) return false;
    }
    const start = startOfTail(text, last.length);
    return start >= position && matchAt(text, start, last) === text.length;
  };
}

/** Cuts a pattern at each `%` into runs of code points; undefined when it ends with its escape. */
function splitPattern(pattern: string, escapeCharacter: string): readonly (readonly number[])[] | undefined {
  const parts: number[][] = [[]];
  const characters = [...pattern];
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index]!;
    const part = parts[parts.length - 1]!;
    if (character === escapeCharacter) {
      const next = characters[++index];
      if (next === undefined) return undefined;
      part.push(next.codePointAt(0)!);
    } else if (character === '%') parts.push([]);
    else part.push(character === '_' ? ANY_ONE : character.codePointAt(0)!);
  }
  return parts;
}

/** Where a run that starts at `position` ends, or -1. */
function matchAt(text: string, position: number, part: readonly number[]): number {
  let index = position;
  for (const wanted of part) {
    const found = text.codePointAt(index);
    if (found === undefined || (wanted !== ANY_ONE && wanted !== found)) return -1;
    index += found > 0xffff ? 2 : 1;
  }
  return index;
}

function findFrom(text: string, position: number, part: readonly number[]): number {
  for (let start = position; start <= text.length; start += stepAt(text, start)) {
    const end = matchAt(text, start, part);
    if (end >= 0) return end;
  }
  return -1;
}

/** Where the last `count` code points begin, or -1 when there are fewer. */
function startOfTail(text: string, count: number): number {
  let index = text.length;
  for (let left = count; left > 0; left--) {
    if (index === 0) return -1;
    index -= 1;
    const isLow = (text.charCodeAt(index) & 0xfc00) === 0xdc00;
    if (isLow && index > 0 && (text.charCodeAt(index - 1) & 0xfc00) === 0xd800) index -= 1;
  }
  return index;
}

function stepAt(text: string, index: number): number {
  return (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
}
