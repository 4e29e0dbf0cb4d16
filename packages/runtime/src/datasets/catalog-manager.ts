import { type Catalog, type Logger, MillraceError, nearestName } from '@millrace/core';
import type { TableName } from '@millrace/duckdb';
import type { CatalogConfig } from '../config/index.ts';
import { type EngineTable, tableKey } from '../query/engine-table.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { fromEngineSchema, type TableFinder } from '../query/table-finder.ts';
import type { ConnectorPool } from './connector-pool.ts';
import { isConfigurationError } from './is-configuration-error.ts';
import { SourceCatalog } from './source-catalog.ts';
import { toSourceFailure } from './source-failure.ts';

/** What the catalogs of a runtime are made from. */
export interface CatalogManagerParts {
  readonly configs: readonly CatalogConfig[];
  readonly connectors: ConnectorPool;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Is told after each listing of the tables that are not there any more. */
  readonly engine: QueryEngine;
}

/** Opens, lists and closes the catalogs of a runtime. */
export class CatalogManager implements AsyncDisposable {
  readonly #catalogs: SourceCatalog[];
  readonly #parts: CatalogManagerParts;
  /** Former catalogs that wait until nobody reads them. */
  readonly #retiring = new Set<Promise<void>>();
  /** Errors of the tables that statements and views have named: those of sources, not of the statement. */
  readonly #failures = new WeakSet<object>();

  constructor(parts: CatalogManagerParts) {
    this.#parts = parts;
    this.#catalogs = parts.configs.map((config) => this.#create(config));
  }

  get catalogs(): readonly SourceCatalog[] {
    return this.#catalogs;
  }

  /**
   * Lists every catalog once, except those whose connector waits for the first use. Errors of the configuration are thrown; a source
   * that fails leaves its catalog unavailable.
   */
  start(): readonly Promise<void>[] {
    return this.#catalogs.map((catalog) => this.#start(catalog));
  }

  /**
   * Opens and lists a catalog that nobody knows yet; a source that fails is its failure.
   * @throws MillraceError for a mistake in the definition.
   */
  async stage(config: CatalogConfig): Promise<SourceCatalog> {
    const catalog = this.#create(config);
    try {
      await this.#start(catalog);
      return catalog;
    } catch (error) {
      await this.discard(catalog);
      throw error;
    }
  }

  /** Lets a catalog go that nobody came to know. */
  async discard(catalog: SourceCatalog): Promise<void> {
    await catalog[Symbol.asyncDispose]();
    await this.#parts.connectors.release(catalog.config);
  }

  /** Makes these the catalogs; statements that run keep what they read of those that are gone, which are closed behind them. */
  use(catalogs: readonly SourceCatalog[]): void {
    const gone = this.#catalogs.filter((catalog) => !catalogs.includes(catalog));
    const isSame = gone.length === 0 && catalogs.length === this.#catalogs.length;
    this.#catalogs.splice(0, this.#catalogs.length, ...catalogs);
    if (isSame) return;
    const listed = new Set(catalogs.flatMap(({ engineNames }) => engineNames.map(tableKey)));
    const names = gone.flatMap(({ engineNames }) => engineNames);
    this.#parts.engine.catalogsChanged(names.filter((name) => !listed.has(tableKey(name))));
    for (const catalog of gone) this.#retire(catalog);
  }

  /** Finds the tables of these catalogs alone, which may not be the ones in use. */
  finderOf(catalogs: readonly SourceCatalog[]): TableFinder {
    return { catalogs, find: (name) => this.find(name, catalogs), prepareListing: async () => {} };
  }

  /** The table of a catalog; undefined for a name that no catalog has to do with. */
  find(name: TableName, catalogs: readonly SourceCatalog[] = this.#catalogs): Promise<EngineTable> | undefined {
    const found = fromEngineSchema(name, catalogs);
    const catalog = catalogs.find((each) => each === found?.catalog);
    if (!found || !catalog) return undefined;
    return catalog.find({ schemaName: found.schemaName, table: name.table }).catch((error: unknown) => {
      if (typeof error === 'object' && error !== null) this.#failures.add(error);
      throw error;
    });
  }

