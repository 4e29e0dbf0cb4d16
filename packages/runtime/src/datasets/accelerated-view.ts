import { MillraceError } from '@millrace/core';
import type { TableName } from '@millrace/duckdb';
import { createQueriedTable } from '../acceleration/queried-table.ts';
import type { DatasetConfig, ViewConfig } from '../config/index.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { checkViewColumns } from './check-view-columns.ts';
import type { ConnectedSource, Dataset } from './dataset.ts';
import type { PlannedView } from './plan-views.ts';

/** What a view is read through. */
export interface AcceleratedViewParts {
  readonly planned: PlannedView;
  readonly engine: QueryEngine;
  /** The datasets and accelerated views of these names, as they are now; what is none of them is left out. */
  readonly dependencies: (reads: readonly TableName[]) => readonly Dataset[];
}

/** The view of a dataset whose source is a query over other datasets: the rows of the query, read through the query engine. */
export class AcceleratedView {
  readonly #parts: AcceleratedViewParts;

  #planned: PlannedView;

  constructor(parts: AcceleratedViewParts) {
    this.#parts = parts;
    this.#planned = parts.planned;
  }

  /** What it is made of. */
  get planned(): PlannedView {
    return this.#planned;
  }

  /** Lets it go by a plan with the same query. */
  replan(planned: PlannedView): void {
    this.#planned = planned;
  }

  /** What decides its rows, beside what it reads. */
  get definition(): readonly string[] {
    return this.#planned.definition;
  }

  get dependencies(): readonly Dataset[] {
    return this.#parts.dependencies(this.#planned.reads);
  }

  /**
   * Checks the query and makes a source of it, with the columns that it has by now.
   * @throws MillraceError for a query that cannot be used, or the failure of a dataset that it reads.
   */
  async connect(): Promise<ConnectedSource> {
    const { engine } = this.#parts;
    const planned = this.#planned;
    const { name, sql: given } = planned.view;
    const sql = await engine.checkView({ name, sql: given });
    // As a view would name them, where two columns have one name.
    const schema = await engine.describe(`SELECT * FROM (\n${sql}\n) AS __millrace_rows`);
    await checkViewColumns(planned.view, schema, engine.database);
    const provider = createQueriedTable({
      schema,
      label: `view ${name.text}`,
      select: async () => sql,
      query: (statement, { signal, batchRowCount }) =>
        engine.query({ sql: statement, signal, ...(batchRowCount === undefined ? {} : { batchRowCount }) }),
    });
    return { connector: NO_CONNECTOR(provider), provider };
  }

  /** Settles once everything that it reads has been loaded, or tried to be, and no refresh of it is running. */
  async settled(): Promise<void> {
    await Promise.all(this.dependencies.map(({ acceleration }) => acceleration?.settled()));
  }

  /**
   * Makes sure that reading it waits for nobody: a refresh that waits for another one would keep that from running, where not all may run at
   * the same time.
   * @throws MillraceError `not_ready` where what it reads has no rows yet.
   */
  requireLoaded(): void {
    const missing = this.dependencies.find(({ acceleration }) => acceleration?.isLoaded === false);
    if (!missing) return;
    throw new MillraceError({
      code: 'not_ready',
      component: `dataset ${this.#planned.view.name.text}`,
      message: `it reads ${missing.config.name.text}, which has not been loaded`,
      hint: `Mend what keeps ${missing.config.name.text} from loading, and refresh both.`,
      retryable: true,
    });
  }
}

/** What stands for the connector of a source that has none. */
const NO_CONNECTOR = (provider: ConnectedSource['provider']): ConnectedSource['connector'] => ({
  readProvider: async () => provider,
  close: async () => {},
  [Symbol.asyncDispose]: async () => {},
});

/** The view as a dataset: its name, its copy and how that is served. */
export function toViewDataset(view: ViewConfig): DatasetConfig {
  const { name, description, timeColumn, timeFormat, readyState, onSchemaChange, acceleration, location } = view;
  return {
    from: { connector: 'view', path: '', text: 'view' },
    name,
    params: new Map(),
    ...(description === undefined ? {} : { description }),
    ...(timeColumn === undefined ? {} : { timeColumn }),
    ...(timeFormat === undefined ? {} : { timeFormat }),
    ...(readyState === undefined ? {} : { readyState }),
    ...(onSchemaChange === undefined ? {} : { onSchemaChange }),
    ...(acceleration ? { acceleration } : {}),
    location,
  };
}
