import { type CreateTableCommand, datasetComponent, type MillraceError } from '@millrace/core';
import { createRefuse } from './refuse.ts';

/**
 * The error of rows that break what is declared to be unique: it names columns, never a value.
 *
 * @param columns those of the key or index; default those of the only unique index, for an engine that does not tell which one was broken.
 */
export function notUnique(
  command: CreateTableCommand,
  connector: string,
  columns: readonly string[] = uniqueColumns(command),
): MillraceError {
  return createRefuse({ component: datasetComponent(command), connector })(
    'integrity',
    `several rows have the same ${columns.join(', ')}, which is declared to be unique`,
    'Leave the duplicates out with refresh_sql, choose another on_conflict, or declare another key',
  );
}

function uniqueColumns({ indexes = [] }: CreateTableCommand): readonly string[] {
  const unique = indexes.filter((index) => index.unique);
  return unique.length === 1 ? unique[0]!.columns : ['columns'];
}
