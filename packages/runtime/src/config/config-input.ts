import type { OnConflict, UnsupportedTypeAction } from '@millrace/core';
import type { CopyMode, OnSchemaChange, ReadyState, TimeFormat } from './config-model.ts';

/**
 * A configuration as an object. Fields are named and meant as in `millrace.yaml`, so that either can be pasted into
 * the other.
 *
 * A member that is `undefined` counts as absent; `null` never does.
 */
export interface RuntimeConfigInput {
  /** Version of this shape. Default `v1` here; required in a file. */
  readonly version?: 'v1' | 'v1beta1';
  /** Accepted, so that a spicepod's head can stay. */
  readonly kind?: 'Spicepod';
  readonly name?: string;
  readonly runtime?: RuntimeInput;
  readonly datasets?: readonly DatasetInput[];
  readonly views?: readonly ViewInput[];
  readonly catalogs?: readonly CatalogInput[];
}

/** Settings of the runtime as a whole. */
export interface RuntimeInput {
  /** Most datasets that are refreshed at the same time, at least 1. Default: no bound. */
  readonly dataset_load_parallelism?: number;
  /** Memory of all engines and copies together: a size, or a percentage of what the process may use. Default `60%`. */
  readonly memory_limit?: string;
  readonly caching?: CachingInput;
}

/** What is kept of the answers to statements. Nothing unless it is asked for. */
export interface CachingInput {
  /** Whole results, by statement and parameters. */
  readonly sql_results?: ResultsCacheInput;
}

/** Keeps results in memory for statements that are asked again before the tables have changed. */
export interface ResultsCacheInput {
  /** Default true. */
  readonly enabled?: boolean;
  /** Bytes of all results together, with a unit if wanted. Default `128MiB`; one result takes an eighth of it at most. */
  readonly max_size?: string;
  /** A duration: how long after its query began a result is served at most. Default `1s`. */
  readonly item_ttl?: string;
  /** `lru`: what was not asked for the longest time gives way. */
  readonly eviction_policy?: 'lru';
  /** `sql`: statements are one when their texts are, comments behind them apart. */
  readonly cache_key_type?: 'sql';
}

/** One dataset: a table of a source under a name of its own. */
export interface DatasetInput {
  /** `connector:path`, for example `file:data/orders.csv`. */
  readonly from: string;
  /** `table` or `schema.table`; a part in double quotes is taken as it is. */
  readonly name: string;
  readonly description?: string;
  /** Parameters of the connector. */
  readonly params?: ParamsInput;
  /** What becomes of columns whose type cannot be represented. Default `error`; only where the connector takes it. */
  readonly unsupported_type_action?: UnsupportedTypeAction;
  /** Declares all columns, in order, instead of having them inferred. */
  readonly columns?: readonly ColumnInput[];
  /** The column that says when a row came about; append refreshes, data windows and retention go by it. */
  readonly time_column?: string;
  /** What the values of `time_column` are. Default: what follows from its type, which for numbers is nothing. */
  readonly time_format?: TimeFormat;
  /** `on_registration` and `on_schema_resolved` read from the source until the first load is there. Default `on_load`. */
  readonly ready_state?: ReadyState;
  /** What becomes of the copy when the columns of the source change. Default `block`. */
  readonly on_schema_change?: OnSchemaChange;
  /** Datasets whose first load is awaited, however it ends, before that of this one. */
  readonly depends_on?: readonly string[];
  readonly acceleration?: AccelerationInput;
}

/** All tables of a source, as `name.schema.table`. */
export interface CatalogInput {
  /** `connector` or `connector:path`, for example `postgres`. */
  readonly from: string;
  /** The first part of the tables' names; in double quotes it is taken as it is. */
  readonly name: string;
  readonly description?: string;
  /** Patterns over `schema.table`: `*` is any characters, `?` one; case matters. Default: every table. */
  readonly include?: readonly string[];
  /** As `include`; it wins. */
  readonly exclude?: readonly string[];
  /** Parameters of the connector. */
  readonly params?: ParamsInput;
  /** More parameters of the connector, for the tables. */
  readonly dataset_params?: ParamsInput;
  /** As for a dataset, for every table. */
  readonly unsupported_type_action?: UnsupportedTypeAction;
}

