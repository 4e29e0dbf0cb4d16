import type {
  GivenParameter,
  OnConflict,
  PartitionTransform,
  SourceLocation,
  UnsupportedTypeAction,
} from '@millrace/core';
import type { MemoryLimit } from '../memory/memory-limit.ts';
import type { SecretRedactor } from '../secrets/secret-redactor.ts';

/**
 * A configuration that passed every check that needs no plugin, whether it came from YAML or from an object.
 *
 * Secrets are substituted: texts that hold one are flagged, and `redactor` knows the values.
 */
export interface ResolvedConfig {
  readonly version: 'v1';
  readonly name?: string;
  /** The configuration file, absolute; absent for a configuration object. */
  readonly file?: string;
  /**
   * The folder from which relative paths count, absolute: that of the file, else the one given, else the working
   * folder.
   */
  readonly baseDirectory: string;
  /** Most datasets that are refreshed at the same time; absent for no bound. */
  readonly datasetLoadParallelism?: number;
  /** Memory of all engines and copies together; absent for the default. */
  readonly memoryLimit?: MemoryLimit;
  /** Absent where results are not cached. */
  readonly resultsCache?: ResultsCacheConfig;
  readonly datasets: readonly DatasetConfig[];
  readonly views: readonly ViewConfig[];
  readonly catalogs: readonly CatalogConfig[];
  /** What is accepted and yet probably not meant. */
  readonly warnings: readonly ConfigWarning[];
  readonly redactor: SecretRedactor;
}

/** How the results of statements are cached. */
export interface ResultsCacheConfig {
  /** Bytes of all results that are kept, above 0. */
  readonly maxBytes: number;
  /** How long after its query began a result is served at most, above 0. */
  readonly itemTtlMs: number;
}

/** One remark that does not stop the runtime. */
export interface ConfigWarning {
  readonly message: string;
  readonly location?: SourceLocation;
}

/** One entry of `datasets`. */
export interface DatasetConfig extends Located {
  readonly from: DatasetFrom;
  readonly name: ConfigName;
  readonly description?: string;
  /** Parameters as given, by the name that the user wrote (prefix included), not yet checked against any spec. */
  readonly params: ReadonlyMap<string, GivenParameter>;
  /** Absent when the user named none. */
  readonly unsupportedTypeAction?: UnsupportedTypeAction;
  /** The declared columns in order, at least one; absent when the schema is left to inference. */
  readonly columns?: readonly ColumnConfig[];
  /** The column that says when a row came about, as written; not yet looked up. */
  readonly timeColumn?: string;
  /** Absent when it follows from the column's type. */
  readonly timeFormat?: TimeFormat;
  /** Default `on_load`; there is an acceleration then. */
  readonly readyState?: ReadyState;
  /** Default `block`; there is an acceleration then. */
  readonly onSchemaChange?: OnSchemaChange;
  /** Names of datasets of the configuration, as written; no circle leads through them. */
  readonly dependsOn?: readonly string[];
  /** Absent without an `acceleration` block; with `enabled: false` the dataset is federated all the same. */
  readonly acceleration?: AccelerationConfig;
}

/**
 * What the values of a time column are: `timestamp` wall-clock times, `timestamptz` instants, `unix_seconds` and `unix_millis` numbers since
 * 1970-01-01 UTC, `ISO8601` texts of one form, `date` days.
 *
 * Source: `time_format` of Spice.
 */
export type TimeFormat = 'timestamp' | 'timestamptz' | 'unix_seconds' | 'unix_millis' | 'ISO8601' | 'date';

/**
 * When queries read the copy. `on_load`: always, and they wait for the first load. `on_registration` and `on_schema_resolved`, which are one here as
 * the columns of a dataset are known when it is registered: from the first load on, and the source until then.
 *
 * Source: `ready_state` of Spice.
 */
export type ReadyState = 'on_load' | 'on_registration' | 'on_schema_resolved';

/**
 * What becomes of a copy when the columns of its source have changed. `block`: the old rows are served and not refreshed. `fail`: they are not
 * served either. `append_new_columns`: new columns and wider types are taken over, anything else blocks. `sync_all_columns`: the copy gets the
 * columns of the source; rows that an append keeps are converted. `drop_and_recreate`: everything is loaded anew.
 *
 * Source: `on_schema_change` of Spice.
 */
export type OnSchemaChange = 'block' | 'fail' | 'append_new_columns' | 'sync_all_columns' | 'drop_and_recreate';

/**
 * Where a copy lives and what a start makes of it. `memory` is gone with the process. `file` is found again. `file_create` is a file whose rows
 * are never used again. `file_update` is a file whose rows are used again unless columns were taken away or changed; then they are loaded anew.
 *
 * Source: `acceleration.mode` of Spice.
 */
export type CopyMode = 'memory' | 'file' | 'file_create' | 'file_update';

/** Something that stands somewhere in a configuration file. */
export interface Located {
  /**
   * Where the entry, or one of its fields (`from`, `params.pg_host`, `acceleration.engine`), stands in the file. An
   * absent field answers with the nearest thing around it. With `at`, where that line and column of the field's text
   * are, as far as that can be told. Undefined for a configuration object.
   */
  location(field?: string, at?: { readonly line: number; readonly column: number }): SourceLocation | undefined;
}

