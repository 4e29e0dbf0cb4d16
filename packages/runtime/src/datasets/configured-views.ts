import { quoteTableName, type TableName } from '@millrace/duckdb';
import type { ViewConfig } from '../config/index.ts';
import { tableKey } from '../query/engine-table.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { checkViewColumns } from './check-view-columns.ts';
import { isAccelerated, type PlannedView, planViews } from './plan-views.ts';
import { viewError } from './view-error.ts';

/** What {@link ConfiguredViews} works with. */
export interface ConfiguredViewsParts {
  readonly engine: QueryEngine;
  /** Whether an error is that of a source, which may come back, and not a mistake. */
  readonly isSourceFailure: (error: unknown) => boolean;
  /** Opens a view that is accelerated. @throws MillraceError for a mistake in it. */
  readonly accelerate: (planned: PlannedView) => Promise<void>;
}

/** The views of a configuration. One over a source that fails is unavailable, and waits until it can be made. */
export class ConfiguredViews {
  readonly #parts: ConfiguredViewsParts;
  /** Each behind what it uses. */
  readonly #waiting: ViewConfig[] = [];

  constructor(parts: ConfiguredViewsParts) {
    this.#parts = parts;
  }

  /**
   * Makes the views known to SQL, in an order in which each follows what it uses.
   * @throws MillraceError for a mistake in one of them, or a circle; a source that fails leaves the views over it waiting.
   */
  async start(views: readonly ViewConfig[]): Promise<void> {
    const { engine, accelerate } = this.#parts;
    const namesIn = (sql: string): Promise<readonly TableName[]> => engine.namesIn(sql).catch(() => []);
    for (const planned of await planViews(views, namesIn)) {
      const { view } = planned;
      if (!isAccelerated(view)) await this.#add(view);
      else
        await accelerate(planned).catch((error: unknown) => {
          throw viewError(view, error);
        });
    }
  }

  /** Tries the views that wait, after something has come back. */
  async tryAgain(): Promise<void> {
    for (const view of this.#waiting.splice(0)) await this.#try(view);
  }

  /** Tries the view of that name if it waits; undefined if it does not. */
  tryOne(name: TableName): Promise<void> | undefined {
    const key = tableKey(name);
    const index = this.#waiting.findIndex((view) => tableKey(view.name) === key);
    const [view] = index < 0 ? [] : this.#waiting.splice(index, 1);
    return view && this.#try(view);
  }

  /** Makes a view known to SQL that is new, or has another definition. @throws MillraceError for a mistake in it; what was there stays. */
  async put(view: ViewConfig): Promise<void> {
    this.#forget(view);
    await this.#add(view);
  }

  /** Lets SQL forget views. */
  async remove(views: readonly ViewConfig[]): Promise<void> {
    for (const view of views) {
      this.#forget(view);
      await this.#parts.engine.remove(view.name);
    }
  }

  #forget({ name }: ViewConfig): void {
    const index = this.#waiting.findIndex((view) => tableKey(view.name) === tableKey(name));
    if (index >= 0) this.#waiting.splice(index, 1);
  }

  async #add(view: ViewConfig): Promise<void> {
    const { engine, isSourceFailure } = this.#parts;
    const { name, sql, description, columns } = view;
    try {
      await engine.addView({ name, sql, ...(description === undefined ? {} : { description }) });
    } catch (error) {
      if (!isSourceFailure(error)) throw viewError(view, error);
      engine.addUnavailable(name, error);
      this.#waiting.push(view);
      return;
    }
    if (columns) await checkViewColumns(view, await engine.describe(selectAll(name)), engine.database);
  }

  async #try(view: ViewConfig): Promise<void> {
    await this.#add(view).catch((error: unknown) => this.#parts.engine.addUnavailable(view.name, error));
  }
}

function selectAll({ schemaName, table }: ViewConfig['name']): string {
  return `SELECT * FROM ${quoteTableName(schemaName === undefined ? { table } : { schemaName, table })}`;
}
