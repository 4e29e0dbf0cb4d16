import { type Logger, MillraceError } from '@millrace/core';
import type { PluginRegistry } from '@millrace/core/registry';
import type { BoundValue } from '@millrace/duckdb';
import type { RefreshListener } from './acceleration/refresh-event.ts';
import type { RefreshOverrides, RefreshReport } from './acceleration/refresh-run.ts';
import type { RuntimeAssembly } from './assemble-runtime.ts';
import type { DatasetInput, ViewInput } from './config/index.ts';
import type { ConnectorMetrics } from './datasets/connector-pool.ts';
import type { DatasetStatus } from './datasets/dataset.ts';
import type { DatasetChange, RemoveDatasetOptions } from './datasets/dataset-changes.ts';
import type { ReloadReport } from './datasets/reload-report.ts';
import type { CatalogStatus } from './datasets/source-catalog.ts';
import type { MemoryStatus } from './memory/memory-status.ts';
import { memoryMetrics } from './observability/memory-metrics.ts';
import type { MetricFamily } from './observability/metric-family.ts';
import { stateMetrics } from './observability/state-metrics.ts';
import type { QueryExplanation } from './query/explain-query.ts';
import { QueryResult } from './query-result.ts';
import type { CachedQueryRequest } from './results-cache/cached-queries.ts';
import type { ResultsCacheStats } from './results-cache/results-cache.ts';
import type { RuntimeStatus } from './runtime-status.ts';
import { redactError } from './secrets/redact-error.ts';
import { requireSqlOptions, type SqlOptions } from './sql-options.ts';
import { isTemplate, toStatement } from './sql-template.ts';

/**
 * Datasets from many sources under one SQL, some of them kept as local copies. Made by {@link createRuntime}.
 *
 * Safe for any number of statements at the same time. `close` (or `await using`) ends them and releases everything.
 */
export class Runtime implements AsyncDisposable {
  /** The plugins that were found, and what is wrong with those that were not usable. */
  readonly plugins: PluginRegistry;
  readonly #assembly: RuntimeAssembly;
  #closed: Promise<void> | undefined;

  /** @internal */
  constructor(assembly: RuntimeAssembly) {
    this.#assembly = assembly;
    this.plugins = assembly.plugins;
  }

  get logger(): Logger {
    return this.#assembly.logger;
  }

  /** Runs a SELECT; values of the template become bound parameters. */
  sql(strings: TemplateStringsArray, ...values: readonly BoundValue[]): Promise<QueryResult>;
  /**
   * Runs a SELECT (or DESCRIBE, SHOW TABLES) over the datasets and views.
   * @throws MillraceError `sql_syntax`, `sql_refused`, `sql_error`, `unknown_table`, `not_ready`, `cancelled`, or the error of a source.
   */
  sql(sql: string, options?: SqlOptions): Promise<QueryResult>;
  async sql(first: string | TemplateStringsArray, ...rest: readonly unknown[]): Promise<QueryResult> {
    return this.#guard(async () => {
      const request: CachedQueryRequest = isTemplate(first)
        ? toStatement(first, rest as readonly BoundValue[])
        : { ...requireSqlOptions(rest[0]), sql: first };
      const { hostRoot, queries, engine } = this.#assembly;
      const watch = engine.observer.query(request.sql);
      const { stream, cacheStatus } = await watch.start(() => queries.query({ ...request, watch }));
      watch.cached(cacheStatus);
      return new QueryResult(watch.watch(stream), { hostRoot, cacheStatus, clean: (error) => this.#clean(error) });
    });
  }

  /** Says how a statement would be answered: what each source is asked for, and how exactly it applies that. */
  explain(sql: string, options?: SqlOptions): Promise<QueryExplanation> {
    return this.#guard(() => this.#assembly.queries.explain({ ...requireSqlOptions(options), sql }));
  }

