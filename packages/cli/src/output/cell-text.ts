import { wcswidth } from 'simple-wcswidth';

const CONTROL = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const ELLIPSIS = '…';

/** Longer texts are cut before anything else looks at them. */
const MAX_LENGTH = 2_000;

/** Text that stays on its line and cannot steer the terminal: control characters are written as escapes. */
export function toVisible(text: string): string {
  const cut = text.length > MAX_LENGTH ? text.slice(0, MAX_LENGTH) + ELLIPSIS : text;
  return cut.replace(CONTROL, (character) => SHORT[character] ?? `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** How many terminal cells a visible text takes. */
export function widthOf(text: string): number {
  return wcswidth(text);
}

/** Cuts a visible text to a width in terminal cells; what is cut ends in `…`. */
export function truncate(text: string, width: number): string {
  if (text.length <= width && widthOf(text) <= width) return text;
  if (widthOf(text) <= width) return text;
  let cut = '';
  let taken = 0;
  for (const character of text) {
    const more = widthOf(character);
    if (taken + more > width - 1) break;
    cut += character;
    taken += more;
  }
  return cut + ELLIPSIS;
}
