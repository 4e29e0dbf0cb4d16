import { resolve } from 'node:path';
import { schemasEqual } from '@millrace/arrow';
import { type DataAccelerator, isMillraceError, type Logger, MillraceError, nearestName } from '@millrace/core';
import type { PluginRegistry } from '@millrace/core/registry';
import { accelerateDataset } from '../acceleration/accelerate-dataset.ts';
import type { RefreshProgress, RefreshReport } from '../acceleration/acceleration.ts';
import type { ResolvedConfig } from '../config/index.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { ConnectorPool } from './connector-pool.ts';
import { Dataset } from './dataset.ts';
import { declaredSchema } from './declared-schema.ts';
import { isConfigurationError } from './is-configuration-error.ts';

/** What the datasets of a runtime are made from. */
export interface DatasetManagerParts {
  readonly config: ResolvedConfig;
  readonly plugins: PluginRegistry;
  readonly engine: QueryEngine;
  readonly logger: Logger;
  readonly dataDirectory?: string;
  readonly onProgress?: RefreshProgress;
}

/** Connects, accelerates, registers and closes the datasets of a configuration. */
export class DatasetManager implements AsyncDisposable {
  readonly datasets: readonly Dataset[];
  readonly #parts: DatasetManagerParts;
  readonly #dataDirectory: string;
  readonly #connectors: ConnectorPool;
  readonly #accelerators: DataAccelerator[] = [];
  readonly #lifetime = new AbortController();

  constructor(parts: DatasetManagerParts) {
    this.#parts = parts;
    this.datasets = parts.config.datasets.map((config) => new Dataset(config));
    this.#dataDirectory = resolve(parts.config.baseDirectory, parts.dataDirectory ?? '.millrace');
    this.#connectors = new ConnectorPool(parts.plugins, this.#pluginContext(), parts.config.redactor);
  }

