import type { RefreshLimit } from '../acceleration/refresh-limit.ts';
import type { DatasetConfig, ResolvedConfig, ViewConfig } from '../config/index.ts';
import { isSameDefinition } from '../config/same-definition.ts';
import { toComparisonKey, toNameKey } from '../config/table-name.ts';
import { tableKey } from '../query/engine-table.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { AcceleratedViews } from './accelerated-views.ts';
import type { CatalogManager } from './catalog-manager.ts';
import { requireWhole } from './check-next-config.ts';
import { checkViews } from './check-views.ts';
import { afterDifference, type ConfigDifference, differenceOf } from './config-difference.ts';
import type { ConfiguredViews } from './configured-views.ts';
import type { Dataset } from './dataset.ts';
import type { DatasetChanges } from './dataset-changes.ts';
import type { DatasetSwaps } from './dataset-swaps.ts';
import { failedKeys } from './failed-keys.ts';
import { isAccelerated, type PlannedView } from './plan-views.ts';
import { StagedConfig } from './staged-config.ts';
import type { ViewChanges } from './view-changes.ts';
import type { ViewSwaps } from './view-swaps.ts';

/** What {@link ReloadSteps} work with. */
export interface ReloadStepsParts {
  readonly engine: QueryEngine;
  readonly datasets: readonly Dataset[];
  readonly catalogs: CatalogManager;
  readonly swaps: DatasetSwaps;
  readonly changes: DatasetChanges;
  readonly viewChanges: ViewChanges;
  readonly views: ConfiguredViews;
  readonly viewSwaps: ViewSwaps;
  readonly accelerated: AcceleratedViews;
  readonly limit: RefreshLimit;
}

/** What the file said of datasets and views when it was applied last. */
export interface AppliedEntries {
  readonly datasets: ReadonlyMap<string, DatasetConfig>;
  readonly views: ReadonlyMap<string, ViewConfig>;
}

/** What is to become of what runs. */
export interface NextState {
  readonly config: ResolvedConfig;
  readonly datasets: ConfigDifference<DatasetConfig, Dataset>;
  readonly views: ConfigDifference<ViewConfig, { readonly config: ViewConfig }>;
  readonly staged: StagedConfig;
  /** All views, each behind what it uses. */
  readonly planned: readonly PlannedView[];
  /** Why a dataset or view stays as it was, by name. */
  readonly failed: Map<string, unknown>;
}

/** The steps of a reload, in their order. */
export class ReloadSteps {
  readonly #parts: ReloadStepsParts;

  constructor(parts: ReloadStepsParts) {
    this.#parts = parts;
  }

