/** One token of SQL text; `end` is exclusive, both in UTF-16 units. Whitespace and comments are none. */
export interface SqlToken {
  readonly kind: 'word' | 'quoted_identifier' | 'string' | 'number' | 'parameter' | 'symbol';
  readonly start: number;
  readonly end: number;
}

/** The space characters of Unicode that DuckDB reads as spaces; other ones of JavaScript's are letters to it. */
const WIDE_SPACES = '\\u00a0\\u2000-\\u200b\\u202f\\u205f\\u2060\\u3000\\ufeff';
/** Everything beyond ASCII apart from those. */
const WIDE_LETTERS =
  '\\u0080-\\u009f\\u00a1-\\u1fff\\u200c-\\u202e\\u2030-\\u205e\\u2061-\\u2fff\\u3001-\\ufefe\\uff00-\\uffff';
const LETTERS = `A-Za-z_${WIDE_LETTERS}`;
const NAME = `[${LETTERS}][${LETTERS}0-9$]*`;

const WIDE_SPACE = new RegExp(`[${WIDE_SPACES}]`, 'g');
const SPACES = new RegExp(`[ \\t\\n\\r\\f${WIDE_SPACES}]+`, 'y');
const LINE_REST = /[^\r\n]*/y;
const BLOCK_EDGE = /\/\*|\*\//g;
const WORD = new RegExp(NAME, 'y');
const NUMBER = /(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9][0-9_]*)?/y;
const DOLLAR_TAG = new RegExp(`\\$(?:[${LETTERS}][${LETTERS}0-9]*)?\\$`, 'y');
const PARAMETER = new RegExp(`\\$(?:[0-9]+|${NAME})|\\?[0-9]*`, 'y');
/** Where a text in quotes goes on in another way: at the quote, and at a backslash where it escapes. */
const STOPS = { "'": /'/g, '"': /"/g, "e'": /['\\]/g } as const;

/**
 * Splits DuckDB's SQL into tokens, so that what stands in strings, comments and quoted names is never taken for something else.
 *
 * Knows `''`, `E''` with backslashes, strings continued on the next line, dollar quotes, nested block comments, `$` inside
 * names, and the Unicode spaces that DuckDB reads as spaces. Text that never ends (a string, a comment) is one token to
 * the end; telling that it is wrong is the parser's business.
 */
export function tokenizeSql(sql: string): readonly SqlToken[] {
  const tokens: SqlToken[] = [];
  let at = skipBlanks(sql, 0);
  while (at < sql.length) {
    const token = readToken(sql, at);
    tokens.push(token);
    at = skipBlanks(sql, token.end);
  }
  return tokens;
}

/**
 * Writes plain spaces for those of Unicode, outside strings and quoted names; nothing moves. DuckDB does the same with a scanner
 * that loses its way at quotes in comments and at `$`, where the spaces then become letters.
 */
export function withPlainSpaces(sql: string): string {
  if (sql.search(WIDE_SPACE) === -1) {
    return sql;
  }
  let text = '';
  let at = 0;
  for (const { start, end } of tokenizeSql(sql)) {
    text += sql.slice(at, start).replace(WIDE_SPACE, ' ') + sql.slice(start, end);
    at = end;
  }
  return text + sql.slice(at).replace(WIDE_SPACE, ' ');
}

function readToken(sql: string, start: number): SqlToken {
  const character = sql.charAt(start);
  if (character === "'") {
    return { kind: 'string', start, end: endOfString(sql, start, "'") };
  }
  if (character === '"') {
    return { kind: 'quoted_identifier', start, end: endOfQuoted(sql, start, '"') };
  }
  if (character === '$') {
    const tagEnd = match(DOLLAR_TAG, sql, start);
    if (tagEnd !== undefined) {
      const close = sql.indexOf(sql.slice(start, tagEnd), tagEnd);
      return { kind: 'string', start, end: close === -1 ? sql.length : close + tagEnd - start };
    }
  }
  if (character === '$' || character === '?') {
    const end = match(PARAMETER, sql, start);
    return end === undefined ? { kind: 'symbol', start, end: start + 1 } : { kind: 'parameter', start, end };
  }
  const number = match(NUMBER, sql, start);
  if (number !== undefined) {
    return { kind: 'number', start, end: number };
  }
  const word = match(WORD, sql, start);
  if (word === undefined) {
    return { kind: 'symbol', start, end: start + 1 };
  }
  return (character === 'e' || character === 'E') && word === start + 1 && sql.charAt(word) === "'"
    ? { kind: 'string', start, end: endOfString(sql, word, "e'") }
    : { kind: 'word', start, end: word };
}

/** A string goes on after a line break: `'a' ⏎ 'b'` is `'ab'`, and the second part is read as the first was. */
function endOfString(sql: string, start: number, quote: "'" | "e'"): number {
  let end = endOfQuoted(sql, start, quote);
  for (let next = startOfNextPart(sql, end); next !== undefined; next = startOfNextPart(sql, end)) {
    end = endOfQuoted(sql, next, quote);
  }
  return end;
}

function endOfQuoted(sql: string, start: number, quote: keyof typeof STOPS): number {
  const stop = STOPS[quote];
  stop.lastIndex = start + 1;
  for (let found = stop.exec(sql); found !== null; found = stop.exec(sql)) {
    const isDoubled = sql.charAt(found.index + 1) === found[0];
    if (found[0] !== '\\' && !isDoubled) {
      return stop.lastIndex;
    }
    stop.lastIndex = found.index + 2;
  }
  return sql.length;
}

/** Only spaces and line comments may stand between the parts, with a line break among them. */
function startOfNextPart(sql: string, end: number): number | undefined {
  const next = skipBlanks(sql, end, 'line_comments');
  return sql.charAt(next) === "'" && /[\r\n]/.test(sql.slice(end, next)) ? next : undefined;
}

function skipBlanks(sql: string, start: number, comments: 'all_comments' | 'line_comments' = 'all_comments'): number {
  let at = start;
  for (;;) {
    at = match(SPACES, sql, at) ?? at;
    if (sql.startsWith('--', at)) {
      at = match(LINE_REST, sql, at) ?? at;
    } else if (comments === 'all_comments' && sql.startsWith('/*', at)) {
      at = endOfBlockComment(sql, at);
    } else {
      return at;
    }
  }
}

function endOfBlockComment(sql: string, start: number): number {
  BLOCK_EDGE.lastIndex = start;
  let depth = 0;
  for (let edge = BLOCK_EDGE.exec(sql); edge !== null; edge = BLOCK_EDGE.exec(sql)) {
    depth += edge[0] === '/*' ? 1 : -1;
    if (depth === 0) {
      return BLOCK_EDGE.lastIndex;
    }
  }
  return sql.length;
}

function match(pattern: RegExp, sql: string, start: number): number | undefined {
  pattern.lastIndex = start;
  return pattern.test(sql) ? pattern.lastIndex : undefined;
}