  /** The datasets in the order of the configuration, and behind them the accelerated views, with the state of each. */
  datasets(): readonly DatasetStatus[] {
    const { manager, redact } = this.#assembly;
    return manager.entries.map(({ status }) =>
      status.lastError === undefined ? status : { ...status, lastError: redact(status.lastError) },
    );
  }

  /** The state of everything at this moment: whether all is ready to be asked, and whether something failed. */
  status(): RuntimeStatus {
    const [datasets, catalogs] = [this.datasets(), this.catalogs()];
    return {
      isReady: this.#assembly.manager.isReady,
      isDegraded: [...datasets, ...catalogs].some(({ state }) => state === 'error'),
      datasets,
      catalogs,
    };
  }

  /** The catalogs in the order of the configuration, with the names of their tables. */
  catalogs(): readonly CatalogStatus[] {
    const { manager, redact } = this.#assembly;
    return manager.catalogs.map(({ status }) =>
      status.lastError === undefined ? status : { ...status, lastError: redact(status.lastError) },
    );
  }

  /**
   * What the runtime has done since it was made, and what it is like at this moment; {@link formatPrometheus} writes it as text. What has not
   * occurred yet has no series. What engines hold in memory is as of the last {@link memory}, or the last call of this.
   */
  metrics(): readonly MetricFamily[] {
    const { engine, manager, memory } = this.#assembly;
    const [datasets, catalogs] = [this.datasets(), this.catalogs()];
    const names = new Set([...datasets, ...catalogs].map(({ name }) => name));
    const state = { datasets, catalogs, connectors: manager.metrics(), resultsCache: this.resultsCache() };
    const families = [
      ...engine.observer.activity.families(names),
      ...stateMetrics(state),
      ...memoryMetrics(memory.status()),
    ];
    void memory.readStatus();
    return families;
  }

  /** Asks every engine what it holds in memory, and says what everything together may hold. */
  memory(): Promise<MemoryStatus> {
    return this.#guard(() => this.#assembly.memory.readStatus());
  }

  /** The figures that connectors keep of themselves; a connector without figures is left out. */
  connectorMetrics(): readonly ConnectorMetrics[] {
    return this.#assembly.manager.metrics();
  }

  /** What the results cache has done and holds; undefined where the configuration has none. */
  resultsCache(): ResultsCacheStats | undefined {
    return this.#assembly.queries.stats;
  }

  /**
   * Lists the tables of a catalog anew, and forgets what is known of their columns.
   * @throws MillraceError `not_found` for an unknown name, or the source's error; what was listed before then stays in use.
   */
  refreshCatalog(catalog: string): Promise<void> {
    return this.#guard(() => this.#assembly.manager.refreshCatalog(catalog));
  }

  /**
   * Refreshes an accelerated dataset now; first connects one that has failed to. Of a federated one that had failed, connecting is all
   * there is to do: the report's path is then `reconnect`.
   * @throws MillraceError `unknown_table`, `unsupported` for a connected dataset that is not accelerated, or why the refresh failed. The
   * rows of the last refresh keep being served. `schema_mismatch` for a `refreshSql` with other columns.
   */
  refresh(dataset: string, overrides: RefreshOverrides = {}): Promise<RefreshReport> {
    return this.#guard(() => this.#assembly.manager.refresh(dataset, overrides));
  }

  /**
   * Adds a dataset, checked as in a configuration; one that is there with the same definition is left as it is. Resolves once queries may name
   * it; an accelerated one goes on loading.
   * @throws MillraceError as {@link createRuntime} for the definition, `already_exists` for another definition of that name, or the source's
   * error; there is no such dataset then.
   */
  addDataset(definition: DatasetInput): Promise<DatasetChange> {
    return this.#guard(() => this.#assembly.manager.changes.datasets.add(definition));
  }

