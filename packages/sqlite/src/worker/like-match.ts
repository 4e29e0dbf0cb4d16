/**
 * Tells whether a text matches a LIKE pattern that is given as its literal pieces and wildcards, by characters, NUL among them.
 * SQLite's own LIKE and GLOB end at the first NUL of a text, so that texts with one are matched here.
 *
 * @param parts JSON: a text is literal, 0 is any run of characters, 1 any one character.
 */
export function likeMatch(text: string, parts: string): boolean {
  let expression = expressions.get(parts);
  if (expression === undefined) {
    const pieces = (JSON.parse(parts) as (string | 0 | 1)[]).map((part) =>
      part === 0 ? '.*' : part === 1 ? '.' : part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'),
    );
    expression = new RegExp(`^${pieces.join('')}$`, 'su');
    if (expressions.size >= 64) expressions.clear();
    expressions.set(parts, expression);
  }
  return expression.test(text);
}

const expressions = new Map<string, RegExp>();
