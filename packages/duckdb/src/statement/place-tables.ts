import { isDeepStrictEqual } from 'node:util';
import type { TableName } from '../plan/planned-query.ts';
import { asciiLowerCase } from './ascii-lower-case.ts';
import { quoteIdentifier } from './quote-identifier.ts';
import { offsetOfByte, refusedError } from './refusal.ts';
import { type SqlToken, tokenizeSql } from './sql-token.ts';
import { asItems, asNode, type SyntaxNode, textOf } from './syntax-tree.ts';

/** A table's name in a statement, with the catalog where one is written. */
export interface WrittenTable extends TableName {
  readonly catalog?: string;
}

/** Says in which schema a table stands that is written with a schema or catalog in front; undefined leaves the name as it is. */
export type PlaceTable = (written: WrittenTable) => string | undefined;

/** A statement whose tables stand in other schemas than were written. */
export interface PlacedStatement {
  readonly sql: string;
  readonly query: SyntaxNode;
  /** The schemas that were put in. */
  readonly schemas: ReadonlySet<string>;
}

/** A reference that gets another schema, and the spellings by which columns name it. */
interface PlacedTable {
  readonly schemaName: string;
  /** Lower-case parts in front of a column: with everything that was written, and with the last two parts. */
  readonly prefixes: readonly (readonly string[])[];
}

/** Names at one place of the text: the first `count` parts become `parts`. */
interface Edit {
  readonly byte: number;
  readonly count: number;
  readonly schemaName: string;
}

/**
 * Writes other schemas in front of the tables that `place` knows, so that a statement with three-part names runs in one catalog.
 * Only the qualifiers change; the text around them, comments and literals included, stays.
 *
 * The new text is proven: it is parsed again, and its tree has to be the old one with those names replaced and nothing else.
 *
 * @throws MillraceError `sql_refused` where the names cannot be replaced in the text.
 */
export async function placeTables(
  sql: string,
  query: SyntaxNode,
  request: { readonly place: PlaceTable; readonly parse: (sql: string) => Promise<SyntaxNode> },
): Promise<PlacedStatement> {
  const tables = findPlaced(query, request.place);
  if (tables.length === 0) return { sql, query, schemas: new Set() };
  const edits: Edit[] = [];
  const expected = replaceNames(query, { place: request.place, tables, edits });
  const text = applyEdits(sql, edits);
  const placed = await request.parse(text);
  if (!isDeepStrictEqual(withoutLocations(placed), withoutLocations(expected))) throw unreadable(sql);
  return { sql: text, query: placed, schemas: new Set(tables.map(({ schemaName }) => schemaName)) };
}

function findPlaced(query: SyntaxNode, place: PlaceTable): readonly PlacedTable[] {
  const tables: PlacedTable[] = [];
  const pending: unknown[] = [query];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    const node = asNode(value);
    const written = node && writtenTable(node);
    const schemaName = written && place(written);
    if (written && schemaName !== undefined) tables.push(toPlacedTable(written, schemaName, node));
    pending.push(...Object.values(value));
  }
  return tables;
}

/** Columns name a table that has an alias by that alias alone. */
function toPlacedTable(written: WrittenTable, schemaName: string, node: SyntaxNode): PlacedTable {
  if (textOf(node, 'alias') !== undefined) return { schemaName, prefixes: [] };
  const full = partsOf(written);
  return { schemaName, prefixes: full.length > 2 ? [full, full.slice(-2)] : [full] };
}

function partsOf({ catalog, schemaName, table }: WrittenTable): readonly string[] {
  return [catalog, schemaName, table].filter((part) => part !== undefined).map(asciiLowerCase);
}

/** The name of a table reference that has at least two parts. */
function writtenTable(node: SyntaxNode): WrittenTable | undefined {
  const schemaName = textOf(node, 'schema_name');
  if (node.type !== 'BASE_TABLE' || schemaName === undefined) return undefined;
  const catalog = textOf(node, 'catalog_name');
  return { ...(catalog === undefined ? {} : { catalog }), schemaName, table: textOf(node, 'table_name') ?? '' };
}

