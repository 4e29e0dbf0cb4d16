import { resolve } from 'node:path';
import type { DataAccelerator, Logger } from '@millrace/core';
import type { PluginRegistry } from '@millrace/core/registry';
import type { TableName } from '@millrace/duckdb';
import { accelerateDataset } from '../acceleration/accelerate-dataset.ts';
import type { Clock } from '../acceleration/clock.ts';
import type { RefreshListener } from '../acceleration/refresh-event.ts';
import { RefreshLimit } from '../acceleration/refresh-limit.ts';
import type { RefreshOverrides, RefreshReport } from '../acceleration/refresh-run.ts';
import type { ResolvedConfig } from '../config/index.ts';
import { createLifetime } from '../lifetime.ts';
import { type EngineTable, tableKey } from '../query/engine-table.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { settleAll } from '../query/settle-all.ts';
import type { TableFinder } from '../query/table-finder.ts';
import { CatalogManager } from './catalog-manager.ts';
import { ConfiguredViews } from './configured-views.ts';
import { type ConnectorMetrics, ConnectorPool } from './connector-pool.ts';
import { Dataset } from './dataset.ts';
import { findDataset } from './find-dataset.ts';
import { isConfigurationError } from './is-configuration-error.ts';
import { KnownSources } from './known-sources.ts';
import { nativePathsOf } from './native-paths-of.ts';
import { Revivals } from './revivals.ts';
import type { SourceCatalog } from './source-catalog.ts';
import { toSourceFailure } from './source-failure.ts';
import { SourceFinder } from './source-finder.ts';

/** What the datasets of a runtime are made from. */
export interface DatasetManagerParts {
  readonly config: ResolvedConfig;
  readonly plugins: PluginRegistry;
  readonly engine: QueryEngine;
  readonly logger: Logger;
  readonly dataDirectory?: string;
  readonly clock?: Clock;
  readonly onEvent?: RefreshListener;
}

/** Connects, accelerates, registers and closes the datasets of a configuration. */
export class DatasetManager implements TableFinder, AsyncDisposable {
  readonly datasets: readonly Dataset[];
  readonly #parts: DatasetManagerParts;
  readonly #dataDirectory: string;
  readonly #connectors: ConnectorPool;
  readonly #accelerators: DataAccelerator[] = [];
  readonly #lifetime: AbortController = createLifetime();
  /** Datasets that are being brought up again. */
  readonly #catalogs: CatalogManager;
  readonly #views: ConfiguredViews;
  readonly #limit: RefreshLimit;
  readonly #revivals: Revivals;
  readonly #known: KnownSources;
  readonly #sources: SourceFinder;