/** Parameters by name. Numbers and booleans are turned into text, lists and objects into JSON text. */
export interface ParamsInput {
  readonly [name: string]: ParamInput | undefined;
}

/** The value of one parameter. A string may hold references like `${env:PG_PASSWORD}`; `$${` stands for `${`. */
export type ParamInput =
  | string
  | number
  | bigint
  | boolean
  | readonly ParamInput[]
  | { readonly [key: string]: ParamInput | null | undefined };

/** One declared column. */
export interface ColumnInput {
  readonly name: string;
  /** A type in SQL, for example `BIGINT`, `VARCHAR`, `DECIMAL(10,2)`. */
  readonly type: string;
  /** Default true. */
  readonly nullable?: boolean;
  readonly description?: string;
}

/** Keeps a local copy of a dataset. */
export interface AccelerationInput {
  /** Default true. */
  readonly enabled?: boolean;
  /** Id of an accelerator. Default `arrow`. */
  readonly engine?: string;
  /** `file_create` loads a file anew at every start, `file_update` where columns were taken away. Default `memory`. */
  readonly mode?: CopyMode;
  /** `append` reads what `time_column` says is new. Default: what the connector says, else `full`. */
  readonly refresh_mode?: 'full' | 'append';
  /** A duration with its unit, for example `30s`, `5m`, `1h`. Default: loaded once. */
  readonly refresh_check_interval?: string;
  /** When it is refreshed, in UTC: minute, hour, day, month, day of the week, in front of them seconds if wanted. */
  readonly refresh_cron?: string;
  /** Default false. */
  readonly refresh_jitter_enabled?: boolean;
  /** A duration. Default a tenth of the interval. */
  readonly refresh_jitter_max?: string;
  /** `always` loads rows of a file anew at start, however young they are. Default `auto`. */
  readonly refresh_on_startup?: 'auto' | 'always';
  /** Default true. */
  readonly refresh_retry_enabled?: boolean;
  /** At least 1. Default: no bound. */
  readonly refresh_retry_max_attempts?: number;
  /** A SELECT over this dataset that says which rows and columns are kept. */
  readonly refresh_sql?: string;
  /** A duration: only rows whose `time_column` is younger are read. */
  readonly refresh_data_window?: string;
  /** A duration: how far below the newest `time_column` an append reads again. Default 0. */
  readonly refresh_append_overlap?: string;
  /** Default false. */
  readonly retention_check_enabled?: boolean;
  /** A duration: rows whose `time_column` is older are removed from the copy. */
  readonly retention_period?: string;
  /** `DELETE FROM <dataset> WHERE …`. */
  readonly retention_sql?: string;
  /** A duration. */
  readonly retention_check_interval?: string;
  /** `use_source` lets the source answer scans that find no row in the copy. Default `return_empty`. */
  readonly on_zero_results?: 'return_empty' | 'use_source';
  /** `column`, `bucket(16, column)`, `truncate(100, column)`, `date_trunc('month', column)` or `year(column)`, each. */
  readonly partition_by?: readonly string[];
  /** `a` or `(a, b)`. */
  readonly primary_key?: string;
  /** By `a` or `(a, b)`. */
  readonly indexes?: { readonly [columns: string]: 'enabled' | 'unique' | undefined };
  /** Under the columns of the primary key. */
  readonly on_conflict?: { readonly [columns: string]: OnConflict | undefined };
  /** Parameters of the accelerator. */
  readonly params?: ParamsInput;
}

/** A named query. Exactly one of `sql` and `sql_ref` is given. */
export interface ViewInput {
  readonly name: string;
  readonly sql?: string;
  /** A file that holds the SQL, relative to the configuration file's folder. */
  readonly sql_ref?: string;
  readonly description?: string;
  /** The columns that the query has to give, in order. Default: whatever it gives. */
  readonly columns?: readonly ColumnInput[];
  /** As for a dataset, over the columns of the view. */
  readonly time_column?: string;
  /** As for a dataset. */
  readonly time_format?: TimeFormat;
  /** As for a dataset; the source is the query. */
  readonly ready_state?: ReadyState;
  /** As for a dataset; the source is the query. */
  readonly on_schema_change?: OnSchemaChange;
  /** Datasets and views that come before this one, beside those that its query reads. */
  readonly depends_on?: readonly string[];
  /** Keeps the rows of the query. */
  readonly acceleration?: AccelerationInput;
}
