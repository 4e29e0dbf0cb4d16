/**
 * Tells whether a text matches a pattern: `*` stands for any characters, points included, `?` for exactly one; everything else for
 * itself, case included. Linear in the text for each `*`, whatever the pattern.
 */
export function matchesPattern(text: string, pattern: string): boolean {
  const characters = Array.from(text);
  const parts = Array.from(pattern);
  let at = 0;
  let part = 0;
  let star: { readonly part: number; at: number } | undefined;
  while (at < characters.length) {
    if (parts[part] === '*') {
      star = { part, at };
      part += 1;
    } else if (parts[part] === '?' || parts[part] === characters[at]) {
      at += 1;
      part += 1;
    } else if (star) {
      // The last `*` takes one character more.
      star.at += 1;
      at = star.at;
      part = star.part + 1;
    } else return false;
  }
  return parts.slice(part).every((rest) => rest === '*');
}

/** Tells whether a text that begins so could match; used to leave out whole namespaces. */
export function canBegin(start: string, pattern: string): boolean {
  const wildcard = pattern.search(/[*?]/);
  const literal = wildcard < 0 ? pattern : pattern.slice(0, wildcard);
  return literal.startsWith(start) || start.startsWith(literal);
}
