import { MillraceError } from '@millrace/core';

/** A table of a database file. */
export interface TableName {
  readonly schemaName: string;
  readonly table: string;
}

/**
 * Reads what stands behind `duckdb:`: `orders`, `sales.orders`, or `shop.sales.orders` with the file's own name in front. Parts with a dot
 * in them are put in double quotes.
 *
 * @throws MillraceError `invalid_argument` for anything else.
 */
export function parseTableName(
  path: string,
  { fileName, component }: { fileName: string; component: string },
): TableName {
  const parts = Array.from(path.matchAll(/(?:^|\.)(?:"((?:[^"]|"")*)"|([^".]+))/gy), (match) => ({
    text: match[0],
    name: match[1]?.replaceAll('""', '"') ?? match[2]!,
  }));
  const names = parts.map(({ name }) => name);
  if (names.length === 3 && names[0] === fileName) names.shift();
  const [first, second] = names;
  const isRead = parts.map(({ text }) => text).join('') === path && !path.startsWith('.');
  if (isRead && names.every((name) => name !== '')) {
    if (names.length === 1) return { schemaName: 'main', table: first! };
    if (names.length === 2) return { schemaName: first!, table: second! };
  }
  throw new MillraceError({
    code: 'invalid_argument',
    component,
    connector: 'duckdb',
    message: 'what stands behind duckdb: is not the name of a table',
    hint: 'Write duckdb:table or duckdb:schema.table, with double quotes around a name that has a dot in it',
  });
}
