import { isDeepStrictEqual } from 'node:util';
import { type Logger, MillraceError } from '@millrace/core';
import {
  type DatasetConfig,
  loadConfig,
  type ResolvedConfig,
  type ResultsCacheConfig,
  type ViewConfig,
} from '../config/index.ts';
import { toComparisonKey } from '../config/table-name.ts';
import { requireSameFrame } from './check-next-config.ts';
import { byName, type NamedEntry } from './config-difference.ts';
import { failedKeys } from './failed-keys.ts';
import { type ReloadReport, toReloadFailure } from './reload-report.ts';
import { type NextState, ReloadSteps, type ReloadStepsParts } from './reload-steps.ts';
import { Turns } from './turns.ts';

/** What {@link ConfigReload} works with. */
export interface ConfigReloadParts extends ReloadStepsParts {
  readonly config: ResolvedConfig;
  readonly logger: Logger;
  /** Lets results be cached by other settings, or not at all. */
  readonly cacheResults: (settings: ResultsCacheConfig | undefined) => void;
}

/** Reads the configuration file again and applies what has become different in it. */
export class ConfigReload {
  readonly #parts: ConfigReloadParts;
  readonly #steps: ReloadSteps;
  readonly #turns: Turns = new Turns();
  #config: ResolvedConfig;
  /** The datasets and views of the file as they were applied last. */
  readonly #applied: { readonly datasets: Map<string, DatasetConfig>; readonly views: Map<string, ViewConfig> };

  constructor(parts: ConfigReloadParts) {
    this.#parts = parts;
    this.#steps = new ReloadSteps(parts);
    this.#config = parts.config;
    this.#applied = { datasets: byName(parts.config.datasets), views: byName(parts.config.views) };
  }

  /** The configuration as it was read last. */
  get config(): ResolvedConfig {
    return this.#config;
  }

  /**
   * Applies the difference between the file and what was read of it before. Nothing changes unless all of it is right; then all of it takes
   * effect together, once the new copies can be read, and accelerated views behind what they read.
   * @throws MillraceError as loading a configuration and starting with it do; `invalid_state` without a file; `unsupported` for a setting
   * that takes a restart.
   */
  reload(): Promise<ReloadReport> {
    return this.#turns.run('', async () => {
      const { file, redactor } = this.#config;
      if (file === undefined) throw withoutFile();
      const config = await loadConfig({ configPath: file }, { redactor });
      requireSameFrame(this.#config, config);
      for (const { message } of config.warnings) this.#parts.logger.warn(message);
      const applied = [...this.#applied.datasets.values(), ...this.#applied.views.values()];
      const names = [...applied, ...config.datasets, ...config.views].map(({ name }) => name);
      return this.#parts.changes.exclusively(names, () => this.#apply(config));
    });
  }

  async #apply(config: ResolvedConfig): Promise<ReloadReport> {
    const next = await this.#steps.prepare(config, this.#applied);
    await this.#steps.load(next);
    const late = await this.#steps.commit(next);
    const settings = this.#applySettings(config);
    await this.#steps.finish(next, late);
    await this.#steps.remove(next);
    this.#adopt(next);
    return toReport(next, settings);
  }

  /** The settings that are other ones now. */
  #applySettings(config: ResolvedConfig): readonly string[] {
    const before = this.#config;
    const isCachingNew = !isDeepStrictEqual(before.resultsCache, config.resultsCache);
    if (isCachingNew) this.#parts.cacheResults(config.resultsCache);
    return [
      ...(isCachingNew ? ['runtime.caching'] : []),
      ...(before.datasetLoadParallelism === config.datasetLoadParallelism ? [] : ['runtime.dataset_load_parallelism']),
    ];
  }

  /** What failed counts as it was, so that it is tried again. */
  #adopt({ config, staged, failed }: NextState): void {
    const catalogs = staged.catalogs.map((catalog) => catalog.config);
    this.#config = { ...config, catalogs };
    const unchanged = failedKeys(failed);
    adoptEntries(this.#applied.datasets, config.datasets, unchanged);
    adoptEntries(this.#applied.views, config.views, unchanged);
  }
}

function adoptEntries<Entry extends NamedEntry>(
  applied: Map<string, Entry>,
  entries: readonly Entry[],
  unchanged: ReadonlySet<string>,
): void {
  const keys = new Set(entries.map(({ name }) => toComparisonKey(name)));
  for (const key of [...applied.keys()]) if (!keys.has(key) && !unchanged.has(key)) applied.delete(key);
  for (const entry of entries) {
    const key = toComparisonKey(entry.name);
    if (!unchanged.has(key)) applied.set(key, entry);
  }
}

function toReport({ datasets, views, staged, failed }: NextState, settings: readonly string[]): ReloadReport {
  const unchanged = failedKeys(failed);
  const namesOf = (entries: readonly NamedEntry[]): readonly string[] =>
    entries.flatMap(({ name }) => (unchanged.has(toComparisonKey(name)) ? [] : name.text));
  const configsOf = <Entry>(list: readonly { readonly config: Entry }[]): readonly Entry[] =>
    list.map(({ config }) => config);
  const { added, updated, removed } = staged.catalogChanges;
  return {
    added: [...added, ...namesOf([...datasets.added, ...views.added])],
    updated: [...updated, ...namesOf([...configsOf(datasets.updated), ...configsOf(views.updated)])],
    removed: [...removed, ...namesOf([...configsOf(datasets.removed), ...configsOf(views.removed)])],
    settings,
    failed: [...staged.failedCatalogs, ...failed].map(([name, error]) => toReloadFailure(name, error)),
  };
}

function withoutFile(): MillraceError {
  return new MillraceError({
    code: 'invalid_state',
    component: 'runtime',
    message: 'it was made from an object, so there is no file to be read again',
    hint: 'Use addDataset, updateDataset and removeDataset, or give createRuntime a configPath.',
  });
}
