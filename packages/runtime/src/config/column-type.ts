const TOKEN = /\s+|[A-Za-z_]\w*|\d+|[,()[\]]|"(?:[^"]|"")*"|'(?:[^']|'')*'/y;
const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']' };

/**
 * Tells whether a text has the form of a type in SQL: words, numbers, quoted names and labels, balanced brackets.
 * Whether the type exists is for the engine to say; here nothing passes that could end the type and begin another
 * statement.
 */
export function isColumnTypeText(text: string): boolean {
  const open: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined) return false;
    if (CLOSING[token]) open.push(CLOSING[token]);
    else if ((token === ')' || token === ']') && open.pop() !== token) return false;
  }
  return open.length === 0 && /^\s*["A-Za-z_]/.test(text);
}
