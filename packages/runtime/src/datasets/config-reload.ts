import { isDeepStrictEqual } from 'node:util';
import { type ErrorCode, isMillraceError, type Logger, MillraceError } from '@millrace/core';
import type { RefreshLimit } from '../acceleration/refresh-limit.ts';
import { checkDependencies } from '../config/check-dependencies.ts';
import { ConfigReport } from '../config/config-problem.ts';
import { type DatasetConfig, loadConfig, type ResolvedConfig, type ViewConfig } from '../config/index.ts';
import { isSameDefinition } from '../config/same-definition.ts';
import { toComparisonKey } from '../config/table-name.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { checkViews } from './check-views.ts';
import { type ConfigDifference, differenceOf } from './config-difference.ts';
import type { ConfiguredViews } from './configured-views.ts';
import type { Dataset } from './dataset.ts';
import type { DatasetChanges } from './dataset-changes.ts';
import type { DatasetSwaps } from './dataset-swaps.ts';
import { isAccelerated } from './plan-views.ts';
import { Turns } from './turns.ts';

/** What a reload has changed. Names are those of datasets and views. */
export interface ReloadReport {
  readonly added: readonly string[];
  readonly updated: readonly string[];
  readonly removed: readonly string[];
  /** Whose new definition could not be loaded: the old one stays, and the next reload tries again. Added datasets that fail are not among them. */
  readonly failed: readonly { readonly name: string; readonly code: ErrorCode; readonly message: string }[];
}

/** What {@link ConfigReload} works with. */
export interface ConfigReloadParts {
  readonly config: ResolvedConfig;
  readonly engine: QueryEngine;
  readonly logger: Logger;
  /** The datasets, and those with the accelerated views behind them. */
  readonly datasets: readonly Dataset[];
  readonly entries: () => readonly Dataset[];
  readonly swaps: DatasetSwaps;
  readonly changes: DatasetChanges;
  readonly views: ConfiguredViews;
  readonly limit: RefreshLimit;
}

/** Reads the configuration file again and applies what has become different in it. */
export class ConfigReload {
  readonly #parts: ConfigReloadParts;
  readonly #turns: Turns = new Turns();
  #config: ResolvedConfig;
  /** The datasets of the file as they were applied last. */
  readonly #applied: Map<string, DatasetConfig>;

  constructor(parts: ConfigReloadParts) {
    this.#parts = parts;
    this.#config = parts.config;
    this.#applied = new Map(parts.config.datasets.map((dataset) => [toComparisonKey(dataset.name), dataset]));
  }

  /** The configuration as it was read last. */
  get config(): ResolvedConfig {
    return this.#config;
  }

  /**
   * Applies the difference between the file and what was read of it before. Nothing changes unless all of it is right; then all of it takes
   * effect together, once the new copies can be read.
   * @throws MillraceError as loading a configuration and starting with it do; `invalid_state` without a file; `unsupported` for a difference
   * that takes a restart.
   */
  reload(): Promise<ReloadReport> {
    return this.#turns.run('', async () => {
      const { file, redactor } = this.#config;
      if (file === undefined) throw withoutFile();
      const next = await loadConfig({ configPath: file }, { redactor });
      requireSameFrame(this.#config, next);
      for (const { message } of next.warnings) this.#parts.logger.warn(message);
      const names = [...this.#applied.values(), ...next.datasets].map(({ name }) => name);
      return this.#parts.changes.exclusively(names, () => this.#apply(next));
    });
  }

  async #apply(next: ResolvedConfig): Promise<ReloadReport> {
    const { swaps, datasets, engine, limit } = this.#parts;
    const difference = differenceOf(this.#applied, next.datasets, datasets);
    requireDependencies(datasets, difference);
    const staged = await this.#stage([...difference.added, ...difference.updated.map(({ config }) => config)]);
    const added = staged.slice(0, difference.added.length);
    const updated = difference.updated.map(({ old }, index) => ({ old, next: staged[added.length + index]! }));
    const discardAll = () => Promise.all(staged.map((dataset) => swaps.discard(dataset, 'drop')));
    const views = await checkViews(engine, next.views, this.#tablesAfter(added, updated, difference.removed)).catch(
      async (error: unknown) => {
        await discardAll();
        throw error;
      },
    );
    const failures = new Map<Dataset, unknown>();
    const load = (dataset: Dataset) => swaps.load(dataset).catch((error: unknown) => void failures.set(dataset, error));
    await Promise.all(updated.map((change) => load(change.next)));
    const viewChanges = changesOf(this.#config.views, views);
    const failed = new Map<string, unknown>();
    for (const [dataset, error] of failures) {
      failed.set(dataset.config.name.text, error);
      await swaps.discard(dataset, 'drop');
    }
    await swaps.commit(async () => {
      await this.#parts.views.remove(viewChanges.removed);
      for (const dataset of added) await swaps.add(dataset);
      for (const change of updated) if (!failures.has(change.next)) await swaps.replace(change.old, change.next);
      for (const view of viewChanges.changed)
        await this.#parts.views.put(view).catch((error: unknown) => void failed.set(view.name.text, error));
      for (const dataset of difference.removed) await swaps.remove(dataset, 'keep');
    });
    limit.resize(next.datasetLoadParallelism ?? Number.POSITIVE_INFINITY);
    this.#adopt(next, failed);
    await this.#parts.views.tryAgain();
    const isDone = ({ name }: { readonly name: { readonly text: string } }): boolean => !failed.has(name.text);
    return {
      added: [...difference.added, ...viewChanges.changed.filter(viewChanges.isNew)].filter(isDone).map(nameOf),
      updated: [
        ...difference.updated.map(({ config }) => config),
        ...viewChanges.changed.filter((view) => !viewChanges.isNew(view)),
      ]
        .filter(isDone)
        .map(nameOf),
      removed: [...difference.removed.map(({ config }) => config), ...viewChanges.removed].map(nameOf),
      failed: [...failed].map(([name, error]) => ({ name, ...describe(error) })),
    };
  }

  /** All of them, or none. */
  async #stage(configs: readonly DatasetConfig[]): Promise<readonly Dataset[]> {
    const { swaps } = this.#parts;
    const results = await Promise.allSettled(configs.map((config) => swaps.stage(config)));
    const staged = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
    const broken = results.find((result) => result.status === 'rejected');
    if (!broken) return staged;
    await Promise.all(staged.map((dataset) => swaps.discard(dataset, 'keep')));
    throw broken.reason;
  }

