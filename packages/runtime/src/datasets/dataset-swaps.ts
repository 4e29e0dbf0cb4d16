import { cancelledError, isMillraceError, type Logger, MillraceError } from '@millrace/core';
import { haveSameTypes } from '../acceleration/queried-rows.ts';
import type { DatasetConfig } from '../config/index.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { AcceleratedView } from './accelerated-view.ts';
import type { CopyNames } from './copy-names.ts';
import { Dataset } from './dataset.ts';
import type { DatasetHost } from './dataset-host.ts';
import type { Revivals } from './revivals.ts';
import type { Turns } from './turns.ts';

/** What {@link DatasetSwaps} works with. */
export interface DatasetSwapsParts {
  /** The datasets of the runtime, and the accelerated views; changed here. */
  readonly datasets: Dataset[];
  readonly views: Dataset[];
  readonly engine: QueryEngine;
  readonly host: DatasetHost;
  readonly copies: CopyNames;
  readonly revivals: Revivals;
  /** Whatever changes what names stand for in SQL comes one after the other. */
  readonly commits: Turns;
  readonly logger: Logger;
  /** Lets the dataset load, and refresh by its schedule. */
  readonly start: (dataset: Dataset) => void;
  readonly signal: AbortSignal;
}

/**
 * The steps of which changes of datasets are made: what a dataset is to become is connected and loaded beside what it is, takes its name in one
 * step, and what it was is let go once nobody reads it.
 */
export class DatasetSwaps {
  readonly #parts: DatasetSwapsParts;
  /** Datasets that are being made, or wait until nobody reads them. */
  readonly #aside = new Set<Dataset>();
  readonly #retiring = new Set<Promise<void>>();

  constructor(parts: DatasetSwapsParts) {
    this.#parts = parts;
  }

  /**
   * Connects what a dataset is to be, or the view that it is to be, and opens its copy; nobody knows it yet. A source that fails is its failure.
   * @throws MillraceError for a mistake in the definition.
   */
  async stage(config: DatasetConfig, view?: AcceleratedView): Promise<Dataset> {
    const { host, copies } = this.#parts;
    this.#requireOpen();
    const dataset = new Dataset(config, view);
    copies.take(dataset);
    this.#aside.add(dataset);
    await this.discardOnFailure(dataset, 'keep', async () => {
      await host.bringUp(dataset);
      this.#requireOpen();
    });
    return dataset;
  }

  /** Lets a staged dataset load, and settles once it can take the place of an old one. @throws MillraceError why it cannot. */
  async load(dataset: Dataset): Promise<void> {
    if (dataset.failure) throw dataset.failure;
    // What an earlier definition has left under this name may be of any age.
    const isLeftover = dataset.acceleration?.isLoaded === true;
    this.#parts.start(dataset);
    await untilServing(dataset, isLeftover ? 'anew' : 'once');
  }

