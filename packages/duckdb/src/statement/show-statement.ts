import type { PlaceTable } from './place-tables.ts';
import { refusedError } from './refusal.ts';
import { type SqlToken, tokenizeSql } from './sql-token.ts';
import { wordOf } from './statement-verbs.ts';
import { asItems, asNode, type SyntaxNode, textOf } from './syntax-tree.ts';

const QUERY_STARTS: ReadonlySet<string> = new Set(['from', 'select', 'table', 'values', 'with']);

/** DESCRIBE, SHOW or SUMMARIZE as DuckDB parses it: a `SELECT *` from a special table reference. Undefined for anything else. */
export function showReference(query: SyntaxNode): SyntaxNode | undefined {
  const from = asNode(query.from_table);
  const star = asNode(asItems(query.select_list)[0]);
  const isBare =
    query.modifiers === undefined &&
    query.where_clause === undefined &&
    query.cte_map === undefined &&
    asItems(query.select_list).length === 1 &&
    star?.class === 'STAR';
  return from?.type === 'SHOW_REF' && isBare ? from : undefined;
}

/**
 * The tables that SHOW TABLES, SHOW ALL TABLES or SHOW TABLES FROM asks for.
 *
 * @throws MillraceError `sql_refused` for what is not about tables.
 */
export function shownTables(
  sql: string,
  show: SyntaxNode,
  place?: PlaceTable,
): { readonly detail: 'names' | 'columns'; readonly schemaName?: string; readonly catalogName?: string } {
  const schemaName = textOf(show, 'schema_name');
  const catalogName = textOf(show, 'catalog_name');
  if (show.show_type === 'SHOW_FROM' && schemaName !== undefined) {
    if (catalogName === undefined) return { detail: 'names', schemaName };
    const isKnown = place?.({ catalog: catalogName, schemaName, table: '' }) !== undefined;
    if (isKnown) return { detail: 'names', schemaName, catalogName };
  }
  switch (textOf(show, 'table_name')) {
    case '"tables"':
      return { detail: 'names' };
    case '__show_tables_expanded':
      return { detail: 'columns' };
    default:
      throw refusedError({
        sql,
        message: 'SHOW answers TABLES, ALL TABLES, TABLES FROM a schema, and the name of a table',
        hint: 'Use SHOW TABLES',
        offset: 0,
      });
  }
}

/** The query whose columns DESCRIBE or SHOW asks for: the text behind the word, with FROM in front of a bare name. */
export function describedQuery(sql: string): string {
  const [verb, first] = tokenizeSql(sql);
  const rest = sql.slice(verb?.end ?? 0).trimStart();
  return first !== undefined && startsQuery(sql, first) ? rest : `FROM ${rest}`;
}

function startsQuery(sql: string, token: SqlToken): boolean {
  return token.kind === 'word' ? QUERY_STARTS.has(wordOf(sql, token)) : sql.charAt(token.start) === '(';
}
