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
  /** Each behind what it reads, once they are arranged. */
  readonly datasets: Dataset[] = [];
  readonly #parts: AcceleratedViewsParts;

  constructor(parts: AcceleratedViewsParts) {
    this.#parts = parts;
  }

  /** A view that is read through what there is at that moment. */
  toView(planned: PlannedView): AcceleratedView {
    const { engine } = this.#parts;
    return new AcceleratedView({ planned, engine, dependencies: (reads) => this.#find(reads) });
  }

  /** The accelerated view of that name. */
  find(name: TableName): Dataset | undefined {
    return this.datasets.find((dataset) => tableKey(dataset.name) === tableKey(name));
  }

  /** Puts the views into an order. */
  arrange(order: readonly PlannedView[]): void {
    const places = new Map(order.map(({ view }, index) => [tableKey(view.name), index]));
    const placeOf = ({ name }: Dataset): number => places.get(tableKey(name)) ?? order.length;
    this.datasets.sort((left, right) => placeOf(left) - placeOf(right));
  }

  /**
   * Opens the copy of a view, and makes it known to SQL; what it reads is known already. One that cannot be read now has the failure, or the
   * rows of an earlier process.
   * @throws MillraceError for a mistake in the view.
   */
  async open(planned: PlannedView): Promise<void> {
    const { host, copies, isSourceFailure } = this.#parts;
    const view = this.toView(planned);
    const dataset = new Dataset(toViewDataset(planned.view), view);
    await view.connect().catch((error: unknown) => {
      if (!isSourceFailure(error)) throw error;
    });
    copies.take(dataset);
    this.datasets.push(dataset);
    await host.bringUp(dataset, 'start');
    await host.register(dataset);
  }

  /** The accelerated view that reads a dataset or depends on it, if there is one. */
  readerOf(dataset: Dataset): Dataset | undefined {
    return this.datasets.find(({ view }) => view?.dependencies.includes(dataset));
  }

  /** The accelerated views that reach one of these through other ones or directly, each behind what it reads. */
  readersOf(datasets: readonly Dataset[]): readonly Dataset[] {
    const reached = new Set(datasets);
    return this.datasets.filter((dataset) => {
      if (!dataset.view?.dependencies.some((read) => reached.has(read))) return false;
      reached.add(dataset);
      return true;
    });
  }

  /** Refreshes the views that read what has another definition now, but those that are loaded by it; their old rows are served meanwhile. */
  refreshReaders(datasets: readonly Dataset[], loaded: readonly Dataset[] = []): void {
    const stale = this.readersOf(datasets).filter((dataset) => !loaded.includes(dataset));
    // Each waits for those that it reads; what one fails with is its state.
    for (const { acceleration } of stale) void acceleration?.renew().catch(() => undefined);
  }

  /** Tries those that failed, after something has come back, but none that is being tried: what came back may be what that waits for. */
  async tryAgain(): Promise<void> {
    const { revivals, start } = this.#parts;
    for (const dataset of [...this.datasets]) {
      if (!dataset.failure || revivals.isTrying(dataset)) continue;
      await revivals.revive(dataset).then(
        () => start(dataset),
        // Its state says why.
        () => undefined,
      );
    }
  }

  #find(names: readonly TableName[]): readonly Dataset[] {
    const keys = new Set(names.map(tableKey));
    return [...this.#parts.datasets, ...this.datasets].filter(({ name }) => keys.has(tableKey(name)));
  }
}
