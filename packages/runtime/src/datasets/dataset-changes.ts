import { cancelledError, isMillraceError, type Logger, MillraceError } from '@millrace/core';
import type { DatasetConfig, DatasetInput, ResolvedConfig } from '../config/index.ts';
import { resolveDefinition } from '../config/resolve-definition.ts';
import { isSameDefinition } from '../config/same-definition.ts';
import { toComparisonKey, toNameKey } from '../config/table-name.ts';
import { checkReaders } from '../query/check-readers.ts';
import { formatTableName } from '../query/engine-table.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { CopyNames } from './copy-names.ts';
import { Dataset } from './dataset.ts';
import type { DatasetHost } from './dataset-host.ts';
import { findDataset } from './find-dataset.ts';
import type { Revivals } from './revivals.ts';
import { Turns } from './turns.ts';

/** What became of a definition. */
export type DatasetChange = 'added' | 'updated' | 'unchanged';

/** How a dataset is removed. */
export interface RemoveDatasetOptions {
  /** `drop` removes a copy that is in a file as well, once nobody reads it; default `keep`, so that the dataset can come back with its rows. */
  readonly copy?: 'keep' | 'drop';
}

/** What {@link DatasetChanges} works with. */
export interface DatasetChangesParts {
  readonly config: ResolvedConfig;
  /** The datasets of the runtime; changed here. */
  readonly datasets: Dataset[];
  readonly engine: QueryEngine;
  readonly host: DatasetHost;
  readonly copies: CopyNames;
  readonly revivals: Revivals;
  readonly logger: Logger;
  /** Lets the dataset load, and refresh by its schedule. */
  readonly start: (dataset: Dataset) => void;
  /** The accelerated view that reads a dataset, if there is one. */
  readonly readerOf: (dataset: Dataset) => Dataset | undefined;
  /** Called after a dataset has become known to SQL. */
  readonly onRegistered: () => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Adds, updates and removes datasets while statements run. A change is made whole or not at all: what a dataset is to become is connected and
 * loaded beside what it is, and takes its name in one step.
 */
export class DatasetChanges {
  readonly #parts: DatasetChangesParts;
  /** Changes of one dataset come one after the other. */
  readonly #turns: Turns = new Turns();
  /** So do the moments in which a change takes effect. */
  readonly #commits: Turns = new Turns();
  /** Datasets that are being made, or wait until nobody reads them. */
  readonly #aside = new Set<Dataset>();
  readonly #retiring = new Set<Promise<void>>();

  constructor(parts: DatasetChangesParts) {
    this.#parts = parts;
  }

