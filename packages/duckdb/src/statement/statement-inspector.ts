import { isDeepStrictEqual } from 'node:util';
import { MillraceError } from '@millrace/core';
import { asciiLowerCase } from './ascii-lower-case.ts';
import { distinctParameters, findParameters, type ParameterUse, parameterKey } from './parameter-use.ts';
import { type PlaceTable, placeTables } from './place-tables.ts';
import { refusedError } from './refusal.ts';
import { describedQuery, shownTables, showReference } from './show-statement.ts';
import { readSimpleSelect } from './simple-select.ts';
import { type SqlToken, tokenizeSql, withPlainSpaces } from './sql-token.ts';
import type { StatementInfo, StatementText } from './statement-info.ts';
import { type ParsedText, StatementParser } from './statement-parser.ts';
import { verbRefusal, wordOf } from './statement-verbs.ts';
import { asNode, type SyntaxNode } from './syntax-tree.ts';
import { checkTree } from './tree-checker.ts';

/**
 * Checks users' SQL before anything of it is bound or run, since binding alone already opens a file.
 *
 * Calls may overlap. A simple statement takes about 0.3 ms.
 */
export interface StatementInspector extends AsyncDisposable {
  /**
   * Says what a statement is and which tables it reaches.
   *
   * @throws MillraceError `sql_syntax` when it does not parse, `sql_refused` when it is more than one statement, no query, or reaches
   * anything but tables by name and functions that only compute; both with line and column. `place` puts tables that are written
   * with a schema or catalog into schemas of one catalog: `sql` and `tables` of the answer then name those.
   */
  inspect(sql: string, place?: PlaceTable): Promise<StatementInfo>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** How an inspector is made. */
export interface StatementInspectorOptions {
  /** Of its instance, for example `64MiB`; default that of DuckDB, 80 % of the machine's memory. */
  readonly memoryLimit?: string | undefined;
}

/** Opens an inspector with a small DuckDB instance of its own, which can reach nothing; the caller closes it. */
export async function createStatementInspector(options: StatementInspectorOptions = {}): Promise<StatementInspector> {
  const parser = await StatementParser.open(options.memoryLimit);
  return {
    inspect: (sql, place) => inspect({ parser, place }, sql),
    close: () => parser.close(),
    [Symbol.asyncDispose]: () => parser.close(),
  };
}

/** What a statement is inspected with. */
interface Inspection {
  readonly parser: StatementParser;
  readonly place: PlaceTable | undefined;
}

async function inspect(inspection: Inspection, given: string): Promise<StatementInfo> {
  if (given.includes('\0')) {
    throw refusedError({
      sql: given,
      message: 'the statement contains a NUL character',
      hint: 'Remove it, or write chr(0)',
      offset: given.indexOf('\0'),
    });
  }
  const text = withPlainSpaces(given);
  const tokens = withoutTerminator(text, tokenizeSql(text));
  const last = tokens.at(-1);
  if (last === undefined) {
    throw new MillraceError({ code: 'sql_syntax', component: 'sql', message: 'the statement is empty' });
  }
  const sql = text.slice(0, last.end);
  const [first] = tokens;
  return first !== undefined && isWord(sql, first, 'explain')
    ? inspectExplain(inspection, sql, tokens)
    : inspectQuery(inspection, sql, tokens);
}

/** EXPLAIN is not serialized; what stands behind it is checked as a statement of its own, at the same place. */
async function inspectExplain(
  inspection: Inspection,
  sql: string,
  [explain, next, option, ...rest]: readonly SqlToken[],
): Promise<StatementInfo> {
  const hasOptions =
    isWord(sql, next, 'analyze') ||
    (next?.kind === 'symbol' && (isWord(sql, option, 'format') || isWord(sql, option, 'analyze')));
  if (explain === undefined || next === undefined || hasOptions) {
    throw refusedError({
      sql,
      message: 'EXPLAIN takes a query and no options',
      hint: 'Write EXPLAIN SELECT …',
      offset: explain?.start,
    });
  }
  const behind = [next, ...(option === undefined ? [] : [option]), ...rest];
  const info = await inspectQuery(
    inspection,
    sql.slice(0, explain.start) + ' '.repeat(7) + sql.slice(explain.end),
    behind,
  );
  if (info.kind !== 'query') {
    throw refusedError({ sql, message: 'only a query can be explained', hint: 'Write EXPLAIN SELECT …', offset: 0 });
  }
  return { ...info, kind: 'explain', sql: info.sql.trimStart() };
}

async function inspectQuery(
  { parser, place }: Inspection,
  written: string,
  tokens: readonly SqlToken[],
): Promise<StatementInfo> {
  const found = onlyQuery(written, tokens, await parser.parse(written));
  const parse = async (text: string) => onlyQuery(text, tokenizeSql(text), await parser.parse(text));
  const { sql, query, schemas } = place
    ? await placeTables(written, found, { place, parse })
    : { sql: written, query: found, schemas: new Set<string>() };
  const show = showReference(query);
  if (show === undefined || show.show_type === 'SUMMARY') {
    const text = checkedText(sql, query, schemas);
    const simple = text.isVolatile ? undefined : readSimpleSelect(query);
    return { kind: 'query', ...text, ...(simple === undefined ? {} : { simple }) };
  }
  const described = asNode(show.query);
  if (show.show_type !== 'DESCRIBE' || described === undefined) {
    return {
      kind: 'show_tables',
      sql,
      tables: [],
      parameters: [],
      limits: 'none',
      hasJoin: false,
      isVolatile: false,
      ...shownTables(sql, show, place),
    };
  }
  const reach = checkedText(sql, described, schemas);
  return { kind: 'describe', ...reach, sql: await describedText(parser, sql, described) };
}

/** The text of the query that DESCRIBE asks about, proven to parse to what was checked. */
async function describedText(parser: StatementParser, sql: string, described: SyntaxNode): Promise<string> {
  const text = describedQuery(sql);
  const query = onlyQuery(text, tokenizeSql(text), await parser.parse(text));
  if (!isDeepStrictEqual(withoutLocations(query), withoutLocations(described))) {
    throw refusedError({ sql, message: 'what DESCRIBE asks about cannot be read', hint: 'Write DESCRIBE SELECT …' });
  }
  return text;
}

function onlyQuery(sql: string, tokens: readonly SqlToken[], parsed: ParsedText): SyntaxNode {
  const semicolon = tokens.find((token) => token.kind === 'symbol' && sql.charAt(token.start) === ';');
  const count = parsed.kind === 'statements' ? parsed.statements.length : 1;
  if (semicolon !== undefined || count > 1) {
    throw refusedError({
      sql,
      message: 'there is more than one statement',
      hint: 'Run one statement at a time',
      offset: semicolon?.start,
    });
  }
  if (parsed.kind === 'not_select') {
    findParameters(sql);
    throw refusedError({ sql, ...verbRefusal(sql, tokens) });
  }
  const [query] = parsed.statements;
  if (query === undefined) {
    throw new MillraceError({ code: 'sql_syntax', component: 'sql', message: 'the statement is empty' });
  }
  return query;
}

function checkedText(sql: string, query: SyntaxNode, placedSchemas: ReadonlySet<string>): StatementText {
  const { parameters, ...reach } = checkTree(sql, query, placedSchemas);
  return { sql, ...reach, parameters: checkedParameters(sql, parameters) };
}

/** The parameters of the text, which must be those that the parser found: values are put in by place. */
function checkedParameters(sql: string, parsed: ReadonlySet<string>): readonly ParameterUse[] {
  const found = distinctParameters(findParameters(sql));
  const keys = new Set(found.map((parameter) => asciiLowerCase(parameterKey(parameter))));
  if (keys.size !== parsed.size || [...keys].some((key) => !parsed.has(key))) {
    throw refusedError({
      sql,
      message: 'the parameters of the statement cannot be told apart from the text around them',
      hint: 'Put spaces around them',
    });
  }
  return found;
}

function withoutTerminator(sql: string, tokens: readonly SqlToken[]): readonly SqlToken[] {
  const end = tokens.findLastIndex((token) => !(token.kind === 'symbol' && sql.charAt(token.start) === ';'));
  return tokens.slice(0, end + 1);
}

function isWord(sql: string, token: SqlToken | undefined, word: string): boolean {
  return token?.kind === 'word' && wordOf(sql, token) === word;
}

function withoutLocations(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, member: unknown) => (key === 'query_location' ? undefined : member)));
}
