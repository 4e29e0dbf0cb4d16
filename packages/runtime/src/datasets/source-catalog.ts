import { type Catalog, MillraceError, nearestName, type TableReference } from '@millrace/core';
import type { TableName } from '@millrace/duckdb';
import type { CatalogConfig } from '../config/index.ts';
import { type EngineTable, formatNames } from '../query/engine-table.ts';
import { type EngineCatalog, type ListedTable, toEngineSchema } from '../query/table-finder.ts';
import { type CatalogListing, listCatalog, schemaOfNamespace } from './list-catalog.ts';
import { toSourceFailure } from './source-failure.ts';

/** A catalog as seen from outside. */
export interface CatalogStatus {
  readonly name: string;
  readonly from: string;
  readonly description?: string;
  /** `waiting`: it is listed when a statement first asks. `error`: the last listing failed; what an earlier one gave stays in use. */
  readonly state: 'waiting' | 'ready' | 'error';
  /** The tables as SQL names them, in the order of the listing. */
  readonly tables: readonly string[];
  /** How many of them a statement has named, so that their columns are known. */
  readonly loadedCount: number;
  /** When they were listed, in milliseconds since 1970-01-01 UTC. */
  readonly listedAtMs?: number;
  readonly lastError?: string;
}

/** What a {@link SourceCatalog} is made of. */
export interface SourceCatalogParts {
  readonly config: CatalogConfig;
  /** Opens the source's catalog; called until it succeeds once. */
  readonly open: () => Promise<Catalog>;
  readonly signal: AbortSignal;
  /** Told after each listing, with the tables that are not there any more. */
  readonly onListed: (gone: readonly TableName[]) => void;
  readonly warn: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** The tables of one listing by the name that SQL can tell apart; several under one key differ by case alone. */
type Entries = ReadonlyMap<string, readonly TableReference[]>;

/**
 * A configured catalog: its tables are known by name after one listing, and each is loaded when a statement first names it.
 *
 * A name that is not listed causes one more listing, shared by all who ask meanwhile.
 */
export class SourceCatalog implements EngineCatalog, AsyncDisposable {
  readonly config: CatalogConfig;
  failure: MillraceError | undefined;
  readonly #parts: SourceCatalogParts;
  #catalog: Promise<Catalog> | undefined;
  #entries: Entries | undefined;
  #leftOut: Entries = new Map();
  #listedAtMs: number | undefined;
  #listing: Promise<void> | undefined;
  readonly #loaded = new Map<string, Promise<EngineTable>>();

  constructor(parts: SourceCatalogParts) {
    this.#parts = parts;
    this.config = parts.config;
  }

  get name(): string {
    return this.config.name;
  }

  get tables(): readonly ListedTable[] {
    return [...(this.#entries?.values() ?? [])].flat().map(({ namespace, name }) => ({
      schemaName: schemaOfNamespace(namespace),
      table: name,
    }));
  }

