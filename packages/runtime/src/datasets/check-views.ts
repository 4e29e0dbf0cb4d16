import type { ViewConfig } from '../config/index.ts';
import { type EngineTable, tableKey } from '../query/engine-table.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { isAccelerated, planViews } from './plan-views.ts';
import { viewError } from './view-error.ts';

/**
 * Puts views into an order in which each follows what it uses, and makes sure that they can be made over tables which may not be registered
 * yet. A view over anything else, a catalog or a dataset that is unavailable, is not checked.
 *
 * @throws MillraceError for a mistake in one of them, or a circle.
 */
export async function checkViews(
  engine: QueryEngine,
  views: readonly ViewConfig[],
  tables: readonly EngineTable[],
): Promise<readonly ViewConfig[]> {
  const planned = await planViews(views, (sql) => engine.namesIn(sql).catch(() => []));
  const byKey = new Map(tables.map((table) => [tableKey(table.name), table]));
  const checked = planned.filter(({ view, reads }) => {
    return !isAccelerated(view) && reads.every((name) => byKey.has(tableKey(name)));
  });
  const reached = new Set(checked.flatMap(({ reads }) => reads.map(tableKey)));
  if (checked.length > 0) {
    await using scope = await engine.createScope([...byKey].flatMap(([key, table]) => (reached.has(key) ? table : [])));
    for (const { view } of checked)
      await scope.addView({ name: view.name, sql: view.sql }).catch((error: unknown) => {
        throw viewError(view, error);
      });
  }
  return planned.map(({ view }) => view);
}
