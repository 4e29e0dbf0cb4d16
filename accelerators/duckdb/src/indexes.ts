import { type CreateTableCommand, MillraceError } from '@millrace/core';
import { type DuckDbConnection, quoteIdentifier } from '@millrace/duckdb';
import { componentOf } from './component.ts';
import type { TableNames } from './table-names.ts';

/** What {@link createIndexes} works on. */
export interface IndexRequest {
  readonly connection: DuckDbConnection;
  readonly names: TableNames;
  readonly version: number;
  readonly command: CreateTableCommand;
  readonly signal: AbortSignal;
}

/**
 * Creates the indexes of a version that has been filled, the primary key's among them, in the connection's transaction.
 * @throws MillraceError `integrity` for rows that break a unique one.
 */
export async function createIndexes(request: IndexRequest): Promise<void> {
  const { connection, names, version, signal } = request;
  const table = names.version(version);
  for (const [number, { columns, unique }] of wantedIndexes(request.command).entries()) {
    if (unique) await requireUnique(request, columns);
    const index = quoteIdentifier(`${table}_i${number}`);
    const kind = unique ? 'UNIQUE INDEX' : 'INDEX';
    await connection.run(`CREATE ${kind} ${index} ON ${names.quoted(table)} (${listOf(columns)})`, undefined, {
      signal,
    });
  }
}

function wantedIndexes({ primaryKey, indexes = [] }: CreateTableCommand): NonNullable<CreateTableCommand['indexes']> {
  return [...(primaryKey ? [{ columns: primaryKey, unique: true }] : []), ...indexes];
}

/** DuckDB builds the index of uncommitted rows at the commit, whose failure tells nothing of which one was broken. */
async function requireUnique(
  { connection, names, version, command, signal }: IndexRequest,
  columns: readonly string[],
): Promise<void> {
  const present = columns.map((column) => `${quoteIdentifier(column)} IS NOT NULL`).join(' AND ');
  const [duplicate] = await connection.rows(
    `SELECT 1 FROM ${names.quoted(names.version(version))} WHERE ${present} GROUP BY ${listOf(columns)} HAVING count(*) > 1 LIMIT 1`,
    undefined,
    { signal },
  );
  if (!duplicate) return;
  throw new MillraceError({
    code: 'integrity',
    component: componentOf(command),
    connector: 'duckdb',
    message: `several rows have the same ${columns.join(', ')}, which is declared to be unique`,
    hint: 'Leave the duplicates out with refresh_sql, or declare another key',
  });
}

function listOf(columns: readonly string[]): string {
  return columns.map(quoteIdentifier).join(', ');
}