  /**
   * Brings every dataset up. Errors of the configuration are thrown; a source that fails leaves its dataset unavailable.
   * Loading goes on after this has resolved.
   */
  async start(): Promise<void> {
    const { config, engine } = this.#parts;
    await Promise.all(this.datasets.map((dataset) => this.#bringUp(dataset)));
    // The file system is closed to SQL before the first statement; what the datasets read in place stays open.
    await engine.restrictFileAccess({ paths: await this.#nativePaths(), directories: [this.#dataDirectory] });
    for (const dataset of this.datasets) await this.#register(dataset);
    for (const { name, sql, description, location } of config.views) {
      const view = { name, sql, ...(description === undefined ? {} : { description }) };
      await engine.addView(view).catch((error: unknown) => {
        throw viewError(name.text, error, location('sql'));
      });
    }
    for (const dataset of this.datasets) dataset.acceleration?.start();
  }

  /** Refreshes a dataset by its name; one that failed to connect is brought up first. */
  async refresh(name: string): Promise<RefreshReport> {
    const dataset = this.#find(name);
    if (dataset.failure) {
      await this.#bringUp(dataset);
      await this.#register(dataset);
      if (dataset.failure) throw dataset.failure;
    }
    return dataset.refresh();
  }

  /** Waits for the first load of every accelerated dataset. */
  async ready(): Promise<void> {
    for (const { failure } of this.datasets) if (failure) throw failure;
    await Promise.all(this.datasets.map((dataset) => dataset.acceleration?.provider()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lifetime.abort();
    await Promise.allSettled(this.datasets.map(({ acceleration }) => acceleration?.close()));
    await Promise.allSettled(this.#accelerators.splice(0).map((accelerator) => accelerator.shutdown()));
    await this.#connectors[Symbol.asyncDispose]();
  }

  async #bringUp(dataset: Dataset): Promise<void> {
    dataset.failure = undefined;
    try {
      await this.#connect(dataset);
      await this.#accelerate(dataset);
    } catch (error) {
      if (isConfigurationError(error) || this.#lifetime.signal.aborted) throw error;
      dataset.failure = toFailure(dataset, error);
      this.#parts.logger.error('dataset is unavailable', {
        dataset: dataset.config.name.text,
        reason: dataset.failure.message,
      });
    }
  }

  async #connect(dataset: Dataset): Promise<void> {
    const { config } = dataset;
    const { connector, parameters } = await this.#connectors.connect(config);
    const schema = await declaredSchema(config, this.#parts.engine.database);
    const source = {
      name: config.name.text,
      path: config.from.path,
      parameters,
      ...(schema === undefined ? {} : { schema }),
    };
    const provider = await connector.readProvider(source, { signal: this.#lifetime.signal });
    dataset.source = { connector, parameters, provider };
  }

  async #reconnect(dataset: Dataset): Promise<void> {
    const previous = dataset.source;
    await this.#connect(dataset);
    if (!previous || !dataset.source || schemasEqual(previous.provider.schema, dataset.source.provider.schema)) return;
    dataset.source = previous;
    throw new MillraceError({
      code: 'schema_mismatch',
      component: `dataset ${dataset.config.name.text}`,
      connector: dataset.config.from.connector,
      message: 'the source has other columns than when the dataset was loaded',
      hint: 'The old rows are still served; restart the runtime to take the new columns over.',
    });
  }

  async #accelerate(dataset: Dataset): Promise<void> {
    const block = dataset.config.acceleration;
    if (block?.enabled !== true || dataset.acceleration) return;
    const { config, plugins, engine, onProgress } = this.#parts;
    const { accelerator, acceleration } = await accelerateDataset(dataset, block, {
      registry: plugins,
      engine,
      redactor: config.redactor,
      reconnect: (renewed) => this.#reconnect(renewed),
      context: { ...this.#pluginContext(), engine: engine.database, dataDirectory: this.#dataDirectory },
      ...(onProgress ? { onProgress } : {}),
    });
    this.#accelerators.push(accelerator);
    dataset.acceleration = acceleration;
    await dataset.source?.connector.onAcceleratedTableRegistration?.({
      dataset: dataset.config.name.text,
      requestRefresh: () => void acceleration.refresh().catch(() => undefined),
    });
  }

  async #register(dataset: Dataset): Promise<void> {
    const { engine } = this.#parts;
    if (dataset.failure) engine.addUnavailable(dataset.name, dataset.failure);
    else await engine.addTable(dataset.toEngineTable());
  }

  /** Files that the engine may read by itself: those of the native relations. */
  async #nativePaths(): Promise<string[]> {
    const relations = await Promise.all(
      this.datasets.map(({ source }) => source?.provider.nativeRelation?.({ signal: this.#lifetime.signal })),
    );
    return relations.flatMap((relation) => (relation?.kind === 'sql' ? relation.paths : []));
  }

  #find(name: string): Dataset {
    const found = this.datasets.find(({ config }) => config.name.text.toLowerCase() === name.toLowerCase());
    if (found) return found;
    const names = this.datasets.map(({ config }) => config.name.text);
    const nearest = nearestName(name, names);
    throw new MillraceError({
      code: 'unknown_table',
      component: 'runtime',
      message: `there is no dataset ${name}`,
      hint: nearest === undefined ? `Datasets: ${names.join(', ')}.` : `Did you mean ${nearest}?`,
    });
  }

  #pluginContext() {
    const { config, logger } = this.#parts;
    return { signal: this.#lifetime.signal, logger, baseDirectory: config.baseDirectory };
  }
}

function toFailure(dataset: Dataset, error: unknown): MillraceError {
  if (isMillraceError(error)) return error;
  return new MillraceError({
    code: 'internal',
    component: `dataset ${dataset.config.name.text}`,
    connector: dataset.config.from.connector,
    message: error instanceof Error ? error.message : String(error),
    hint: 'This looks like a defect of the connector: please report it.',
    cause: error,
  });
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