interface Replacement {
  readonly place: PlaceTable;
  readonly tables: readonly PlacedTable[];
  /** Takes up where the text has to change. */
  readonly edits: Edit[];
}

/** A copy of the tree with the names replaced. A stack of its own, as a tree can be deeper than the machine's. */
function replaceNames(query: SyntaxNode, replacement: Replacement): SyntaxNode {
  const root: { query?: unknown } = {};
  const pending: { readonly value: unknown; readonly target: object; readonly key: string | number }[] = [
    { value: query, target: root, key: 'query' },
  ];
  for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
    const node = asNode(step.value);
    const replaced = node ? replaceName(node, replacement) : step.value;
    if (typeof replaced !== 'object' || replaced === null) {
      Reflect.set(step.target, step.key, replaced);
      continue;
    }
    const copy: object = Array.isArray(replaced) ? [] : {};
    Reflect.set(step.target, step.key, copy);
    for (const [key, value] of Object.entries(replaced)) pending.push({ value, target: copy, key });
  }
  return asNode(root.query) ?? {};
}

function replaceName(node: SyntaxNode, { place, tables, edits }: Replacement): SyntaxNode {
  if (node.class === 'COLUMN_REF') return replaceColumn(node, tables, edits);
  const written = writtenTable(node);
  const schemaName = written && place(written);
  if (written === undefined || schemaName === undefined) return node;
  edits.push({ byte: locationOf(node), count: written.catalog === undefined ? 1 : 2, schemaName });
  const { catalog_name: _, ...rest } = node;
  return { ...rest, schema_name: schemaName };
}

function replaceColumn(node: SyntaxNode, tables: readonly PlacedTable[], edits: Edit[]): SyntaxNode {
  const names = asItems(node.column_names).map(String);
  for (const { schemaName, prefixes } of tables) {
    const prefix = prefixes.find((parts) => startsWith(names, parts));
    if (prefix === undefined) continue;
    edits.push({ byte: locationOf(node), count: prefix.length - 1, schemaName });
    return { ...node, column_names: [schemaName, ...names.slice(prefix.length - 1)] };
  }
  return node;
}

function startsWith(names: readonly string[], parts: readonly string[]): boolean {
  return names.length >= parts.length && parts.every((part, index) => asciiLowerCase(names[index] ?? '') === part);
}

/** Bytes in front of the node; DuckDB writes the greatest 64-bit number where it does not know. */
function locationOf(node: SyntaxNode): number {
  return Number.isSafeInteger(node.query_location) ? Number(node.query_location) : Number.NaN;
}

function applyEdits(sql: string, edits: readonly Edit[]): string {
  const tokens = tokenizeSql(sql);
  const sorted = edits
    .map((edit) => ({ ...edit, start: Number.isNaN(edit.byte) ? -1 : offsetOfByte(sql, edit.byte) }))
    .sort((left, right) => left.start - right.start);
  let text = '';
  let at = 0;
  for (const { start, count, schemaName } of sorted) {
    const end = endOfParts(sql, tokens, { start, count });
    if (end === undefined || start < at) throw unreadable(sql);
    text += sql.slice(at, start) + quoteIdentifier(schemaName);
    at = end;
  }
  return text + sql.slice(at);
}

/** Where `count` names with points between them end; undefined where the text has something else. */
function endOfParts(
  sql: string,
  tokens: readonly SqlToken[],
  { start, count }: { readonly start: number; readonly count: number },
): number | undefined {
  const first = tokens.findIndex((token) => token.start === start);
  if (first < 0) return undefined;
  const parts = tokens.slice(first, first + 2 * count - 1);
  const isName = parts.every((token, index) =>
    index % 2 === 0
      ? token.kind === 'word' || token.kind === 'quoted_identifier'
      : token.kind === 'symbol' && sql.charAt(token.start) === '.',
  );
  return isName ? parts.at(-1)?.end : undefined;
}

function unreadable(sql: string): Error {
  return refusedError({
    sql,
    message: 'the names of its tables cannot be told apart from the text around them',
    hint: 'Give the tables aliases, and name the columns by those',
  });
}

function withoutLocations(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, member: unknown) => (key === 'query_location' ? undefined : member)));
}
