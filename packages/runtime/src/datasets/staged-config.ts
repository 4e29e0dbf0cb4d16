import type { CatalogConfig, DatasetConfig } from '../config/index.ts';
import type { EngineTable } from '../query/engine-table.ts';
import type { CatalogManager } from './catalog-manager.ts';
import type { CheckedDataset } from './check-views.ts';
import type { ConfigDifference } from './config-difference.ts';
import type { Dataset } from './dataset.ts';
import type { DatasetSwaps } from './dataset-swaps.ts';
import { keepsCopy } from './keeps-copy.ts';
import type { SourceCatalog } from './source-catalog.ts';

/** A dataset and what is to take its place. */
export interface StagedUpdate {
  readonly old: Dataset;
  readonly next: Dataset;
}

/** What becomes of catalogs, by name. */
export interface CatalogChanges {
  readonly added: readonly string[];
  readonly updated: readonly string[];
  readonly removed: readonly string[];
}

/** What {@link StagedConfig} is opened with. */
export interface StagedConfigParts {
  readonly swaps: DatasetSwaps;
  readonly catalogs: CatalogManager;
  /** What is to become of the datasets, those that there are, and the catalogs that there are to be. */
  readonly difference: ConfigDifference<DatasetConfig, Dataset>;
  readonly running: readonly Dataset[];
  readonly wantedCatalogs: readonly { readonly config: CatalogConfig; readonly running: SourceCatalog | undefined }[];
}

/** The datasets and catalogs that a reload brings, connected, and known to nobody yet. */
export class StagedConfig {
  readonly added: readonly Dataset[];
  readonly updated: readonly StagedUpdate[];
  /** Datasets that go by the new definition with the copy and the source that they have. */
  readonly retuned: ConfigDifference<DatasetConfig, Dataset>['updated'];
  /** The catalogs that there are to be, in the order of the file. One that changes and cannot be listed stays as it was. */
  readonly catalogs: readonly SourceCatalog[];
  /** Names of the catalogs that come, are other ones, and go. */
  readonly catalogChanges: CatalogChanges;
  /** Catalogs that stay as they were, by name, and why. */
  readonly failedCatalogs: ReadonlyMap<string, unknown>;
  readonly #parts: StagedConfigParts;
  readonly #fresh: readonly SourceCatalog[];

  private constructor(
    parts: StagedConfigParts,
    datasets: readonly Dataset[],
    catalogs: readonly { readonly next: SourceCatalog; readonly old: SourceCatalog | undefined }[],
  ) {
    const { added, updated } = parts.difference;
    const replaced = updated.filter(({ old, config }) => !keepsCopy(old, config));
    this.#parts = parts;
    this.added = datasets.slice(0, added.length);
    this.updated = replaced.map(({ old }, index) => ({ old, next: datasets[added.length + index]! }));
    this.retuned = updated.filter((each) => !replaced.includes(each));
    const isFailed = ({ next, old }: (typeof catalogs)[number]): boolean =>
      old !== undefined && old !== next && next.failure !== undefined;
    this.catalogs = catalogs.map((each) => (isFailed(each) ? each.old! : each.next));
    this.failedCatalogs = new Map(catalogs.filter(isFailed).map(({ next }) => [next.name, next.failure]));
    const former = parts.catalogs.catalogs;
    const wanted = new Set(catalogs.map(({ old }) => old));
    this.catalogChanges = {
      added: catalogs.flatMap(({ next, old }) => (old ? [] : next.name)),
      updated: catalogs.flatMap((each) =>
        each.old && each.old !== each.next && !isFailed(each) ? each.next.name : [],
      ),
      removed: former.flatMap((each) => (wanted.has(each) ? [] : each.name)),
    };
    this.#fresh = catalogs.flatMap(({ next, old }) => (next === old ? [] : next));
  }

  /** Stages all of it, or nothing. @throws MillraceError for a mistake in a definition. */
  static async open(parts: StagedConfigParts): Promise<StagedConfig> {
    const { swaps, catalogs, difference, wantedCatalogs } = parts;
    const updated = difference.updated.filter(({ old, config }) => !keepsCopy(old, config));
    const configs = [...difference.added, ...updated.map(({ config }) => config)];
    const [datasets, listed] = await Promise.all([
      Promise.allSettled(configs.map((config) => swaps.stage(config))),
      Promise.allSettled(
        wantedCatalogs.map(async ({ config, running }) => ({
          next: running ?? (await catalogs.stage(config)),
          old: catalogs.catalogs.find((each) => each.name.toLowerCase() === config.name.toLowerCase()),
        })),
      ),
    ]);
    const found = datasets.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
    const opened = listed.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
    const broken = [...datasets, ...listed].find((result) => result.status === 'rejected');
    if (!broken) return new StagedConfig(parts, found, opened);
    await Promise.all(found.map((dataset) => swaps.discard(dataset, 'keep')));
    await Promise.all(opened.flatMap(({ next, old }) => (next === old ? [] : catalogs.discard(next))));
    throw broken.reason;
  }

  /** The datasets that views are made over once everything has taken effect. */
  get checkedDatasets(): readonly CheckedDataset[] {
    const { difference, running } = this.#parts;
    const gone = new Set([...difference.removed, ...this.updated.map(({ old }) => old)]);
    const fresh = [...this.added, ...this.updated.map(({ next }) => next)];
    return [
      ...running.flatMap((each) => (gone.has(each) ? [] : { name: each.name, table: askable(each, each.table) })),
      ...fresh.map((each) => ({
        name: each.name,
        table: each.failure ? undefined : askable(each, each.toEngineTable()),
      })),
    ];
  }

  /** Lets everything go that nobody came to know: all of it but datasets of these names, or the catalogs that could not be listed. */
  async discard(what: 'all' | 'failed catalogs', except: ReadonlyMap<string, unknown> = new Map()): Promise<void> {
    const { swaps, catalogs } = this.#parts;
    const unused = this.#fresh.filter((catalog) => what === 'all' || !this.catalogs.includes(catalog));
    await Promise.all(unused.map((catalog) => catalogs.discard(catalog)));
    if (what === 'failed catalogs') return;
    const staged = [...this.added, ...this.updated.map(({ next }) => next)];
    const datasets = staged.filter(({ config }) => !except.has(config.name.text));
    await Promise.all(datasets.map((dataset) => swaps.discard(dataset, 'drop')));
  }
}

function askable({ failure, isWaiting }: Dataset, table: EngineTable | undefined): EngineTable | undefined {
  return failure || isWaiting ? undefined : table;
}
