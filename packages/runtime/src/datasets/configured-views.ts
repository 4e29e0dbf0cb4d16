import { isMillraceError, MillraceError } from '@millrace/core';
import type { TableName } from '@millrace/duckdb';
import type { ViewConfig } from '../config/index.ts';
import { tableKey } from '../query/engine-table.ts';
import type { QueryEngine } from '../query/query-engine.ts';

/** The views of a configuration. One over a source that fails is unavailable, and waits until it can be made. */
export class ConfiguredViews {
  readonly #engine: QueryEngine;
  readonly #isSourceFailure: (error: unknown) => boolean;
  /** In the order of the configuration. */
  readonly #waiting: ViewConfig[] = [];

  constructor(engine: QueryEngine, isSourceFailure: (error: unknown) => boolean) {
    this.#engine = engine;
    this.#isSourceFailure = isSourceFailure;
  }

  /** Makes a view known to SQL. @throws MillraceError for a mistake in it; a source that fails leaves it waiting. */
  async add(view: ViewConfig): Promise<void> {
    const { name, sql, description, location } = view;
    try {
      await this.#engine.addView({ name, sql, ...(description === undefined ? {} : { description }) });
    } catch (error) {
      if (!this.#isSourceFailure(error)) throw viewError(name.text, error, location('sql'));
      this.#engine.addUnavailable(name, error);
      this.#waiting.push(view);
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

  async #try(view: ViewConfig): Promise<void> {
    await this.add(view).catch((error: unknown) => this.#engine.addUnavailable(view.name, error));
  }
}

function viewError(view: string, error: unknown, location: MillraceError['location']): unknown {
  if (!isMillraceError(error)) return error;
  return new MillraceError({
    code: error.code,
    component: `view ${view}`,
    message: error.reason,
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(location ? { location } : {}),
  });
}
