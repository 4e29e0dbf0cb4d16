import { isMillraceError, MillraceError } from '@millrace/core';
import { type EngineTable, formatTableName, tableKey } from './engine-table.ts';
import type { QueryEngine } from './query-engine.ts';

/**
 * Makes sure that every view which reaches a table can be made over it as it is about to be.
 * @throws MillraceError with the view's name and why it cannot.
 */
export async function checkReaders(engine: QueryEngine, table: EngineTable): Promise<void> {
  const readers = engine.readersOf(table.name);
  if (readers.length === 0) return;
  const { tables, views } = engine.reach(readers.map(({ name }) => name));
  const key = tableKey(table.name);
  await using scope = await engine.createScope(tables.map((each) => (tableKey(each.name) === key ? table : each)));
  for (const view of views) {
    try {
      await scope.addView(view);
    } catch (error) {
      if (!isMillraceError(error)) throw error;
      throw new MillraceError({
        code: error.code,
        component: `view ${formatTableName(view.name)}`,
        message: `it cannot be made over ${formatTableName(table.name)} as it is about to be: ${error.reason}`,
        hint: 'Change the view first, or keep the columns that it reads.',
        cause: error,
      });
    }
  }
}
