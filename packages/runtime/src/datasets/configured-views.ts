import type { TableName } from '@millrace/duckdb';
import type { ViewConfig } from '../config/index.ts';
import { tableKey } from '../query/engine-table.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { checkViewColumns } from './check-view-columns.ts';
import { isAccelerated, type PlannedView, planViews } from './plan-views.ts';
import { Turns } from './turns.ts';
import { viewError } from './view-error.ts';

/** What {@link ConfiguredViews} works with. */
export interface ConfiguredViewsParts {
  readonly engine: QueryEngine;
  /** Whether an error is that of a source, which may come back, and not a mistake. */
  readonly isSourceFailure: (error: unknown) => boolean;
  /** Opens a view that is accelerated. @throws MillraceError for a mistake in it. */
  readonly accelerate: (planned: PlannedView) => Promise<void>;
}

/** The views of a runtime. One over a source that fails is unavailable, and waits until it can be made. */
export class ConfiguredViews {
  readonly #parts: ConfiguredViewsParts;
  /** All of them, those that are accelerated too, by name. */
  readonly #running = new Map<string, ViewConfig>();
  /** Each behind what it uses. */
  readonly #waiting: ViewConfig[] = [];
  /** A definition is not made known while another one of the same view is. */
  readonly #turns: Turns = new Turns();

  constructor(parts: ConfiguredViewsParts) {
    this.#parts = parts;
  }

  /** The views that there are. */
  get running(): readonly ViewConfig[] {
    return [...this.#running.values()];
  }

  /**
   * Makes the views known to SQL, in an order in which each follows what it uses.
   * @throws MillraceError for a mistake in one of them, or a circle; a source that fails leaves the views over it waiting.
   */
  async start(views: readonly ViewConfig[]): Promise<void> {
    for (const planned of await this.plan(views)) {
      const { view } = planned;
      this.note(view);
      if (isAccelerated(view))
        await this.#parts.accelerate(planned).catch((error: unknown) => {
          throw viewError(view, error);
        });
      else await this.#add(view);
    }
  }

  /** Puts views behind what they use. @throws MillraceError for a circle. */
  plan(views: readonly ViewConfig[]): Promise<readonly PlannedView[]> {
    const { engine } = this.#parts;
    return planViews(views, (sql): Promise<readonly TableName[]> => engine.namesIn(sql).catch(() => []));
  }

  /** Tries the views that wait, after something has come back. */
  async tryAgain(): Promise<void> {
    for (const view of this.#waiting.splice(0)) await this.#try(view);
  }

  /** Tries the view of that name if it waits; undefined if it does not. */
  tryOne(name: TableName): Promise<void> | undefined {
    const view = this.#stopWaiting(name);
    return view && this.#try(view);
  }

  /** Makes a view known to SQL that is new, or has another definition. @throws MillraceError for a mistake in it; what was there stays. */
  put(view: ViewConfig): Promise<void> {
    return this.#turns.run(tableKey(view.name), async () => {
      // What comes back for this one tries those that wait, and would wait for this one.
      const former = this.#stopWaiting(view.name);
      try {
        await this.#add(view);
      } catch (error) {
        if (former) this.#waiting.push(former);
        throw error;
      }
      this.note(view);
    });
  }

  /** This is the definition of a view from now on. */
  note(view: ViewConfig): void {
    this.#running.set(tableKey(view.name), view);
  }

  /** A view is not there any more, whatever SQL knows of its name. */
  forget({ name }: ViewConfig): void {
    this.#stopWaiting(name);
    this.#running.delete(tableKey(name));
  }

  #stopWaiting(name: TableName): ViewConfig | undefined {
    const index = this.#waiting.findIndex((view) => tableKey(view.name) === tableKey(name));
    return index < 0 ? undefined : this.#waiting.splice(index, 1)[0];
  }

  async #add(view: ViewConfig): Promise<void> {
    const { engine, isSourceFailure } = this.#parts;
    const { name, sql, description } = view;
    try {
      await this.#checkColumns(view);
      await engine.addView({ name, sql, ...(description === undefined ? {} : { description }) });
      this.#stopWaiting(name);
    } catch (error) {
      if (!isSourceFailure(error)) throw viewError(view, error);
      this.#stopWaiting(name);
      engine.addUnavailable(name, error);
      this.#waiting.push(view);
    }
  }

  async #checkColumns(view: ViewConfig): Promise<void> {
    if (!view.columns) return;
    const { engine } = this.#parts;
    const sql = await engine.checkView(view);
    await checkViewColumns(
      view,
      await engine.describe(`SELECT * FROM (\n${sql}\n) AS __millrace_rows`),
      engine.database,
    );
  }

  #try(view: ViewConfig): Promise<void> {
    const key = tableKey(view.name);
    return this.#turns.run(key, async () => {
      if (this.#running.get(key) !== view) return;
      await this.#add(view).catch((error: unknown) => this.#parts.engine.addUnavailable(view.name, error));
    });
  }
}