/** The source of a dataset: `text` is `connector:path`, or the connector alone. */
export interface DatasetFrom {
  /** Id or alias of a connector. */
  readonly connector: string;
  /** What stands behind the first colon, as written: `//bucket/x` for `s3://bucket/x`; empty without a colon. */
  readonly path: string;
  readonly text: string;
}

/**
 * A dataset's or view's name: a table, in a schema of its own unless that is the default one, `main`.
 *
 * Spelled as written; SQL finds it in any case, so two names that differ only by case cannot exist.
 */
export interface ConfigName {
  readonly schemaName?: string;
  readonly table: string;
  /** As written, quotes included. */
  readonly text: string;
}

/** One declared column. */
export interface ColumnConfig {
  readonly name: string;
  /** A type in SQL, for example `BIGINT` or `DECIMAL(10,2)`; well-formed, its name not yet looked up. */
  readonly type: string;
  /** False promises that the column holds no nulls. Default true. */
  readonly nullable: boolean;
  readonly description?: string;
}

/** The `acceleration` block of a dataset. */
export interface AccelerationConfig {
  /** Default true where the block exists. */
  readonly enabled: boolean;
  /** Id or alias of an accelerator. Default `arrow`. */
  readonly engine: string;
  /** Default `memory`. Whether the engine has the mode is the engine's to say. */
  readonly mode: CopyMode;
  /** Absent when the connector decides. */
  readonly refreshMode?: 'full' | 'append';
  /**
   * Time between refreshes, above 0 and without an upper bound (`setTimeout` ends at 2^31-1 ms); absent means once,
   * at start.
   */
  readonly refreshCheckIntervalMs?: number;
  /** A cron pattern in UTC whose time comes; never together with an interval. */
  readonly refreshCron?: string;
  /** Most milliseconds by which a refresh is put off; absent for none. */
  readonly refreshJitterMs?: number;
  /** Default `auto`. */
  readonly refreshOnStartup?: 'auto' | 'always';
  /** How often a refresh is tried again after an error that may pass; absent for no bound. */
  readonly refreshMaxRetries?: number;
  /** A SELECT over the dataset that says what is kept; not yet parsed. */
  readonly refreshSql?: string;
  /** Only rows whose time column is younger are read; above 0. There is a time column then. */
  readonly refreshDataWindowMs?: number;
  /** How far below the newest time an append reads again. Absent for 0. */
  readonly refreshAppendOverlapMs?: number;
  /** Which rows are removed from the copy; absent for none. */
  readonly retention?: RetentionConfig;
  /** Default `return_empty`. */
  readonly onZeroResults?: 'return_empty' | 'use_source';
  /** At least one, with columns as written; not yet looked up. */
  readonly partitionBy?: readonly PartitionTransform[];
  /** At least one column, as written; not yet looked up. */
  readonly primaryKey?: readonly string[];
  readonly indexes?: readonly { readonly columns: readonly string[]; readonly unique: boolean }[];
  /** Of the primary key, which is there then. */
  readonly onConflict?: OnConflict;
  /** As {@link DatasetConfig.params}, for the accelerator. */
  readonly params: ReadonlyMap<string, GivenParameter>;
}

/** Which rows of a copy are removed, and how often that is checked. At least one of period and condition is there. */
export interface RetentionConfig {
  readonly intervalMs: number;
  /** Rows whose time column is older go. There is a time column then. */
  readonly periodMs?: number;
  /** Rows for which this SQL is TRUE go; not yet parsed. */
  readonly condition?: string;
}

/** One entry of `views`. */
export interface ViewConfig extends Located {
  readonly name: ConfigName;
  /** One statement, from `sql` or read from the file that `sql_ref` names; not yet parsed. */
  readonly sql: string;
  readonly description?: string;
  /** The columns that the query has to give, in order, at least one. */
  readonly columns?: readonly ColumnConfig[];
  /** Names of datasets and views of the configuration, as written. */
  readonly dependsOn?: readonly string[];
  /** These are as those of {@link DatasetConfig}. */
  readonly timeColumn?: string;
  readonly timeFormat?: TimeFormat;
  readonly readyState?: ReadyState;
  readonly onSchemaChange?: OnSchemaChange;
  /** Absent without an `acceleration` block; with `enabled: false` the query runs whenever the view is read all the same. */
  readonly acceleration?: AccelerationConfig;
}

/** One entry of `catalogs`. */
export interface CatalogConfig extends Located {
  readonly from: DatasetFrom;
  /** The first part of the tables' names, without quotes. No part of it is a point. */
  readonly name: string;
  readonly description?: string;
  /** Patterns over `schema.table`; empty means every table. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** `params` and `dataset_params` together, as {@link DatasetConfig.params}. */
  readonly params: ReadonlyMap<string, GivenParameter>;
  readonly unsupportedTypeAction?: UnsupportedTypeAction;
}