  /** Does work that makes changes known, while no other change is; `work` uses what is below. */
  commit(work: () => Promise<void>): Promise<void> {
    return this.#parts.commits.run('', async () => {
      this.#requireOpen();
      await work();
    });
  }

  /** Makes a new dataset known. */
  async add(dataset: Dataset): Promise<void> {
    const { engine, host, revivals, start } = this.#parts;
    if (dataset.failure) {
      await host.register(dataset);
      revivals.watch(dataset);
    } else {
      const table = dataset.toEngineTable();
      await engine.addTable(table);
      dataset.table = table;
      start(dataset);
    }
    this.#listOf(dataset).push(dataset);
    this.#aside.delete(dataset);
  }

  /** Puts a dataset that was loaded in the place of whatever has its name; what it was before is let go. */
  async replace(old: Dataset | undefined, next: Dataset): Promise<void> {
    const { engine, copies, revivals } = this.#parts;
    if (old) await revivals.forget(old);
    let table = next.toEngineTable();
    await engine.addTable(table).catch((error: unknown) => {
      if (old) this.keep(old);
      throw error;
    });
    // A refresh that gave it other columns meanwhile could not make them known.
    while (next.acceleration && !haveSameTypes(next.acceleration.schema, table.schema)) {
      table = next.toEngineTable();
      await engine.addTable(table);
    }
    next.table = table;
    const list = this.#listOf(next);
    if (old && this.#listOf(old) === list) list[list.indexOf(old)] = next;
    else list.push(next);
    this.#aside.delete(next);
    engine.changes.announce(next.name);
    if (next.command && next.command.mode !== 'memory') await copies.settle(next);
    if (old) this.#retire(old, 'drop');
  }

  /**
   * Lets a dataset go by a definition that differs in nothing which decides its rows: its source, its copy and a refresh that runs stay.
   * @throws MillraceError `invalid_config` for what cannot be done with the copy; nothing is changed then.
   */
  async retune(dataset: Dataset, definition: DatasetConfig): Promise<void> {
    const { engine } = this.#parts;
    const { description, onSchemaChange, from } = dataset.config;
    // The connector knows its user by this object.
    const config = { ...definition, from };
    if (dataset.retuneCopy) await dataset.retuneCopy(config);
    dataset.config = config;
    if (dataset.table && description !== config.description) {
      const table = dataset.toEngineTable();
      await engine.addTable(table);
      dataset.table = table;
    }
    const { acceleration } = dataset;
    // What the former rule has blocked may be allowed now.
    const isBlocked = onSchemaChange !== config.onSchemaChange && acceleration?.status.state === 'error';
    if (isBlocked) void acceleration?.refresh().catch(() => undefined);
  }

  /** Lets SQL forget a dataset. */
  async remove(dataset: Dataset, copy: 'keep' | 'drop'): Promise<void> {
    const { engine, revivals } = this.#parts;
    await revivals.forget(dataset);
    await engine.remove(dataset.name);
    await this.letGo(dataset, copy);
  }

  /** Makes sure that a dataset does not come up any more, as its name is about to stand for something else; part of a commit. */
  withhold(dataset: Dataset): Promise<void> {
    return this.#parts.revivals.forget(dataset);
  }

  /** A dataset keeps its name after all. */
  keep(dataset: Dataset): void {
    this.#parts.revivals.watch(dataset);
  }

  /** Lets a dataset go whose name stands for something else by now. */
  async letGo(dataset: Dataset, copy: 'keep' | 'drop'): Promise<void> {
    const { engine, revivals } = this.#parts;
    await revivals.forget(dataset);
    const list = this.#listOf(dataset);
    if (list.includes(dataset)) list.splice(list.indexOf(dataset), 1);
    engine.changes.announce(dataset.name);
    this.#retire(dataset, copy);
  }

  /** Does work on a staged dataset, which is let go when that fails. */
  async discardOnFailure(dataset: Dataset, copy: 'keep' | 'drop', work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await this.discard(dataset, copy);
      throw error;
    }
  }

  /** Lets a staged dataset go that nobody came to know. */
  async discard(dataset: Dataset, copy: 'keep' | 'drop'): Promise<void> {
    this.#aside.delete(dataset);
    await this.#parts.host.release(dataset, copy);
  }

  /** Ends what is being made. */
  async stop(): Promise<void> {
    await Promise.allSettled([...this.#aside].map(({ acceleration }) => acceleration?.stop()));
  }

  /** Waits until everything that was put aside is released; no statement runs any more. */
  async close(): Promise<void> {
    await this.#parts.commits.settled();
    await Promise.allSettled(this.#retiring);
  }

  #listOf({ view }: Dataset): Dataset[] {
    return view ? this.#parts.views : this.#parts.datasets;
  }

  #requireOpen(): void {
    const { signal } = this.#parts;
    if (signal.aborted) throw cancelledError('runtime', signal);
  }

  /** Ends the refreshes of a dataset that SQL does not know any more now, and the rest once the statements have ended that may read it. */
  #retire(dataset: Dataset, copy: 'keep' | 'drop'): void {
    const { engine, host, logger } = this.#parts;
    this.#aside.add(dataset);
    const retired = (async () => {
      await dataset.acceleration?.stop();
      if (dataset.table) await engine.release(dataset.table);
      await host.release(dataset, copy);
    })()
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
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
async function untilServing({ acceleration, config }: Dataset, load: 'once' | 'anew'): Promise<void> {
  if (!acceleration) return;
  try {
    if (load === 'anew') await acceleration.refresh();
    else if ((config.readyState ?? 'on_load') === 'on_load') await acceleration.provider();
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