  /**
   * Finds what differs, connects what is new, and makes sure that all of it is right. Nothing has changed so far.
   * @throws MillraceError for anything that is not.
   */
  async prepare(config: ResolvedConfig, applied: AppliedEntries): Promise<NextState> {
    const { swaps, catalogs, engine, viewSwaps, accelerated } = this.#parts;
    const running = [...this.#parts.datasets];
    const runningViews = this.#parts.views.running.map((view) => ({ config: view }));
    const datasets = differenceOf(applied.datasets, config.datasets, running);
    const views = differenceOf(applied.views, config.views, runningViews);
    const [after, viewsAfter] = [afterDifference(datasets, running), afterDifference(views, runningViews)];
    const allViews = [...viewsAfter.staying.map((each) => each.config), ...viewsAfter.coming];
    const allDatasets = [...after.staying.map((each) => each.config), ...after.coming];
    requireWhole({ datasets: allDatasets, views: allViews }, config);
    const wantedCatalogs = config.catalogs.map((wanted) => ({
      config: wanted,
      running: catalogs.catalogs.find((each) => isSameCatalog(each.config, wanted)),
    }));
    const staged = await StagedConfig.open({ swaps, catalogs, difference: datasets, running, wantedCatalogs });
    try {
      const planned = await checkViews({
        engine,
        views: allViews,
        datasets: staged.checkedDatasets,
        finder: catalogs.finderOf(staged.catalogs),
        copyOf: (view) => (viewSwaps.isCurrent(view) ? accelerated.find(view.view.name)?.table : undefined),
        isCatalogFailure: (error) => catalogs.isFailure(error),
      });
      return { config, datasets, views, staged, planned, failed: new Map() };
    } catch (error) {
      await staged.discard('all');
      throw error;
    }
  }

  /** Loads the copies of updated datasets beside the old ones; those that cannot be loaded stay as they were. */
  async load({ staged, failed }: NextState): Promise<void> {
    const { swaps } = this.#parts;
    await Promise.all(
      staged.updated.map(({ next }) =>
        swaps.load(next).catch(async (error: unknown) => {
          failed.set(next.config.name.text, error);
          await swaps.discard(next, 'drop');
        }),
      ),
    );
  }

  /**
   * Lets everything take effect that needs no accelerated view to be loaded before, in one step. Comes back with the views that are left.
   * @throws MillraceError where a dataset cannot go by its new definition with the copy that it has; nothing has changed then.
   */
  async commit(next: NextState): Promise<readonly PlannedView[]> {
    const { swaps, catalogs, viewSwaps, limit } = this.#parts;
    const { staged, failed, config } = next;
    const changed = next.planned.filter((view) => !viewSwaps.isCurrent(view));
    const copies = new Set(changed.flatMap(({ view }) => (isAccelerated(view) ? tableKey(view.name) : [])));
    const isLate = ({ view, reads }: PlannedView): boolean =>
      isAccelerated(view) || reads.some((name) => copies.has(tableKey(name)));
    let hasBegun = false;
    try {
      await swaps.commit(async () => {
        await this.#retune(staged.retuned);
        hasBegun = true;
        for (const dataset of becomeViews(next)) await swaps.withhold(dataset);
        catalogs.use(staged.catalogs);
        for (const dataset of inOrder(staged.added))
          await orFail(
            dataset.config,
            failed,
            orDiscard(swaps, dataset, () => swaps.add(dataset)),
          );
        for (const { old, next: dataset } of staged.updated)
          if (!failed.has(dataset.config.name.text))
            await orFail(
              dataset.config,
              failed,
              orDiscard(swaps, dataset, () => swaps.replace(old, dataset)),
            );
        for (const planned of changed)
          if (!isLate(planned)) await orFail(planned.view, failed, viewSwaps.putQuery(planned));
        limit.resize(config.datasetLoadParallelism ?? Number.POSITIVE_INFINITY);
      });
    } catch (error) {
      // Those that could not be loaded are gone already.
      if (!hasBegun) await staged.discard('all', failed);
      throw error;
    }
    await staged.discard('failed catalogs');
    return changed.filter(isLate);
  }

  /** Gives accelerated views their copies, each behind what it reads, and makes the views over them. */
  async finish({ planned, staged, failed }: NextState, late: readonly PlannedView[]): Promise<void> {
    const { swaps, viewSwaps, accelerated } = this.#parts;
    for (const each of late) {
      const work = isAccelerated(each.view) ? viewSwaps.putCopy(each) : swaps.commit(() => viewSwaps.putQuery(each));
      await orFail(each.view, failed, work);
    }
    accelerated.arrange(planned);
    const fresh = late.flatMap(({ view }) => (failed.has(view.name.text) ? [] : (accelerated.find(view.name) ?? [])));
    const replaced = staged.updated.map(({ next }) => next).filter((each) => this.#parts.datasets.includes(each));
    accelerated.refreshReaders([...replaced, ...fresh], fresh);
  }

  /** Lets go of what the file does not name any more. */
  async remove({ datasets, views, planned, failed }: NextState): Promise<void> {
    const { swaps, viewSwaps, changes, viewChanges } = this.#parts;
    const taken = new Set([
      ...this.#parts.datasets.flatMap((each) =>
        datasets.removed.includes(each) ? [] : toComparisonKey(each.config.name),
      ),
      ...planned.map(({ view }) => toComparisonKey(view.name)),
    ]);
    const isTaken = ({ name }: DatasetConfig | ViewConfig): boolean => taken.has(toComparisonKey(name));
    const stays = failedKeys(failed);
    await swaps.commit(async () => {
      // What could not be put in its place stays.
      const gone = views.removed.filter(({ config: view }) => !stays.has(toComparisonKey(view.name)));
      for (const { config: view } of gone.reverse()) {
        const work = async (): Promise<void> => {
          if (!isTaken(view)) viewChanges.requireUnused(view);
          await viewSwaps.remove(view, isTaken(view) ? 'query' : 'name');
        };
        await orFail(view, failed, work());
      }
      for (const dataset of datasets.removed) {
        if (stays.has(toComparisonKey(dataset.config.name))) {
          swaps.keep(dataset);
          continue;
        }
        const work = async (): Promise<void> => {
          if (isTaken(dataset.config)) return swaps.letGo(dataset, 'drop');
          changes.requireUnused(dataset);
          return swaps.remove(dataset, 'keep');
        };
        await orFail(dataset.config, failed, work());
      }
    });
  }

  /** All of them, or none. */
  async #retune(retuned: StagedConfig['retuned']): Promise<void> {
    const { swaps } = this.#parts;
    const done: { readonly dataset: Dataset; readonly former: DatasetConfig }[] = [];
    try {
      for (const { old, config } of retuned) {
        const former = old.config;
        await swaps.retune(old, config);
        done.push({ dataset: old, former });
      }
    } catch (error) {
      for (const { dataset, former } of done) await swaps.retune(dataset, former).catch(() => undefined);
      throw error;
    }
  }
}

/** Datasets in the order in which they can load: each behind those of them that it depends on. */
function inOrder(datasets: readonly Dataset[]): Iterable<Dataset> {
  const byKey = new Map(datasets.map((dataset) => [toComparisonKey(dataset.config.name), dataset]));
  const ordered = new Set<Dataset>();
  const put = (dataset: Dataset): void => {
    for (const name of dataset.config.dependsOn ?? []) {
      const before = byKey.get(toNameKey(name));
      if (before) put(before);
    }
    ordered.add(dataset);
  };
  for (const dataset of datasets) put(dataset);
  return ordered;
}

function isSameCatalog(left: ResolvedConfig['catalogs'][number], right: ResolvedConfig['catalogs'][number]): boolean {
  return left.name.toLowerCase() === right.name.toLowerCase() && isSameDefinition(left, right);
}

/** A staged dataset that cannot be made known is let go. */
function orDiscard(swaps: DatasetSwaps, dataset: Dataset, work: () => Promise<void>): Promise<void> {
  return swaps.discardOnFailure(dataset, 'drop', work);
}

/** What cannot be done leaves what there was, and is told of. */
async function orFail(
  { name }: DatasetConfig | ViewConfig,
  failed: Map<string, unknown>,
  work: Promise<void>,
): Promise<void> {
  await work.catch((error: unknown) => void failed.set(name.text, error));
}

/** The datasets that go, and whose names views have from then on. */
function becomeViews({ datasets, planned }: NextState): readonly Dataset[] {
  const keys = new Set(planned.map(({ view }) => toComparisonKey(view.name)));
  return datasets.removed.filter(({ config }) => keys.has(toComparisonKey(config.name)));
}
