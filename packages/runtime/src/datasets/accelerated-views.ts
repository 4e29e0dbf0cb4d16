import type { TableName } from '@millrace/duckdb';
import { tableKey } from '../query/engine-table.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { AcceleratedView, toViewDataset } from './accelerated-view.ts';
import type { CopyNames } from './copy-names.ts';
import { Dataset } from './dataset.ts';
import type { DatasetHost } from './dataset-host.ts';
import type { PlannedView } from './plan-views.ts';
import type { Revivals } from './revivals.ts';

/** What {@link AcceleratedViews} works with. */
export interface AcceleratedViewsParts {
  /** The datasets of the runtime, as they are now. */
  readonly datasets: readonly Dataset[];
  readonly engine: QueryEngine;
  readonly host: DatasetHost;
  readonly copies: CopyNames;
  readonly revivals: Revivals;
  /** Lets a dataset load, and refresh by its schedule. */
  readonly start: (dataset: Dataset) => void;
  /** Whether an error is that of a source, which may come back, and not a mistake. */
  readonly isSourceFailure: (error: unknown) => boolean;
}

/** The views that have copies of their rows. Each is a dataset, whose source is its query. */
export class AcceleratedViews {
  readonly #parts: AcceleratedViewsParts;
  readonly #datasets: Dataset[] = [];

  constructor(parts: AcceleratedViewsParts) {
    this.#parts = parts;
  }

  /** Each behind what it reads. */
  get datasets(): readonly Dataset[] {
    return this.#datasets;
  }

  /**
   * Opens the copy of a view, and makes it known to SQL; what it reads is known already. One that cannot be read now has the failure, or the
   * rows of an earlier process.
   * @throws MillraceError for a mistake in the view.
   */
  async open(planned: PlannedView): Promise<void> {
    const { engine, host, copies, isSourceFailure } = this.#parts;
    const view = new AcceleratedView({ planned, engine, dependencies: () => this.#find(planned.reads) });
    const dataset = new Dataset(toViewDataset(planned.view), view);
    await view.connect().catch((error: unknown) => {
      if (!isSourceFailure(error)) throw error;
    });
    copies.take(dataset);
    this.#datasets.push(dataset);
    await host.bringUp(dataset, 'start');
    await host.register(dataset);
  }

  /** The accelerated view that reads a dataset or depends on it, if there is one. */
  readerOf(dataset: Dataset): Dataset | undefined {
    return this.#datasets.find(({ view }) => view?.dependencies.includes(dataset));
  }

  /** Tries those that failed, after something has come back. */
  async tryAgain(): Promise<void> {
    const { revivals, start } = this.#parts;
    for (const dataset of this.#datasets) {
      if (!dataset.failure) continue;
      await revivals.revive(dataset).then(
        () => start(dataset),
        // Its state says why.
        () => undefined,
      );
    }
  }

  #find(names: readonly TableName[]): readonly Dataset[] {
    const keys = new Set(names.map(tableKey));
    return [...this.#parts.datasets, ...this.#datasets].filter(({ name }) => keys.has(tableKey(name)));
  }
}
