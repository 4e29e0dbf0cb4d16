import { resolve } from 'node:path';
import type { Logger, MemoryBudget, PluginContext } from '@millrace/core';
import type { PluginRegistry } from '@millrace/core/registry';
import type { TableName } from '@millrace/duckdb';
import type { Clock } from '../acceleration/clock.ts';
import type { RefreshListener } from '../acceleration/refresh-event.ts';
import { RefreshLimit } from '../acceleration/refresh-limit.ts';
import type { RefreshOverrides, RefreshReport } from '../acceleration/refresh-run.ts';
import type { ResolvedConfig, ResultsCacheConfig } from '../config/index.ts';
import { toComparisonKey, toNameKey } from '../config/table-name.ts';
import { createLifetime } from '../lifetime.ts';
import { type EngineTable, tableKey } from '../query/engine-table.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { settleAll } from '../query/settle-all.ts';
import type { TableFinder } from '../query/table-finder.ts';
import { AcceleratedViews } from './accelerated-views.ts';
import { CatalogManager } from './catalog-manager.ts';
import { ConfiguredViews } from './configured-views.ts';
import { type ConnectorMetrics, ConnectorPool } from './connector-pool.ts';
import { CopyNames } from './copy-names.ts';
import { Dataset } from './dataset.ts';
import { DatasetHost } from './dataset-host.ts';
import { DatasetSwaps } from './dataset-swaps.ts';
import { findDataset } from './find-dataset.ts';
import { isConfigurationError } from './is-configuration-error.ts';
import { KnownSources } from './known-sources.ts';
import { nativePathsOf } from './native-paths-of.ts';
import { Revivals } from './revivals.ts';
import { RuntimeChanges } from './runtime-changes.ts';
import type { SourceCatalog } from './source-catalog.ts';
import { SourceFinder } from './source-finder.ts';
import { Turns } from './turns.ts';

/** What the datasets of a runtime are made from. */
export interface DatasetManagerParts {
  readonly config: ResolvedConfig;
  readonly plugins: PluginRegistry;
  readonly engine: QueryEngine;
  /** Shared by connectors and accelerators. */
  readonly memory: MemoryBudget;
  readonly logger: Logger;
  readonly dataDirectory?: string;
  readonly clock?: Clock;
  readonly onEvent?: RefreshListener;
  /** Lets results be cached by other settings, or not at all. */
  readonly cacheResults: (settings: ResultsCacheConfig | undefined) => void;
}

/** Connects, accelerates, registers and closes the datasets of a configuration. */
export class DatasetManager implements TableFinder, AsyncDisposable {
  /** In the order of the configuration, those that were added since at the end. */
  readonly datasets: Dataset[];
  /** Adds, updates and removes what there is. */
  readonly changes: RuntimeChanges;
  readonly #parts: DatasetManagerParts;
  readonly #dataDirectory: string;
  readonly #connectors: ConnectorPool;
  readonly #lifetime: AbortController = createLifetime();
  /** Datasets that are being brought up again. */
  readonly #catalogs: CatalogManager;
  readonly #views: ConfiguredViews;
  readonly #acceleratedViews: AcceleratedViews;
  readonly #limit: RefreshLimit;
  readonly #revivals: Revivals;
  readonly #host: DatasetHost;
  readonly #copies: CopyNames;
  readonly #swaps: DatasetSwaps;

