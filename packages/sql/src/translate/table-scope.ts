import type { SqlTable } from '../plan-select.ts';
import type { SourceColumn } from '../source-column.ts';
import { type ParameterMarks, quoteName } from './statement-text.ts';
import type { Operand, Translation } from './translation.ts';
import { isOpaque, valueType } from './value-type.ts';

/** Prepares the translation of expressions over one table's columns. */
export function createTableTranslation(
  table: Pick<SqlTable, 'dialect' | 'profile' | 'columns'>,
  marks: ParameterMarks,
): Omit<Translation, 'lists'> {
  const { dialect, profile } = table;
  const columns = new Map(table.columns.map((column) => [column.field.name, column]));
  return {
    dialect,
    profile,
    bind: marks.bind,
    resolve: ([name, ...members]) => {
      const column = members.length > 0 || name === undefined ? undefined : columns.get(name);
      return column && toColumnOperand(column, quoteName(dialect, column.name), table);
    },
  };
}

/** A column as an operand; undefined where nothing about it means the same at the source. */
export function toColumnOperand(
  column: SourceColumn,
  sql: string,
  { profile }: Pick<SqlTable, 'profile'>,
): Operand | undefined {
  if (column.isComparable === false) return undefined;
  const semantics = isOpaque(column.field)
    ? ({ equality: 'unknown', order: 'unknown', pattern: 'unknown' } as const)
    : profile.column(column);
  return {
    sql: column.valueAs?.(sql) ?? sql,
    ...(column.valueAs !== undefined && { indexed: sql }),
    type: valueType(column.field.type),
    semantics,
    column,
    ...(column.collation !== undefined && { collation: column.collation }),
  };
}
