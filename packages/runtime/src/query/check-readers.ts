import { isMillraceError, MillraceError } from '@millrace/core';
import { type EngineTable, type EngineView, formatTableName, tableKey } from './engine-table.ts';
import type { QueryEngine } from './query-engine.ts';

/**
 * Makes sure that every view which reaches a table, or a view, can be made over it as it is about to be; `copies` are queries over it whose rows are
 * kept, so that the engine knows them as tables.
 * @throws MillraceError with the view's name and why it cannot.
 */
export async function checkReaders(
  engine: QueryEngine,
  table: EngineTable,
  copies: readonly EngineView[] = [],
): Promise<void> {
  const readers = engine.readersOf(table.name);
  const asked = await askable(engine, copies);
  if (readers.length + asked.length === 0) return;
  const { tables, views } = engine.reach([...readers.map(({ name }) => name), ...asked.flatMap(({ names }) => names)]);
  const key = tableKey(table.name);
  const others = tables.filter((each) => tableKey(each.name) !== key);
  await using scope = await engine.createScope([...others, table]);
  for (const view of views) if (tableKey(view.name) !== key) await explain(view, table, scope.addView(view));
  for (const { copy } of asked) {
    const check = async (): Promise<unknown> => scope.describe((await scope.checkView(copy)).sql);
    await explain(copy, table, check());
  }
}

/** The queries that could be asked now, and what they name. */
async function askable(engine: QueryEngine, copies: readonly EngineView[]) {
  const found = await Promise.all(copies.map(async (copy) => ({ copy, names: await engine.namesIn(copy.sql) })));
  return found.filter(({ names }) => {
    try {
      engine.reach(names);
      return true;
    } catch {
      return false;
    }
  });
}

async function explain(view: EngineView, table: EngineTable, check: Promise<unknown>): Promise<void> {
  try {
    await check;
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