  constructor(parts: DatasetManagerParts) {
    this.#parts = parts;
    this.datasets = parts.config.datasets.map((config) => new Dataset(config));
    this.#limit = new RefreshLimit(parts.config.datasetLoadParallelism ?? Number.POSITIVE_INFINITY);
    this.#dataDirectory = resolve(parts.config.baseDirectory, parts.dataDirectory ?? '.millrace');
    this.#copies = new CopyNames(this.#dataDirectory, parts.logger);
    this.#connectors = new ConnectorPool(parts.plugins, this.#pluginContext(), parts.config.redactor);
    const known = new KnownSources(this.#dataDirectory, parts.logger);
    const { signal } = this.#lifetime;
    const commits = new Turns();
    const sources = new SourceFinder({ connectors: this.#connectors, known, database: parts.engine.database, signal });
    this.#host = new DatasetHost({
      ...parts,
      sources,
      known,
      connectors: this.#connectors,
      copies: this.#copies,
      limit: this.#limit,
      commits,
      dataDirectory: this.#dataDirectory,
      context: this.#pluginContext(),
    });
    this.#catalogs = new CatalogManager({
      configs: parts.config.catalogs,
      connectors: this.#connectors,
      signal: this.#lifetime.signal,
      logger: parts.logger,
      engine: parts.engine,
    });
    this.#revivals = new Revivals({
      tryAgain: (dataset) => this.#tryAgain(dataset),
      onRevived: (dataset) => this.#start(dataset),
      clock: parts.clock,
      signal: this.#lifetime.signal,
    });
    const start = (dataset: Dataset): void => this.#start(dataset);
    const isSourceFailure = (error: unknown): boolean => this.#host.isFailure(error) || this.#catalogs.isFailure(error);
    this.#acceleratedViews = new AcceleratedViews({
      engine: parts.engine,
      datasets: this.datasets,
      host: this.#host,
      copies: this.#copies,
      revivals: this.#revivals,
      start,
      isSourceFailure,
    });
    this.#views = new ConfiguredViews({
      engine: parts.engine,
      isSourceFailure,
      accelerate: (planned) => this.#acceleratedViews.open(planned),
    });
    this.#swaps = new DatasetSwaps({
      ...parts,
      datasets: this.datasets,
      views: this.#acceleratedViews.datasets,
      host: this.#host,
      copies: this.#copies,
      revivals: this.#revivals,
      commits,
      start,
      signal,
    });
    this.changes = new RuntimeChanges({
      ...parts,
      datasets: this.datasets,
      catalogs: this.#catalogs,
      swaps: this.#swaps,
      views: this.#views,
      accelerated: this.#acceleratedViews,
      limit: this.#limit,
      isSourceFailure,
      onRegistered: () => this.#retryViews(),
    });
  }

  /**
   * Brings every dataset up. Errors of the configuration are thrown; a source that fails leaves its dataset unavailable, and the views
   * over it. Loading goes on after this has resolved.
   */
  async start(): Promise<void> {
    const { config, engine } = this.#parts;
    await this.#copies.open(this.datasets);
    await settleAll(this.#lifetime.signal, () =>
      [...this.datasets.map((dataset) => this.#host.bringUp(dataset, 'start')), ...this.#catalogs.start()].map((part) =>
        part.catch((error: unknown) => {
          this.#lifetime.abort();
          throw error;
        }),
      ),
    );
    const paths = await this.#nativePaths();
    engine.useFinder(this);
    for (const dataset of this.datasets) if (!dataset.isWaiting) await this.#host.register(dataset);
    await this.#views.start(config.views);
    // The file system is closed to SQL before the first statement; what the datasets read in place stays open, and so does every copy.
    await engine.restrictFileAccess({ paths, directories: [this.#dataDirectory] });
    for (const dataset of this.entries) {
      if (dataset.failure) this.#revivals.watch(dataset);
      else this.#start(dataset);
    }
  }

  /** Refreshes a dataset by its name; one that is not connected is brought up first. */
  async refresh(name: string, overrides: RefreshOverrides = {}): Promise<RefreshReport> {
    const dataset = findDataset(this.entries, name);
    if (!dataset.failure && !dataset.isWaiting) return dataset.refresh(overrides);
    const started = performance.now();
    await this.#revivals.revive(dataset);
    if (dataset.acceleration) return dataset.refresh(overrides);
    return {
      dataset: dataset.config.name.text,
      rowCount: 0n,
      durationMs: performance.now() - started,
      path: 'reconnect',
    };
  }

  /** The datasets, and behind them the accelerated views. */
  get entries(): readonly Dataset[] {
    return [...this.datasets, ...this.#acceleratedViews.datasets];
  }

  /** Whether every dataset and accelerated view can be asked. */
  get isReady(): boolean {
    return this.entries.every(({ isServing }) => isServing);
  }

  get catalogs(): readonly SourceCatalog[] {
    return this.#catalogs.catalogs;
  }

  /** Lists a catalog anew; views that waited for its tables are tried again. */
  async refreshCatalog(name: string): Promise<void> {
    await this.#catalogs.refresh(name);
    await this.#retryViews();
  }

  metrics(): readonly ConnectorMetrics[] {
    return this.#connectors.metrics();
  }

  /** Finds tables of catalogs, and brings up what waits for its first use: datasets, and views that could not be made before. */
  find(name: TableName): Promise<EngineTable | undefined> | undefined {
    const inCatalog = this.#catalogs.find(name);
    if (inCatalog) return inCatalog;
    const key = tableKey(name);
    const dataset = this.datasets.find((each) => each.isWaiting && tableKey(each.name) === key);
    if (dataset) return this.#revivals.revive(dataset).then(() => undefined);
    return this.#views.tryOne(name)?.then(() => undefined);
  }

  async prepareListing(): Promise<void> {
    const waiting = this.datasets.filter(({ isWaiting }) => isWaiting);
    await Promise.all([
      this.#catalogs.prepareListing(),
      ...waiting.map((dataset) => this.#revivals.revive(dataset).catch(() => undefined)),
    ]);
  }

  /** Waits for the first load of every accelerated dataset and view. */
  async ready(): Promise<void> {
    for (const { failure } of this.entries) if (failure) throw failure;
    await Promise.all(this.entries.map((dataset) => dataset.acceleration?.provider()));
  }

  /** Stops connecting and refreshing; what was loaded can still be read. */
  async stop(): Promise<void> {
    this.#lifetime.abort();
    await Promise.allSettled(this.entries.map(({ acceleration }) => acceleration?.close()));
    await this.#swaps.stop();
    await this.#revivals.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.changes.settled();
    await this.#swaps.close();
    // One that was brought up until the end is among them.
    await Promise.allSettled(this.entries.map((dataset) => this.#host.release(dataset, 'keep')));
    await this.#catalogs[Symbol.asyncDispose]();
    await this.#connectors[Symbol.asyncDispose]();
  }

  /**
   * Lets the dataset load once what it depends on has been loaded, or has failed to be, and refresh by its schedule. What comes with the same
   * reload as its new definition is not there yet, and not waited for.
   */
  #start({ config, view, acceleration, source }: Dataset): void {
    const keys = new Set(config.dependsOn?.map(toNameKey));
    const named = this.datasets.filter((each) => keys.has(toComparisonKey(each.config.name)));
    const before = [...named, ...(view?.dependencies ?? [])].map((dataset) => dataset.attempted());
    acceleration?.start(Promise.allSettled(before), source?.absence);
  }

  /** Tries the views that could not be made, after something has come back. */
  async #retryViews(): Promise<void> {
    await this.#acceleratedViews.tryAgain();
    await this.#views.tryAgain();
  }

  async #tryAgain(dataset: Dataset): Promise<void> {
    await this.#host.bringUp(dataset).catch((error: unknown) => {
      // A mistake that shows only now, as the source was not there before, is what the dataset fails with from now on.
      if (isConfigurationError(error)) this.#host.fail(dataset, error);
      throw error;
    });
    await this.#host.register(dataset);
    if (dataset.failure) throw dataset.failure;
    dataset.isWaiting = false;
    await this.#retryViews();
  }

  /** Files that the engine may read by itself: those of the native relations. */
  async #nativePaths(): Promise<string[]> {
    const { signal } = this.#lifetime;
    const pathsOf = (dataset: Dataset) =>
      nativePathsOf(dataset, signal).catch((error: unknown) => {
        this.#host.fail(dataset, error);
        return [];
      });
    return (await Promise.all(this.datasets.map(pathsOf))).flat();
  }

  #pluginContext(): PluginContext {
    const { config, logger, memory } = this.#parts;
    return { signal: this.#lifetime.signal, logger, baseDirectory: config.baseDirectory, memory };
  }
}
