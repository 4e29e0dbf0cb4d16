import { type CreateTableCommand, datasetComponent, type MillraceError } from '@millrace/core';
import { createRefuse } from './refuse.ts';

/** The error of rows that break what is declared to be unique: it names columns, never a value. */
export function notUnique(command: CreateTableCommand, connector: string, columns: readonly string[]): MillraceError {
  return createRefuse({ component: datasetComponent(command), connector })(
    'integrity',
    `several rows have the same ${columns.join(', ')}, which is declared to be unique`,
    'Leave the duplicates out with refresh_sql, choose another on_conflict, or declare another key',
  );
}
