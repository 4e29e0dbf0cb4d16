import type { TableName } from '@millrace/duckdb';
import type { ViewConfig } from '../config/index.ts';
import { type EngineTable, tableKey } from '../query/engine-table.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { QueryScope } from '../query/query-scope.ts';
import type { TableFinder } from '../query/table-finder.ts';
import { checkViewColumns } from './check-view-columns.ts';
import { isAccelerated, type PlannedView, planViews } from './plan-views.ts';
import { viewError } from './view-error.ts';

/** What views are to be made over; none of it need be known to SQL yet. */
export interface ViewsCheck {
  readonly engine: QueryEngine;
  readonly views: readonly ViewConfig[];
  /** The datasets that can be asked, or of which nothing is known but their names. */
  readonly datasets: readonly CheckedDataset[];
  /** Finds tables of catalogs. */
  readonly finder: TableFinder;
  /** The copy of an accelerated view, where it has one that stays. */
  readonly copyOf: (view: PlannedView) => EngineTable | undefined;
  /** Whether an error is that of a catalog's source. */
  readonly isCatalogFailure: (error: unknown) => boolean;
}

/** A dataset as views are checked over it. */
export interface CheckedDataset {
  readonly name: TableName;
  /** Undefined where it cannot be asked now. */
  readonly table: EngineTable | undefined;
}

/**
 * Puts views into an order in which each follows what it uses, and makes sure that they can be made. One over a source that cannot be asked now is not
 * checked.
 *
 * @throws MillraceError for a mistake in one of them, or a circle.
 */
export async function checkViews(check: ViewsCheck): Promise<readonly PlannedView[]> {
  const { engine, views, datasets, finder } = check;
  await using scope = await engine.createScope([], finder);
  const planned = await planViews(views, (sql) => scope.namesIn(sql).catch(() => []));
  const reached = new Set(planned.flatMap(({ reads }) => reads.map(tableKey)));
  /** What stands for all that cannot be asked now. */
  const absence = new Error('its source cannot be asked now');
  for (const { name, table } of datasets) {
    if (!reached.has(tableKey(name))) continue;
    if (table) await scope.addTable(table);
    else scope.registry.addUnavailable(name, absence);
  }
  for (const each of planned) {
    const copy = check.copyOf(each);
    try {
      const found = await checkView(each.view, scope, engine);
      if (found) await scope.addTable(copy ?? found);
    } catch (error) {
      if (error !== absence && !check.isCatalogFailure(error)) throw viewError(each.view, error);
      if (copy) await scope.addTable(copy);
      else scope.registry.addUnavailable(each.view.name, absence);
    }
  }
  return planned;
}

/** Makes the view in the scope; of one that is accelerated its columns come back, which its copy is going to have. */
async function checkView(view: ViewConfig, scope: QueryScope, engine: QueryEngine): Promise<EngineTable | undefined> {
  const { name } = view;
  const { sql } = await scope.checkView(view);
  if (view.columns || isAccelerated(view)) {
    const schema = await scope.describe(`SELECT * FROM (\n${sql}\n) AS __millrace_rows`);
    await checkViewColumns(view, schema, engine.database);
    if (isAccelerated(view)) {
      const provider = () => {
        throw new TypeError('the rows of a view that is checked were read');
      };
      return { name, schema, provider };
    }
  }
  await scope.addView({ name, sql: view.sql });
  return undefined;
}
