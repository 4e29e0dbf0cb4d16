import { type Catalog, type Logger, MillraceError, nearestName } from '@millrace/core';
import type { TableName } from '@millrace/duckdb';
import type { CatalogConfig } from '../config/index.ts';
import type { EngineTable } from '../query/engine-table.ts';
import { fromEngineSchema } from '../query/table-finder.ts';
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
  /** Told after each listing, with the tables that are not there any more. */
  readonly onListed: (gone: readonly TableName[]) => void;
}

/** Opens, lists and closes the catalogs of a configuration. */
export class CatalogManager implements AsyncDisposable {
  readonly catalogs: readonly SourceCatalog[];
  readonly #parts: CatalogManagerParts;
  /** Errors of the tables that statements and views have named: those of sources, not of the statement. */
  readonly #failures = new WeakSet<object>();

  constructor(parts: CatalogManagerParts) {
    const { configs, signal, logger, onListed } = parts;
    this.#parts = parts;
    this.catalogs = configs.map((config) => {
      const open = () => this.#open(config);
      return new SourceCatalog({ config, open, signal, onListed, warn: (text, fields) => logger.warn(text, fields) });
    });
  }

  /**
   * Lists every catalog once, except those whose connector waits for the first use. Errors of the configuration are thrown; a source
   * that fails leaves its catalog unavailable.
   */
  start(): readonly Promise<void>[] {
    return this.catalogs.map(async (catalog) => {
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
    });
  }

  /** The table of a catalog; undefined for a name that no catalog has to do with. */
  find(name: TableName): Promise<EngineTable> | undefined {
    const found = fromEngineSchema(name, this.catalogs);
    const catalog = this.catalogs.find((each) => each === found?.catalog);
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
    await Promise.allSettled(this.catalogs.map((catalog) => catalog[Symbol.asyncDispose]()));
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