  /** What views can be made over once everything has taken effect. */
  #tablesAfter(
    added: readonly Dataset[],
    updated: readonly { readonly old: Dataset; readonly next: Dataset }[],
    removed: readonly Dataset[],
  ) {
    const gone = new Set([...removed, ...updated.map(({ old }) => old)]);
    const fresh = [...added, ...updated.map(({ next }) => next)].filter(({ failure }) => !failure);
    return [
      ...this.#parts.entries().flatMap((dataset) => (gone.has(dataset) ? [] : (dataset.table ?? []))),
      ...fresh.map((dataset) => dataset.toEngineTable()),
    ];
  }

  #adopt(next: ResolvedConfig, failed: ReadonlyMap<string, unknown>): void {
    const old = new Map(this.#config.views.map((view) => [view.name.text, view]));
    // What failed counts as it was, so that it is tried again.
    const views = next.views.flatMap((view) => (failed.has(view.name.text) ? (old.get(view.name.text) ?? []) : view));
    this.#config = { ...next, views };
    const keys = new Set(next.datasets.map(({ name }) => toComparisonKey(name)));
    for (const key of this.#applied.keys()) if (!keys.has(key)) this.#applied.delete(key);
    for (const dataset of next.datasets)
      if (!failed.has(dataset.name.text)) this.#applied.set(toComparisonKey(dataset.name), dataset);
  }
}

interface ViewChanges {
  readonly removed: readonly ViewConfig[];
  /** New ones and those with another definition, each behind what it uses. */
  readonly changed: readonly ViewConfig[];
  readonly isNew: (view: ViewConfig) => boolean;
}

function changesOf(before: readonly ViewConfig[], after: readonly ViewConfig[]): ViewChanges {
  const byKey = new Map(before.map((view) => [toComparisonKey(view.name), view]));
  const keys = new Set(after.map(({ name }) => toComparisonKey(name)));
  return {
    removed: before.filter(({ name }) => !keys.has(toComparisonKey(name))),
    changed: after.filter((view) => {
      const old = byKey.get(toComparisonKey(view.name));
      return !old || !isSameDefinition(old, view);
    }),
    isNew: ({ name }) => !byKey.has(toComparisonKey(name)),
  };
}

/** What datasets depend on is there afterwards, also for those that the file knows nothing of. */
function requireDependencies(datasets: readonly Dataset[], { added, updated, removed }: ConfigDifference): void {
  const gone = new Set([...removed, ...updated.map(({ old }) => old)]);
  const staying = datasets.filter((dataset) => !gone.has(dataset)).map(({ config }) => config);
  const report = new ConfigReport();
  checkDependencies([...staying, ...added, ...updated.map(({ config }) => config)], report);
  report.throwIfAny();
}

/** What is not datasets and views that are read from others stays as it is while the runtime runs. */
function requireSameFrame(before: ResolvedConfig, after: ResolvedConfig): void {
  const accelerated = ({ views }: ResolvedConfig) => views.filter(isAccelerated);
  const parts = [
    { name: 'catalogs', isSame: areSame(before.catalogs, after.catalogs) },
    { name: 'accelerated views', isSame: areSame(accelerated(before), accelerated(after)) },
    { name: 'the results cache', isSame: isDeepStrictEqual(before.resultsCache, after.resultsCache) },
  ];
  const other = parts.find(({ isSame }) => !isSame);
  if (!other) return;
  throw new MillraceError({
    code: 'unsupported',
    component: 'configuration',
    message: `${other.name} cannot change while the runtime runs; nothing was changed`,
    hint: 'Restart with the new configuration.',
  });
}

function areSame<Entry extends Parameters<typeof isSameDefinition>[0]>(
  left: readonly Entry[],
  right: readonly Entry[],
): boolean {
  return left.length === right.length && left.every((entry, index) => isSameDefinition(entry, right[index]!));
}

function nameOf({ name }: { readonly name: { readonly text: string } }): string {
  return name.text;
}

function describe(error: unknown): { readonly code: ErrorCode; readonly message: string } {
  if (isMillraceError(error)) return { code: error.code, message: error.message };
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}

function withoutFile(): MillraceError {
  return new MillraceError({
    code: 'invalid_state',
    component: 'runtime',
    message: 'it was made from an object, so there is no file to be read again',
    hint: 'Use addDataset, updateDataset and removeDataset, or give createRuntime a configPath.',
  });
}
