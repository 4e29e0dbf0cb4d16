import { type Expr, isVolatile } from '@millrace/core';
import type { SqlTable } from './plan-select.ts';
import type { SqlText } from './sql-text.ts';
import { toCondition } from './translate/condition.ts';
import { createParameterMarks } from './translate/statement-text.ts';
import { createTableTranslation } from './translate/table-scope.ts';

/** A filter as the condition of a WHERE clause. */
export interface TranslatedFilter extends SqlText {
  /** `exact`: TRUE for the same rows as in the engine. `inexact`: TRUE for those and perhaps for more. */
  readonly degree: 'exact' | 'inexact';
}

/**
 * Writes one filter as SQL, placeholders counted from `firstOrdinal` (default 1). What cannot be said of an AND is left out and makes it
 * inexact; under OR, NOT and CASE it makes the whole filter unsayable.
 *
 * @returns undefined where nothing of the filter can be said without losing a row it wants, and for volatile filters.
 * @throws MillraceError `invalid_argument` for a column name that the source cannot hold.
 */
export function translateFilter(
  filter: Expr,
  table: Pick<SqlTable, 'dialect' | 'profile' | 'columns'>,
  firstOrdinal = 1,
): TranslatedFilter | undefined {
  if (isVolatile(filter)) return undefined;
  const marks = createParameterMarks();
  const condition = toCondition(filter, 'true', { ...createTableTranslation(table, marks), lists: 'whole' });
  return condition && { ...marks.render(condition.sql, table.dialect, firstOrdinal), degree: condition.degree };
}
