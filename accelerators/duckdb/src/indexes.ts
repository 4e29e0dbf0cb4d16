import type { CreateTableCommand } from '@millrace/core';
import { type DuckDbConnection, quoteIdentifier } from '@millrace/duckdb';
import { conflictRule, requireUnique } from './key-conflicts.ts';
import type { TableNames } from './table-names.ts';

/** What {@link createIndexes} works on. */
export interface IndexRequest {
  readonly connection: DuckDbConnection;
  readonly names: TableNames;
  readonly version: number;
  readonly command: CreateTableCommand;
  readonly signal: AbortSignal;
}

type Index = NonNullable<CreateTableCommand['indexes']>[number];

/**
 * Creates the indexes of a version that has been filled, in the connection's transaction. The primary key has been made unique before;
 * the others are checked here, as DuckDB builds the index of uncommitted rows at the commit, whose failure tells nothing of which one
 * was broken.
 *
 * @throws MillraceError `integrity` for rows that break a unique one.
 */
export async function createIndexes(request: IndexRequest): Promise<void> {
  const { connection, command, names, version, signal } = request;
  const name = names.version(version);
  const table = names.quoted(name);
  for (const { columns, unique } of command.indexes ?? [])
    if (unique) await requireUnique({ connection, command, table, signal }, columns);
  for (const [number, { columns, unique }] of wantedIndexes(command).entries()) {
    const list = columns.map(quoteIdentifier).join(', ');
    const index = quoteIdentifier(`${name}_i${number}`);
    const kind = unique ? 'UNIQUE INDEX' : 'INDEX';
    await connection.run(`CREATE ${kind} ${index} ON ${table} (${list})`, undefined, { signal });
  }
}

/**
 * The indexes of a table. The key of one that is appended to, or that changes are applied to, is kept unique without an index, because a table with any is not changed in
 * place: DuckDB 1.5 can lose entries of an index that is changed, by a crash above all, and then refuses the table or misses rows.
 * Source: https://github.com/duckdb/duckdb/issues/23645 and https://github.com/duckdb/duckdb/pull/23848.
 */
export function wantedIndexes(command: CreateTableCommand): readonly Index[] {
  const { indexes = [], refreshMode } = command;
  const isChanged = refreshMode === 'append' || refreshMode === 'changes';
  const rule = isChanged ? undefined : conflictRule(command);
  return [...(rule ? [{ columns: rule.key, unique: true }] : []), ...indexes];
}

/**
 * The column by which rows are looked up through the table's view in an index, where it is not the table's first one: that of the key, else of the first
 * index. Through a view DuckDB 1.5 uses the index of a column that the scan names first, or that is the table's first, and no other one.
 * Source: https://github.com/duckdb/duckdb/issues/17290.
 */
export function lookUpColumn(command: CreateTableCommand): string | undefined {
  const [first] = command.schema.fields;
  const single = wantedIndexes(command).flatMap(({ columns }) => (columns.length === 1 ? columns : []));
  return single.find((column) => column.toLowerCase() !== first?.name.toLowerCase());
}
