import { type Logger, MillraceError } from '@millrace/core';
import type { ConfigName, DatasetConfig, DatasetInput, ResolvedConfig } from '../config/index.ts';
import { resolveDefinition } from '../config/resolve-definition.ts';
import { isSameDefinition } from '../config/same-definition.ts';
import { toComparisonKey, toNameKey } from '../config/table-name.ts';
import { checkReaders } from '../query/check-readers.ts';
import { formatTableName } from '../query/engine-table.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { AcceleratedViews } from './accelerated-views.ts';
import type { ConfiguredViews } from './configured-views.ts';
import type { Dataset } from './dataset.ts';
import type { DatasetSwaps } from './dataset-swaps.ts';
import { findDataset } from './find-dataset.ts';
import { keepsCopy } from './keeps-copy.ts';
import type { Turns } from './turns.ts';

/** What became of a definition. */
export type DatasetChange = 'added' | 'updated' | 'unchanged';

/** How a dataset is removed. */
export interface RemoveDatasetOptions {
  /** `drop` removes a copy that is in a file as well, once nobody reads it; default `keep`, so that the dataset can come back with its rows. */
  readonly copy?: 'keep' | 'drop';
}

/** What {@link DatasetChanges} works with. */
export interface DatasetChangesParts {
  /** The configuration as it is now. */
  readonly config: () => ResolvedConfig;
  /** The datasets of the runtime. */
  readonly datasets: readonly Dataset[];
  readonly engine: QueryEngine;
  readonly swaps: DatasetSwaps;
  readonly logger: Logger;
  readonly views: ConfiguredViews;
  readonly accelerated: AcceleratedViews;
  /** Changes of one name come one after the other, those of views too. */
  readonly turns: Turns;
  /** Called after a dataset has become known to SQL. */
  readonly onRegistered: () => Promise<void>;
}

/** Adds, updates and removes datasets while statements run. A change is made whole or not at all. */
export class DatasetChanges {
  readonly #parts: DatasetChangesParts;
  constructor(parts: DatasetChangesParts) {
    this.#parts = parts;
  }

  /**
   * Adds a dataset; one with the same definition is left as it is.
   * @throws MillraceError as loading a configuration does; `already_exists` for another definition of that name; the source's error.
   */
  add(definition: DatasetInput): Promise<DatasetChange> {
    return this.#inTurn(definition, async (config) => {
      const { swaps, onRegistered } = this.#parts;
      const existing = this.#find(config);
      if (existing && isSameDefinition(existing.config, config)) return 'unchanged';
      if (existing) throw alreadyThere(config);
      const dataset = await swaps.stage(config);
      await swaps.discardOnFailure(dataset, 'keep', () => {
        if (dataset.failure) throw dataset.failure;
        return swaps.commit(async () => {
          await this.#resolve(definition);
          await swaps.add(dataset);
        });
      });
      await onRegistered();
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
      const { datasets, engine, swaps, accelerated, onRegistered } = this.#parts;
      const old = findDataset(datasets, config.name.text);
      if (isSameDefinition(old.config, config)) return 'unchanged';
      if (keepsCopy(old, config)) {
        await swaps.commit(async () => swaps.retune(old, await this.#resolve(definition)));
        return 'updated';
      }
      const next = await swaps.stage(config);
      await swaps.discardOnFailure(next, 'drop', async () => {
        await swaps.load(next);
        await swaps.commit(async () => {
          await this.#resolve(definition);
          const copies = accelerated.readersOf([old]).flatMap(({ view }) => view?.planned.view ?? []);
          await checkReaders(engine, next.toEngineTable(), copies);
          await swaps.replace(old, next);
        });
      });
      accelerated.refreshReaders([next]);
      await onRegistered();
      return 'updated';
    });
  }

  /**
   * Removes a dataset and stops its refreshes; statements that run keep what they read. Says whether there was one of that name.
   * @throws MillraceError `invalid_state` while another dataset depends on it or a view reads it.
   */
  remove(name: string, { copy = 'keep' }: RemoveDatasetOptions = {}): Promise<boolean> {
    return this.#parts.turns.run(toNameKey(name), async () => {
      const { datasets, swaps } = this.#parts;
      const dataset = datasets.find(({ config }) => toComparisonKey(config.name) === toNameKey(name));
      if (!dataset) return false;
      await swaps.commit(async () => {
        this.requireUnused(dataset);
        await swaps.remove(dataset, copy);
      });
      return true;
    });
  }

  /** Does work while none of these datasets and views changes. */
  exclusively<T>(names: readonly ConfigName[], work: () => Promise<T>): Promise<T> {
    // In one order, so that two of them do not wait for each other.
    const keys = [...new Set(names.map(toComparisonKey))].sort();
    return keys.reduceRight<() => Promise<T>>((inner, key) => () => this.#parts.turns.run(key, inner), work)();
  }

  async #inTurn(
    definition: DatasetInput,
    work: (config: DatasetConfig) => Promise<DatasetChange>,
  ): Promise<DatasetChange> {
    // A name that cannot be used is told by the check, too.
    const { name } = await this.#resolve(definition);
    return this.#parts.turns.run(toComparisonKey(name), async () => work(await this.#resolve(definition)));
  }

  async #resolve(definition: DatasetInput): Promise<DatasetConfig> {
    const { config, datasets, views, logger } = this.#parts;
    const { config: dataset, warnings } = await resolveDefinition(definition, {
      ...config(),
      views: views.running,
      datasets: datasets.map((each) => each.config),
    });
    for (const { message } of warnings) logger.warn(message);
    return dataset;
  }

  #find({ name }: DatasetConfig): Dataset | undefined {
    const key = toComparisonKey(name);
    return this.#parts.datasets.find(({ config }) => toComparisonKey(config.name) === key);
  }

  /** @throws MillraceError `invalid_state` while another dataset depends on it or a view reads it. */
  requireUnused(dataset: Dataset): void {
    const { datasets, engine, accelerated } = this.#parts;
    const key = toComparisonKey(dataset.config.name);
    const dependent = datasets.find(({ config }) => config.dependsOn?.some((name) => toNameKey(name) === key));
    const [view] = engine.readersOf(dataset.name);
    const reader = view ? formatTableName(view.name) : accelerated.readerOf(dataset)?.config.name.text;
    if (!dependent && reader === undefined) return;
    const user = dependent ? `dataset ${dependent.config.name.text} depends on it` : undefined;
    throw new MillraceError({
      code: 'invalid_state',
      component: `dataset ${dataset.config.name.text}`,
      message: `it cannot be removed: ${user ?? `view ${reader} reads it`}`,
      hint: 'Remove or change that first.',
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