  constructor(parts: DatasetManagerParts) {
    this.#parts = parts;
    this.datasets = parts.config.datasets.map((config) => new Dataset(config));
    this.#limit = new RefreshLimit(parts.config.datasetLoadParallelism ?? Number.POSITIVE_INFINITY);
    this.#dataDirectory = resolve(parts.config.baseDirectory, parts.dataDirectory ?? '.millrace');
    this.#known = new KnownSources(this.#dataDirectory, parts.logger);
    this.#connectors = new ConnectorPool(parts.plugins, this.#pluginContext(), parts.config.redactor);
    this.#sources = new SourceFinder({
      connectors: this.#connectors,
      known: this.#known,
      database: parts.engine.database,
      signal: this.#lifetime.signal,
    });
    this.#catalogs = new CatalogManager({
      configs: parts.config.catalogs,
      connectors: this.#connectors,
      signal: this.#lifetime.signal,
      logger: parts.logger,
      onListed: (gone) => parts.engine.listingChanged(gone),
    });
    this.#revivals = new Revivals({
      tryAgain: (dataset) => this.#tryAgain(dataset),
      onRevived: (dataset) => dataset.acceleration?.start(this.#dependencies(dataset), dataset.source?.absence),
      clock: parts.clock,
      signal: this.#lifetime.signal,
    });
    this.#views = new ConfiguredViews(
      parts.engine,
      (error) => this.datasets.some(({ failure }) => failure === error) || this.#catalogs.isFailure(error),
    );
  }

  /**
   * Brings every dataset up. Errors of the configuration are thrown; a source that fails leaves its dataset unavailable, and the views
   * over it. Loading goes on after this has resolved.
   */
  async start(): Promise<void> {
    const { config, engine } = this.#parts;
    await settleAll(this.#lifetime.signal, () =>
      [...this.datasets.map((dataset) => this.#bringUp(dataset, 'start')), ...this.#catalogs.start()].map((part) =>
        part.catch((error: unknown) => {
          this.#lifetime.abort();
          throw error;
        }),
      ),
    );
    // The file system is closed to SQL before the first statement; what the datasets read in place stays open.
    await engine.restrictFileAccess({ paths: await this.#nativePaths(), directories: [this.#dataDirectory] });
    engine.useFinder(this);
    for (const dataset of this.datasets) if (!dataset.isWaiting) await this.#register(dataset);
    for (const view of config.views) await this.#views.add(view);
    for (const dataset of this.datasets) {
      if (dataset.failure) this.#revivals.watch(dataset);
      else dataset.acceleration?.start(this.#dependencies(dataset), dataset.source?.absence);
    }
  }

  /** Refreshes a dataset by its name; one that is not connected is brought up first. */
  async refresh(name: string, overrides: RefreshOverrides = {}): Promise<RefreshReport> {
    const dataset = findDataset(this.datasets, name);
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

  /** Whether every dataset can be asked. */
  get isReady(): boolean {
    return this.datasets.every(({ isServing }) => isServing);
  }

  get catalogs(): readonly SourceCatalog[] {
    return this.#catalogs.catalogs;
  }

  /** Lists a catalog anew; views that waited for its tables are tried again. */
  async refreshCatalog(name: string): Promise<void> {
    await this.#catalogs.refresh(name);
    await this.#views.tryAgain();
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

  /** Waits for the first load of every accelerated dataset. */
  async ready(): Promise<void> {
    for (const { failure } of this.datasets) if (failure) throw failure;
    await Promise.all(this.datasets.map((dataset) => dataset.acceleration?.provider()));
  }

  /** Stops connecting and refreshing; what was loaded can still be read. */
  async stop(): Promise<void> {
    this.#lifetime.abort();
    await Promise.allSettled(this.datasets.map(({ acceleration }) => acceleration?.close()));
    await this.#revivals.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    // One that was brought up until the end.
    await Promise.allSettled(this.datasets.map(({ acceleration }) => acceleration?.close()));
    await Promise.allSettled(this.#accelerators.splice(0).map((accelerator) => accelerator.shutdown()));
    await this.#catalogs[Symbol.asyncDispose]();
    await this.#connectors[Symbol.asyncDispose]();
  }

  /** Settles once what the dataset depends on has been loaded, or has failed to be. */
  #dependencies({ config }: Dataset): Promise<unknown> {
    const names = config.dependsOn ?? [];
    return Promise.allSettled(names.map((name) => findDataset(this.datasets, name).attempted()));
  }

  async #tryAgain(dataset: Dataset): Promise<void> {
    await this.#bringUp(dataset).catch((error: unknown) => {
      // A mistake that shows only now, as the source was not there before, is what the dataset fails with from now on.
      if (isConfigurationError(error)) this.#fail(dataset, error);
      throw error;
    });
    await this.#register(dataset);
    if (dataset.failure) throw dataset.failure;
    dataset.isWaiting = false;
    await this.#views.tryAgain();
  }

  /** At start, a federated dataset whose connector waits for the first use is left alone. */
  async #bringUp(dataset: Dataset, occasion: 'start' | 'use' = 'use'): Promise<void> {
    try {
      if ((await this.#sources.connect(dataset, occasion)) === 'waiting') {
        dataset.isWaiting = true;
        return;
      }
      await this.#accelerate(dataset);
      dataset.failure = undefined;
    } catch (error) {
      if (dataset.source?.absence) dataset.source = undefined;
      if (isConfigurationError(error) || this.#lifetime.signal.aborted) throw error;
      this.#fail(dataset, error);
    }
  }

  #fail(dataset: Dataset, error: unknown): void {
    const { name, from } = dataset.config;
    dataset.failure = toSourceFailure(error, { component: `dataset ${name.text}`, connector: from.connector });
    this.#parts.logger.error('dataset is unavailable', {
      dataset: dataset.config.name.text,
      reason: dataset.failure.message,
    });
  }

  async #accelerate(dataset: Dataset): Promise<void> {
    const block = dataset.config.acceleration;
    if (block?.enabled !== true || dataset.acceleration) return;
    const { config, plugins, engine, clock, onEvent } = this.#parts;
    const { accelerator, acceleration, served, mode } = await accelerateDataset(dataset, block, {
      registry: plugins,
      engine,
      redactor: config.redactor,
      reconnect: async (renewed) => void (await this.#sources.reconnect(renewed)),
      context: { ...this.#pluginContext(), engine: engine.database, dataDirectory: this.#dataDirectory },
      limit: this.#limit,
      ...(clock ? { clock } : {}),
      ...(onEvent ? { onEvent } : {}),
    });
    this.#accelerators.push(accelerator);
    dataset.acceleration = acceleration;
    dataset.served = served;
    if (!dataset.source || dataset.source.absence) return;
    const { schema } = dataset.source.provider;
    if (block.mode !== 'memory') await this.#known.remember(dataset.config.name.text, { schema, mode });
    await this.#sources.announce(dataset);
  }

  /** Makes the dataset known to SQL, or why it cannot be: columns that no table can have leave it unavailable, too. */
  async #register(dataset: Dataset): Promise<void> {
    const { engine } = this.#parts;
    if (!dataset.failure) {
      await engine.addTable(dataset.toEngineTable()).catch((error: unknown) => this.#fail(dataset, error));
    }
    if (dataset.failure) engine.addUnavailable(dataset.name, dataset.failure);
  }

  /** Files that the engine may read by itself: those of the native relations. */
  async #nativePaths(): Promise<string[]> {
    const { signal } = this.#lifetime;
    const pathsOf = (dataset: Dataset) =>
      nativePathsOf(dataset, signal).catch((error: unknown) => {
        this.#fail(dataset, error);
        return [];
      });
    return (await Promise.all(this.datasets.map(pathsOf))).flat();
  }

  #pluginContext() {
    const { config, logger } = this.#parts;
    return { signal: this.#lifetime.signal, logger, baseDirectory: config.baseDirectory };
  }
}
