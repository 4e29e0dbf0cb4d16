import { MillraceError } from '@millrace/core';
import type { TableName } from '../plan/planned-query.ts';

/**
 * Quotes one identifier for DuckDB's SQL, whatever it contains.
 *
 * @throws MillraceError `invalid_argument` for an empty name and for one with a NUL character, which SQL text cannot hold.
 */
export function quoteIdentifier(name: string): string {
  if (name === '' || name.includes('\0')) {
    throw new MillraceError({
      code: 'invalid_argument',
      component: 'sql',
      message: name === '' ? 'a name is empty' : 'a name contains a NUL character',
      hint: 'Give it another name',
    });
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a table's name with its schema, and with a catalog in front where one is given. No schema name means `main`. */
export function quoteTableName(name: TableName, catalog?: string): string {
  const parts = [name.schemaName ?? 'main', name.table];
  return (catalog === undefined ? parts : [catalog, ...parts]).map(quoteIdentifier).join('.');
}
