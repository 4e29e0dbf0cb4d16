/** One token of SQL text; `end` is exclusive, both in UTF-16 units. Whitespace and comments are none. */
export interface SqlToken {
  readonly kind: 'word' | 'quoted_identifier' | 'string' | 'number' | 'parameter' | 'symbol';
  readonly start: number;
  readonly end: number;
}

const WORD_START = 'A-Za-z_\\u0080-\\uffff';

/** Whitespace, the space characters of Unicode that DuckDB takes for it, and line comments. */
const BLANK = /(?:[\s\u200b-\u200d\u2060]+|--[^\r\n]*)+/y;
const BLOCK_EDGE = /\/\*|\*\//g;
const WORD = new RegExp(`[${WORD_START}](?:(?![\\s\\u200b-\\u200d\\u2060])[${WORD_START}0-9$])*`, 'y');
const NUMBER = /(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9][0-9_]*)?/y;
const PLAIN_STRING = /'(?:[^']|'')*'/y;
const ESCAPE_STRING = /'(?:[^'\\]|\\[\s\S]|'')*'/y;
const QUOTED = /"(?:[^"]|"")*"/y;
const DOLLAR_TAG = new RegExp(`\\$(?:[${WORD_START}][${WORD_START}0-9]*)?\\$`, 'y');
const PARAMETER = new RegExp(
  `\\$(?:[0-9]+|[${WORD_START}](?:(?![\\s\\u200b-\\u200d\\u2060])[${WORD_START}0-9$])*)|\\?[0-9]*`,
  'y',
);
/** A string goes on after a line break: `'a' ⏎ 'b'` is `'ab'`, and the second part is read as the first was. */
const CONTINUATION = /(?:[^\S\r\n]|--[^\r\n]*)*[\r\n](?:\s|--[^\r\n]*(?=[\r\n]))*(?=')/y;

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

function readToken(sql: string, start: number): SqlToken {
  const character = sql.charAt(start);
  if (character === "'") {
    return { kind: 'string', start, end: endOfString(sql, start, PLAIN_STRING) };
  }
  if (character === '"') {
    return { kind: 'quoted_identifier', start, end: match(QUOTED, sql, start) ?? sql.length };
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
    ? { kind: 'string', start, end: endOfString(sql, word, ESCAPE_STRING) }
    : { kind: 'word', start, end: word };
}

function endOfString(sql: string, start: number, pattern: RegExp): number {
  let end = match(pattern, sql, start) ?? sql.length;
  for (let next = match(CONTINUATION, sql, end); next !== undefined; next = match(CONTINUATION, sql, end)) {
    end = match(pattern, sql, next) ?? sql.length;
  }
  return end;
}

function skipBlanks(sql: string, start: number): number {
  let at = match(BLANK, sql, start) ?? start;
  while (sql.startsWith('/*', at)) {
    at = endOfBlockComment(sql, at);
    at = match(BLANK, sql, at) ?? at;
  }
  return at;
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