  /**
   * Adds a dataset; one with the same definition is left as it is.
   * @throws MillraceError as loading a configuration does; `already_exists` for another definition of that name; the source's error.
   */
  add(definition: DatasetInput): Promise<DatasetChange> {
    return this.#inTurn(definition, async (config) => {
      const existing = this.#find(config);
      if (existing && isSameDefinition(existing.config, config)) return 'unchanged';
      if (existing) throw alreadyThere(config);
      const dataset = await this.#stage(config);
      await this.#discardOnFailure(dataset, 'keep', () =>
        this.#commit(async () => {
          await this.#resolve(definition);
          await this.#register(dataset);
          this.#parts.datasets.push(dataset);
          this.#aside.delete(dataset);
          this.#parts.start(dataset);
        }),
      );
      await this.#parts.onRegistered();
      return 'added';
    });
  }

  /**
   * Gives a dataset another definition. The old one answers until the new one can by its `ready_state`.
   * @throws MillraceError as loading a configuration does; `unknown_table`; why the new definition cannot be served, or a view not made over
   * it. The old definition stays in place then.
   */
  update(definition: DatasetInput): Promise<DatasetChange> {
    return this.#inTurn(definition, async (config) => {
      const { datasets, revivals, copies, start } = this.#parts;
      const old = findDataset(datasets, config.name.text);
      if (isSameDefinition(old.config, config)) return 'unchanged';
      const next = await this.#stage(config);
      await this.#discardOnFailure(next, 'drop', async () => {
        start(next);
        await untilServing(next);
        await checkReaders(this.#parts.engine, next.toEngineTable());
        await revivals.forget(old);
        await this.#commit(async () => {
          await this.#resolve(definition);
          await this.#register(next);
          datasets[datasets.indexOf(old)] = next;
          this.#aside.delete(next);
          if (next.command && next.command.mode !== 'memory') await copies.settle(next);
        });
      }).catch((error: unknown) => {
        if (old.failure) revivals.watch(old);
        throw error;
      });
      this.#retire(old, 'drop');
      await this.#parts.onRegistered();
      return 'updated';
    });
  }

  /**
   * Removes a dataset and stops its refreshes; statements that run keep what they read. Says whether there was one of that name.
   * @throws MillraceError `invalid_state` while another dataset depends on it or a view reads it.
   */
  remove(name: string, { copy = 'keep' }: RemoveDatasetOptions = {}): Promise<boolean> {
    return this.#turns.run(toNameKey(name), async () => {
      const { datasets, engine, revivals } = this.#parts;
      const dataset = datasets.find(({ config }) => toComparisonKey(config.name) === toNameKey(name));
      if (!dataset) return false;
      await revivals.forget(dataset);
      await this.#commit(async () => {
        this.#requireUnused(dataset);
        datasets.splice(datasets.indexOf(dataset), 1);
        await engine.remove(dataset.name);
      });
      this.#retire(dataset, copy);
      return true;
    });
  }

  /** Ends what is being made. */
  async stop(): Promise<void> {
    await Promise.allSettled([...this.#aside].map(({ acceleration }) => acceleration?.stop()));
  }

  /** Waits until everything that was put aside is released; no statement runs any more. */
  async close(): Promise<void> {
    await this.stop();
    await this.#turns.settled();
    await Promise.allSettled(this.#retiring);
  }

  async #inTurn(
    definition: DatasetInput,
    work: (config: DatasetConfig) => Promise<DatasetChange>,
  ): Promise<DatasetChange> {
    // A name that cannot be used is told by the check, too.
    const { name } = await this.#resolve(definition);
    return this.#turns.run(toComparisonKey(name), async () => work(await this.#resolve(definition)));
  }

  async #resolve(definition: DatasetInput): Promise<DatasetConfig> {
    const { config, datasets, logger } = this.#parts;
    const { dataset, warnings } = await resolveDefinition(definition, {
      ...config,
      datasets: datasets.map((each) => each.config),
    });
    for (const { message } of warnings) logger.warn(message);
    return dataset;
  }

  /** Connects what a dataset is to be, and opens its copy. @throws MillraceError also for a source that fails. */
  async #stage(config: DatasetConfig): Promise<Dataset> {
    const { host, copies } = this.#parts;
    this.#requireOpen();
    const dataset = new Dataset(config);
    copies.take(dataset);
    this.#aside.add(dataset);
    await this.#discardOnFailure(dataset, 'keep', async () => {
      await host.bringUp(dataset);
      if (dataset.failure) throw dataset.failure;
      this.#requireOpen();
    });
    return dataset;
  }

  async #register(dataset: Dataset): Promise<void> {
    this.#requireOpen();
    const table = dataset.toEngineTable();
    await this.#parts.engine.addTable(table);
    dataset.table = table;
  }

  #requireOpen(): void {
    const { signal } = this.#parts;
    if (signal.aborted) throw cancelledError('runtime', signal);
  }

  async #discardOnFailure(dataset: Dataset, copy: 'keep' | 'drop', work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#aside.delete(dataset);
      await this.#parts.host.release(dataset, copy);
      throw error;
    }
  }

  #commit(work: () => Promise<void>): Promise<void> {
    return this.#commits.run('', work);
  }

  #find({ name }: DatasetConfig): Dataset | undefined {
    const key = toComparisonKey(name);
    return this.#parts.datasets.find(({ config }) => toComparisonKey(config.name) === key);
  }

  #requireUnused(dataset: Dataset): void {
    const { datasets, engine } = this.#parts;
    const key = toComparisonKey(dataset.config.name);
    const dependent = datasets.find(({ config }) => config.dependsOn?.some((name) => toNameKey(name) === key));
    const [view] = engine.readersOf(dataset.name);
    const reader = view ? formatTableName(view.name) : this.#parts.readerOf(dataset)?.config.name.text;
    if (!dependent && reader === undefined) return;
    const user = dependent ? `dataset ${dependent.config.name.text} depends on it` : undefined;
    throw new MillraceError({
      code: 'invalid_state',
      component: `dataset ${dataset.config.name.text}`,
      message: `it cannot be removed: ${user ?? `view ${reader} reads it`}`,
      hint: 'Remove or change that first.',
    });
  }

  /** Lets a dataset go that SQL does not know any more: its refreshes now, the rest once the statements have ended that may read it. */
  #retire(dataset: Dataset, copy: 'keep' | 'drop'): void {
    const { engine, host, logger } = this.#parts;
    this.#aside.add(dataset);
    const retired = (async () => {
      await dataset.acceleration?.stop();
      if (dataset.table) await engine.release(dataset.table);
      await host.release(dataset, copy);
    })()
      .catch((error: unknown) => {
        const reason = isMillraceError(error) || error instanceof Error ? error.message : String(error);
        logger.warn('a removed dataset cannot be released', { dataset: dataset.config.name.text, reason });
      })
      .finally(() => {
        this.#aside.delete(dataset);
        this.#retiring.delete(retired);
      });
    this.#retiring.add(retired);
  }
}

/** Settles once queries may read the dataset by its `ready_state`. @throws MillraceError why its first load failed. */
async function untilServing({ acceleration, config }: Dataset): Promise<void> {
  if (!acceleration || (config.readyState ?? 'on_load') !== 'on_load') return;
  try {
    await acceleration.provider();
  } catch (error) {
    const cause = isMillraceError(error) && isMillraceError(error.cause) ? error.cause : error;
    if (!isMillraceError(cause)) throw cause;
    throw new MillraceError({
      code: cause.code,
      component: `dataset ${config.name.text}`,
      message: `the new definition could not be loaded, and the old one stays: ${cause.reason}`,
      hint: cause.hint ?? 'Mend the cause and update it again.',
      retryable: cause.retryable,
      cause,
    });
  }
}

function alreadyThere({ name }: DatasetConfig): MillraceError {
  return new MillraceError({
    code: 'already_exists',
    component: `dataset ${name.text}`,
    message: 'there is one of that name with another definition',
    hint: 'Use updateDataset to change it.',
  });
}