  get status(): CatalogStatus {
    const { config, failure } = this;
    return {
      name: config.name,
      from: config.from.text,
      ...(config.description === undefined ? {} : { description: config.description }),
      state: failure ? 'error' : this.#entries ? 'ready' : 'waiting',
      tables: this.tables.map(({ schemaName, table }) => formatNames([config.name, schemaName, table])),
      loadedCount: this.#loaded.size,
      ...(this.#listedAtMs === undefined ? {} : { listedAtMs: this.#listedAtMs }),
      ...(failure ? { lastError: failure.message } : {}),
    };
  }

  /** The tables as the engine knows them. */
  get engineNames(): readonly TableName[] {
    return [...(this.#entries?.values() ?? [])].flat().map((reference) => this.#engineName(reference));
  }

  /** The tables that statements have named, once they are loaded. */
  async loaded(): Promise<readonly EngineTable[]> {
    const settled = await Promise.allSettled(this.#loaded.values());
    return settled.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  }

  /** Lists the tables anew; every table is loaded again when it is named next. @throws the source's error. */
  async refresh(): Promise<void> {
    const catalog = await this.#catalog?.catch(() => undefined);
    catalog?.invalidate?.();
    await this.#relist();
    this.#loaded.clear();
  }

  /** Lists the tables unless they were listed. A failure is kept in `failure`. */
  async prepare(): Promise<void> {
    if (!this.#entries) await this.#relist().catch(() => undefined);
  }

  /**
   * The table, loaded if it was not.
   * @throws MillraceError `unknown_table`; `invalid_argument` for a name that means several; the source's error.
   */
  async find(name: ListedTable): Promise<EngineTable> {
    const key = keyOf(name);
    const isFresh = this.#entries === undefined;
    if (isFresh) await this.#relist();
    let references = this.#entries?.get(key);
    if (!references && !isFresh) {
      await this.#relist();
      references = this.#entries?.get(key);
    }
    const [reference, ...others] = references ?? [];
    if (!reference) throw this.#unknown(name);
    if (others.length > 0) throw this.#ambiguous([reference, ...others]);
    const loading = this.#loaded.get(key) ?? this.#load(reference);
    this.#loaded.set(key, loading);
    loading.catch(() => {
      if (this.#loaded.get(key) === loading) this.#loaded.delete(key);
    });
    return loading;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listing?.catch(() => undefined);
    await this.#catalog?.then(
      (catalog) => catalog[Symbol.asyncDispose](),
      () => undefined,
    );
  }

  #relist(): Promise<void> {
    this.#listing ??= this.#list().finally(() => {
      this.#listing = undefined;
    });
    return this.#listing;
  }

  async #list(): Promise<void> {
    const { signal, onListed, warn } = this.#parts;
    try {
      this.#catalog ??= this.#parts.open();
      const catalog = await this.#catalog;
      const listing = await listCatalog(catalog, this.config, signal);
      this.#take(listing, onListed);
      for (const pattern of listing.unmatched) {
        warn('a pattern of include matches no table', { catalog: this.name, pattern, tables: listing.leftOut.length });
      }
      this.failure = undefined;
    } catch (error) {
      if (!this.#entries) this.#catalog = undefined;
      this.failure = toSourceFailure(error, {
        component: `catalog ${this.name}`,
        connector: this.config.from.connector,
      });
      throw this.failure;
    }
  }

  #take(listing: CatalogListing, onListed: SourceCatalogParts['onListed']): void {
    const earlier: Entries = this.#entries ?? new Map();
    this.#entries = toEntries(listing.tables);
    this.#leftOut = toEntries(listing.leftOut);
    this.#listedAtMs = Date.now();
    const gone = [...earlier].filter(([key]) => !this.#entries?.has(key)).flatMap(([, references]) => references);
    for (const [key] of earlier) if (!this.#entries.has(key)) this.#loaded.delete(key);
    onListed(gone.map((reference) => this.#engineName(reference)));
  }

  async #load(reference: TableReference): Promise<EngineTable> {
    const label = this.#label(reference);
    const catalog = await this.#catalog;
    const provider = await catalog?.table(reference, { signal: this.#parts.signal });
    if (!provider) {
      throw new MillraceError({
        code: 'unknown_table',
        component: `catalog ${this.name}`,
        connector: this.config.from.connector,
        message: `the table ${label} is not there any more`,
        hint: 'Refresh the catalog to see what is there.',
      });
    }
    const origin = { dataset: this.name, system: this.config.from.connector, table: label };
    return { name: this.#engineName(reference), label, origin, schema: provider.schema, provider: () => provider };
  }

  #engineName({ namespace, name }: TableReference): TableName {
    return { schemaName: toEngineSchema(this.name, schemaOfNamespace(namespace)), table: name };
  }

  #label({ namespace, name }: TableReference): string {
    return formatNames([this.name, schemaOfNamespace(namespace), name]);
  }

  #unknown(name: ListedTable): MillraceError {
    const label = formatNames([this.name, name.schemaName, name.table]);
    const isLeftOut = this.#leftOut.has(keyOf(name));
    const nearest = nearestName(
      label,
      [...(this.#entries?.values() ?? [])].flat().map((reference) => this.#label(reference)),
    );
    const hint = isLeftOut
      ? 'It is there, and left out by include or exclude.'
      : nearest === undefined
        ? `SHOW TABLES FROM ${formatNames([this.name])} lists its tables.`
        : `Did you mean ${nearest}?`;
    return new MillraceError({
      code: 'unknown_table',
      component: `catalog ${this.name}`,
      connector: this.config.from.connector,
      message: `there is no table ${label}`,
      hint,
    });
  }

  #ambiguous(references: readonly TableReference[]): MillraceError {
    return new MillraceError({
      code: 'invalid_argument',
      component: `catalog ${this.name}`,
      connector: this.config.from.connector,
      message: `names that differ by case alone are one name in SQL: ${references.map((each) => this.#label(each)).join(' and ')}`,
      hint: 'Leave the others out with exclude, or make a dataset of each.',
    });
  }
}

function keyOf({ schemaName, table }: ListedTable): string {
  return JSON.stringify([schemaName.toLowerCase(), table.toLowerCase()]);
}

function toEntries(references: readonly TableReference[]): Entries {
  const entries = new Map<string, TableReference[]>();
  for (const reference of references) {
    const key = keyOf({ schemaName: schemaOfNamespace(reference.namespace), table: reference.name });
    entries.set(key, [...(entries.get(key) ?? []), reference]);
  }
  return entries;
}
