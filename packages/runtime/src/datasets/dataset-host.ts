import { isMillraceError, type Logger, type MillraceError, type PluginContext } from '@millrace/core';
import type { PluginRegistry } from '@millrace/core/registry';
import { type AccelerationHost, accelerateDataset } from '../acceleration/accelerate-dataset.ts';
import type { Clock } from '../acceleration/clock.ts';
import type { RefreshListener } from '../acceleration/refresh-event.ts';
import { RefreshLimit } from '../acceleration/refresh-limit.ts';
import type { ServedTable } from '../acceleration/served-table.ts';
import type { ResolvedConfig } from '../config/index.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { ConnectorPool } from './connector-pool.ts';
import type { CopyNames } from './copy-names.ts';
import type { Dataset } from './dataset.ts';
import { isConfigurationError } from './is-configuration-error.ts';
import type { KnownSources } from './known-sources.ts';
import { toSourceFailure } from './source-failure.ts';
import type { SourceFinder } from './source-finder.ts';
import type { Turns } from './turns.ts';

/** What datasets are brought up with. */
export interface DatasetHostParts {
  readonly config: ResolvedConfig;
  readonly plugins: PluginRegistry;
  readonly engine: QueryEngine;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly onEvent?: RefreshListener;
  readonly sources: SourceFinder;
  readonly known: KnownSources;
  readonly connectors: ConnectorPool;
  readonly copies: CopyNames;
  readonly limit: RefreshLimit;
  /** Whatever changes what names stand for in SQL comes one after the other. */
  readonly commits: Turns;
  readonly dataDirectory: string;
  /** Its signal ends the life of every dataset. */
  readonly context: PluginContext;
}

/** Copies that are opened at the same time: each needs a planner for the moment, and most of them share the engine's own instance. */
const OPENED_AT_ONCE = 8;

/** Connects and accelerates single datasets, makes them known to SQL, and lets them go. */
export class DatasetHost {
  readonly #parts: DatasetHostParts;
  readonly #opening: RefreshLimit = new RefreshLimit(OPENED_AT_ONCE);
  /** Of datasets that may be back by now, while SQL still tells of it. */
  readonly #failures = new WeakSet<MillraceError>();

  constructor(parts: DatasetHostParts) {
    this.#parts = parts;
  }

  /**
   * Connects the dataset and opens its copy; a source that fails is the dataset's failure. At start, a federated dataset whose connector waits
   * for the first use is left alone.
   * @throws MillraceError for a mistake in the definition.
   */
  async bringUp(dataset: Dataset, occasion: 'start' | 'use' = 'use'): Promise<void> {
    const { sources, context } = this.#parts;
    try {
      if ((await sources.connect(dataset, occasion)) === 'waiting') {
        dataset.isWaiting = true;
        return;
      }
      await this.#accelerate(dataset);
      dataset.failure = undefined;
    } catch (error) {
      if (dataset.source?.absence) dataset.source = undefined;
      if (isConfigurationError(error) || context.signal.aborted) throw error;
      this.fail(dataset, error);
    }
  }

  /** Makes the dataset known to SQL, or why it cannot be: columns that no table can have leave it unavailable, too. */
  async register(dataset: Dataset): Promise<void> {
    const { engine } = this.#parts;
    if (!dataset.failure) {
      dataset.table = dataset.toEngineTable();
      await engine.addTable(dataset.table).catch((error: unknown) => this.fail(dataset, error));
    }
    if (dataset.failure) engine.addUnavailable(dataset.name, dataset.failure);
  }

  /** The dataset cannot be asked, for this reason. */
  fail(dataset: Dataset, error: unknown): void {
    const { name, from } = dataset.config;
    dataset.failure = toSourceFailure(error, { component: `dataset ${name.text}`, connector: from.connector });
    this.#failures.add(dataset.failure);
    const { message: reason, code } = dataset.failure;
    this.#parts.engine.observer.activity.loadFailed(name.text, code);
    this.#parts.logger.error('dataset is unavailable', { dataset: name.text, reason });
  }

  /** Whether the error is why a dataset cannot be asked, or could not before. */
  isFailure(error: unknown): boolean {
    return isMillraceError(error) && this.#failures.has(error);
  }

  /** Stops refreshing, closes the copy, and lets the source go. Nobody reads the dataset any more; SQL does not know it. */
  async release(dataset: Dataset, copy: 'keep' | 'drop'): Promise<void> {
    const { connectors, copies, context } = this.#parts;
    const { acceleration, accelerator, command, config } = dataset;
    await acceleration?.close();
    const isDropped = copy === 'drop' && command !== undefined && accelerator?.drop !== undefined;
    try {
      if (isDropped) await accelerator.drop?.(command, { signal: new AbortController().signal });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      context.logger.warn('the local copy of a dataset cannot be removed', { dataset: config.name.text, reason });
    }
    await accelerator?.shutdown();
    await connectors.release(config);
    await copies.free(dataset, isDropped ? 'gone' : 'kept');
  }

  /** Tells SQL of the dataset's new columns, where it knows the dataset: one that was removed meanwhile, or replaced, does not come back by that. */
  async #redefine(dataset: Dataset, served: ServedTable): Promise<void> {
    const { engine, commits } = this.#parts;
    dataset.served = served;
    const isKnown = (): boolean => dataset.table !== undefined && engine.isRegistered(dataset.table);
    if (!isKnown()) return;
    await commits.run('', async () => {
      if (isKnown()) await this.#registerAnew(dataset);
    });
  }

  /** Makes the dataset known to SQL by what it is now, and the views over it anew. */
  async #registerAnew(dataset: Dataset): Promise<void> {
    const { engine } = this.#parts;
    await this.register(dataset);
    for (const view of engine.readersOf(dataset.name))
      await engine.addView(view).catch((error: unknown) => {
        this.#parts.logger.warn('a view does not fit the new columns of a dataset', {
          view: view.name.table,
          dataset: dataset.config.name.text,
          reason: error instanceof Error ? error.message : String(error),
        });
      });
  }

  async #accelerate(dataset: Dataset): Promise<void> {
    const block = dataset.config.acceleration;
    if (block?.enabled !== true || dataset.acceleration) return;
    const { config, plugins, engine, clock, onEvent, sources, known, limit, dataDirectory, context } = this.#parts;
    const host: AccelerationHost = {
      registry: plugins,
      engine,
      redactor: config.redactor,
      find: (wanted) => sources.find(wanted),
      adopt: (renewed, found) => sources.adopt(renewed, found),
      onRedefined: (redefined, served) => this.#redefine(redefined, served),
      context: { ...context, engine: engine.database, dataDirectory },
      limit,
      ...(clock ? { clock } : {}),
      ...(onEvent ? { onEvent } : {}),
    };
    const { accelerator, acceleration, served, mode, command, isLasting, retune } = await this.#opening.run(
      () => accelerateDataset(dataset, block, host),
      context.signal,
    );
    dataset.accelerator = accelerator;
    dataset.command = command;
    dataset.hasLastingCopy = isLasting;
    dataset.acceleration = acceleration;
    dataset.retuneCopy = retune;
    dataset.served = served;
    if (!dataset.source || dataset.source.absence) return;
    const { schema } = dataset.source.provider;
    if (isLasting) await known.remember(dataset.config.name.text, { schema, mode });
    await sources.announce(dataset);
  }
}
