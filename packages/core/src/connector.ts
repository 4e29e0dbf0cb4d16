import type { Catalog } from './catalog.ts';
import type { ChangeLog } from './change-log.ts';
import type { Schema } from './data-type.ts';
import type { Expr } from './expression.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { ParameterSpec, Parameters } from './parameter-spec.ts';
import type { Rel } from './rel.ts';
import type { ExecutionPlan, ScanContext } from './scan.ts';
import type { SourceId, TableProvider } from './table-provider.ts';

/** Makes connectors of one kind. Pure data but for `create`; made by {@link defineConnector}. */
export interface DataConnectorFactory {
  /** What users write in `from:`, for example `postgres`; equal to the id in the manifest. */
  readonly id: string;
  /** Prefix of the connector's own parameters, without the underscore. */
  readonly prefix: string;
  readonly parameters: readonly ParameterSpec[];
  /** Dataset names that the source cannot take. */
  readonly reservedKeywords?: readonly string[];
  /** Whether `unsupported_type_action` may be set on a dataset. */
  readonly supportsUnsupportedTypeAction?: boolean;
  /** Prepares a connector; may check the parameters, does no unbounded work, honours `context.signal`. */
  create(parameters: Parameters, context: PluginContext): DataConnector | Promise<DataConnector>;
}

/** One configured source. Owns its clients and pools until `close`. */
export interface DataConnector extends AsyncDisposable {
  /**
   * Finds the dataset's table and its schema.
   * @throws MillraceError `not_found` with the nearest name, `unauthenticated`, `unauthorized`, `unavailable` and the like.
   */
  readProvider(dataset: DatasetSource, context: ScanContext): Promise<TableProvider>;
  /** As `readProvider`, for a table that can be written as well. */
  readWriteProvider?(dataset: DatasetSource, context: ScanContext): Promise<TableProvider>;
  /** Opens the source's catalog, for `catalogs:` in a configuration. */
  catalogProvider?(source: CatalogSource, context: ScanContext): Promise<Catalog>;
  /** Opens the change log of the dataset's table. */
  changesStream?(dataset: DatasetSource, context: ScanContext): Promise<ChangeLog>;
  /** Picks the refresh mode where the user named none, or refuses the one that was named. Default: `full`. */
  resolveRefreshMode?(requested: RefreshMode | undefined): RefreshMode;
  /** Called once the dataset has an accelerated table; a connector that watches its source may ask for refreshes. */
  onAcceleratedTableRegistration?(registration: AcceleratedTableRegistration): void | Promise<void>;
  readonly metricsProvider?: MetricsProvider;
  /** `on_startup` (the default) loads with the runtime, `on_trigger` waits for the first use. */
  readonly initialization?: 'on_startup' | 'on_trigger';
  /** Present where the source is an engine that can run whole subtrees. */
  readonly remote?: RemoteEngine;
  /** Releases everything. Idempotent; scans that are open fail with `invalid_state` or finish. */
  close(): Promise<void>;
}

/** What a connector may use of its host. Injected, so that a plugin needs no import for it. */
export interface PluginContext {
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** The folder from which relative paths count: that of the configuration file. Absolute. */
  readonly baseDirectory: string;
  /** Memory that the host shares out; absent where it does not, and everybody has limits of their own. */
  readonly memory?: MemoryBudget;
}

/** A structured logger; the fields never hold secrets. */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** The dataset that a connector is asked to provide. */
export interface DatasetSource {
  /** The dataset's name in SQL, for messages. */
  readonly name: string;
  /** What stands behind `connector:` in `from`, as written. */
  readonly path: string;
  readonly parameters: Parameters;
  /** Overrides inference: the columns that the user declared. */
  readonly schema?: Schema;
  readonly unsupportedTypeAction?: UnsupportedTypeAction;
}

/** The catalog that a connector is asked to provide. */
export interface CatalogSource {
  readonly name: string;
  readonly path: string;
  readonly parameters: Parameters;
  /**
   * Patterns over `namespace.table`, `*` for any characters and `?` for one; a hint, as the host filters the listing itself.
   * Empty means everything.
   */
  readonly include: readonly string[];
  /** As `include`; it wins. */
  readonly exclude: readonly string[];
  /** Holds for every table. */
  readonly unsupportedTypeAction?: UnsupportedTypeAction;
}

/** What to do with a column whose type cannot be represented. */
export type UnsupportedTypeAction = 'error' | 'warn' | 'ignore' | 'string';

/** How an accelerated table is kept up to date. */
export type RefreshMode = 'full' | 'append' | 'changes' | 'disabled';

/** Handed to a connector whose dataset was accelerated. */
export interface AcceleratedTableRegistration {
  readonly dataset: string;
  /** Asks for a refresh that reads what there is by now; requests during a running refresh are merged into one that follows it. */
  requestRefresh(): void;
}

/** Named figures of a connector, read when somebody looks. */
export interface MetricsProvider {
  metrics(): Readonly<Record<string, number | bigint>>;
}

/** Runs whole subtrees at the source. `can` is asked bottom-up, so the children of a node were accepted before. */
export interface RemoteEngine {
  readonly id: SourceId;
  can(node: Rel | Expr): boolean;
  plan(rel: Rel, context: ScanContext): ExecutionPlan | Promise<ExecutionPlan>;
}