  /**
   * Gives a dataset another definition, whole: what it does not name has its default. The old one answers until the new one can by its
   * `ready_state`, which is when this resolves; statements that run finish on what they began with. Where the two differ in nothing that decides
   * rows, such as the schedule, the copy stays and only its worker is told.
   * @throws MillraceError as {@link createRuntime} for the definition, `unknown_table`, or why the new one cannot be loaded, or a view not be
   * made over it; the old one stays then.
   */
  updateDataset(definition: DatasetInput): Promise<DatasetChange> {
    return this.#guard(() => this.#assembly.manager.changes.datasets.update(definition));
  }

  /**
   * Removes a dataset; statements that run finish. A copy in a file stays there unless it is dropped. What the dataset held is released in the
   * background, once nothing reads it.
   * @returns whether there was one of that name.
   * @throws MillraceError `invalid_state` while another dataset depends on it or a view reads it.
   */
  removeDataset(name: string, options: RemoveDatasetOptions = {}): Promise<boolean> {
    return this.#guard(() => this.#assembly.manager.changes.datasets.remove(name, options));
  }

  /**
   * Adds a view, accelerated or not, checked as in a configuration; one that is there with the same definition is left as it is. Resolves once
   * queries may name it; an accelerated one goes on loading.
   * @throws MillraceError as {@link createRuntime} for the definition, `already_exists` for another definition of that name, or why its query
   * cannot be asked; there is no such view then.
   */
  addView(definition: ViewInput): Promise<DatasetChange> {
    return this.#guard(() => this.#assembly.manager.changes.views.add(definition));
  }

  /**
   * Gives a view another definition, whole, with a copy or without. What it was answers until the new one can; accelerated views that it is
   * part of are loaded anew behind it.
   * @throws MillraceError as {@link createRuntime} for the definition, `unknown_table`, or why it cannot be made or loaded, or a view not be made
   * over it; the old one stays then.
   */
  updateView(definition: ViewInput): Promise<DatasetChange> {
    return this.#guard(() => this.#assembly.manager.changes.views.update(definition));
  }

  /**
   * Removes a view, as {@link removeDataset} does a dataset.
   * @returns whether there was one of that name.
   * @throws MillraceError `invalid_state` while another view reads it or depends on it.
   */
  removeView(name: string, options: RemoveDatasetOptions = {}): Promise<boolean> {
    return this.#guard(() => this.#assembly.manager.changes.views.remove(name, options));
  }

  /**
   * Reads the configuration file again and applies what has become different in it, all together and only if all of it is right. What the file
   * says as before is not touched, nor are datasets that came or changed by calls.
   * Accelerated views come behind what they read, so that it may have taken effect before they are loaded.
   * @throws MillraceError as {@link createRuntime} does; `invalid_state` without a file; `unsupported` for a setting that takes a restart, by its
   * name. Nothing is changed then.
   */
  reload(): Promise<ReloadReport> {
    return this.#guard(async () => {
      const { manager, redact } = this.#assembly;
      const report = await manager.changes.reload();
      return { ...report, failed: report.failed.map((each) => ({ ...each, message: redact(each.message) })) };
    });
  }

  /** Lets a listener hear of every refresh from now on; the function that comes back ends that. */
  onRefreshEvent(listener: RefreshListener): () => void {
    return this.#assembly.listeners.add(listener);
  }

  /** Waits until every accelerated dataset has been loaded once; rejects with the first failure. */
  ready(): Promise<void> {
    return this.#guard(() => this.#assembly.manager.ready());
  }

  /** Ends every statement with `cancelled`, stops refreshing, flushes and closes everything. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#assembly.close();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #refuseWhenClosed(): void {
    if (this.#closed)
      throw new MillraceError({ code: 'invalid_state', component: 'runtime', message: 'the runtime is closed' });
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    this.#refuseWhenClosed();
    try {
      return await work();
    } catch (error) {
      throw this.#clean(error);
    }
  }

  /** No error leaves the runtime with a secret in it. */
  #clean(error: unknown): unknown {
    return error instanceof Error ? redactError(error, this.#assembly.redact) : error;
  }
}