  /** Whether the error is that of a catalog's table, and may be gone at the next try. */
  isFailure(error: unknown): boolean {
    return typeof error === 'object' && error !== null && this.#failures.has(error);
  }

  /** Lists what was not listed yet. */
  async prepareListing(): Promise<void> {
    await Promise.all(this.catalogs.map((catalog) => catalog.prepare()));
  }

  /** Lists a catalog anew. @throws MillraceError `not_found` when there is none of that name; the source's error. */
  async refresh(name: string): Promise<void> {
    const catalog = this.catalogs.find((each) => each.name.toLowerCase() === name.toLowerCase());
    if (catalog) return catalog.refresh();
    const names = this.catalogs.map((each) => each.name);
    const nearest = nearestName(name, names);
    throw new MillraceError({
      code: 'not_found',
      component: 'runtime',
      message: `there is no catalog ${name}`,
      hint: nearest === undefined ? `Catalogs: ${names.join(', ') || 'none'}.` : `Did you mean ${nearest}?`,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#retiring);
    await Promise.allSettled(this.catalogs.map((catalog) => catalog[Symbol.asyncDispose]()));
  }

  #create(config: CatalogConfig): SourceCatalog {
    const { signal, logger, engine } = this.#parts;
    return new SourceCatalog({
      config,
      open: () => this.#open(config),
      signal,
      onListed: (gone) => engine.listingChanged(gone),
      warn: (text, fields) => logger.warn(text, fields),
    });
  }

  async #start(catalog: SourceCatalog): Promise<void> {
    const { config } = catalog;
    try {
      const { connector } = await this.#parts.connectors.connect(toUse(config));
      requireCatalog(config, connector.catalogProvider !== undefined);
      if (connector.initialization !== 'on_trigger') await catalog.refresh();
    } catch (error) {
      if (isConfigurationError(error) || this.#parts.signal.aborted) throw error;
      const owner = { component: `catalog ${config.name}`, connector: config.from.connector };
      catalog.failure = toSourceFailure(error, owner);
      this.#parts.logger.error('catalog is unavailable', { catalog: config.name, reason: catalog.failure.message });
    }
  }

  #retire(catalog: SourceCatalog): void {
    const { engine, logger } = this.#parts;
    const retired = (async () => {
      const tables = await catalog.loaded();
      await engine.release(...tables);
      // They are known until they are named again, and a statement that had begun before may have made others known again.
      for (const table of tables.filter((each) => engine.isRegistered(each))) {
        const next = await this.find(table.name)?.catch(() => undefined);
        if (next) await engine.addTable(next);
        else engine.listingChanged([table.name]);
      }
      await this.discard(catalog);
    })()
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        logger.warn('a removed catalog cannot be released', { catalog: catalog.name, reason });
      })
      .finally(() => this.#retiring.delete(retired));
    this.#retiring.add(retired);
  }

  async #open(config: CatalogConfig): Promise<Catalog> {
    const { connector, parameters } = await this.#parts.connectors.connect(toUse(config));
    requireCatalog(config, connector.catalogProvider !== undefined);
    const { name, include, exclude, unsupportedTypeAction } = config;
    const source = {
      name,
      path: config.from.path,
      parameters,
      include,
      exclude,
      ...(unsupportedTypeAction === undefined ? {} : { unsupportedTypeAction }),
    };
    return connector.catalogProvider!(source, { signal: this.#parts.signal });
  }
}

function toUse(config: CatalogConfig) {
  const { name, from, params, location, unsupportedTypeAction } = config;
  return { component: `catalog ${name}`, from, params, location, unsupportedTypeAction };
}

function requireCatalog(config: CatalogConfig, isThere: boolean): void {
  if (isThere) return;
  const location = config.location('from');
  throw new MillraceError({
    code: 'invalid_config',
    component: `catalog ${config.name}`,
    connector: config.from.connector,
    message: 'the connector has no catalog of its tables',
    hint: 'List the tables as datasets',
    ...(location ? { location } : {}),
  });
}
