import type { Offset } from './change-log.ts';
import type { PluginContext, RefreshMode } from './connector.ts';
import type { Schema } from './data-type.ts';
import type { Expr } from './expression.ts';
import type { NativeRelation } from './native-relation.ts';
import type { ParameterSpec, Parameters } from './parameter-spec.ts';
import type { ScanContext } from './scan.ts';
import type { TableProvider } from './table-provider.ts';
import type { BatchWriter, WriteMode, WriteResult } from './write.ts';

/** Makes accelerators of one engine; made by {@link defineAccelerator}. */
export interface DataAcceleratorFactory {
  /** What users write in `acceleration.engine`. */
  readonly id: string;
  /** Prefix of the accelerator's own parameters, without the underscore. */
  readonly prefix: string;
  readonly parameters: readonly ParameterSpec[];
  /** Where the data may live; a mode that is not listed is refused when the configuration is loaded. */
  readonly modes: readonly AccelerationMode[];
  /** File extensions (with the dot) of the engine's files; empty for an engine that has none. */
  readonly validFileExtensions: readonly string[];
  /** Ways of refreshing that its tables know; default `full` alone. */
  readonly refreshModes?: readonly AcceleratedRefresh[];
  /** Whether a refresh may give a table other columns ({@link RefreshRequest.redefine}); default false. */
  readonly canRedefine?: boolean;
  /** Whether its tables keep rows together by {@link CreateTableCommand.partitionBy}; default false, and a host refuses it. */
  readonly canPartition?: boolean;
  create(parameters: Parameters, context: AcceleratorContext): DataAccelerator | Promise<DataAccelerator>;
}

/** `memory` is gone with the process; `file` survives it. */
export type AccelerationMode = 'memory' | 'file';

/** `full` replaces all rows ({@link RefreshRequest} `overwrite`), `append` those of a window (`overwrite_where`), `changes` those of keys (`changes`). */
export type AcceleratedRefresh = 'full' | 'append' | 'changes';

/**
 * What becomes of rows with one primary key. `drop`: the row that was there first stays. `upsert`: the written row wins over one that was
 * there, and several written rows with one key are an error. `upsert_dedup`: as `upsert`, once written rows that are equal in every column
 * have become one. `upsert_dedup_by_row_id`: the row that was written last wins.
 *
 * Source: `acceleration.on_conflict` of Spice.
 */
export type OnConflict = 'drop' | 'upsert' | 'upsert_dedup' | 'upsert_dedup_by_row_id';

/** What an accelerator may use of its host. */
export interface AcceleratorContext extends PluginContext {
  /** The host's query engine, if it offers itself; an accelerator that recognises it can put its tables in there. Opaque. */
  readonly engine?: object;
  /** Folder for data whose place the user did not name; absolute, created on demand by whoever writes there. */
  readonly dataDirectory: string;
}

/**
 * Keeps local copies of datasets. One accelerator object serves one dataset.
 *
 * Source of the shape: Spice's `DataAccelerator`.
 */
export interface DataAccelerator extends AsyncDisposable {
  /** Where the copies live, for status and for clean-up. */
  readonly accelerationLayout: AccelerationLayout;
  /** The file of a dataset in file mode; undefined in memory mode. */
  filePath(command: CreateTableCommand): string | undefined;
  /**
   * The checkpoint of a dataset as an earlier process left it, whatever its definition is, from which a host learns whether rows can be served
   * whose source is away; undefined where there is none. Changes nothing. Absent where nothing survives the process.
   *
   * @throws what `init` throws for a place that cannot be opened.
   */
  readCheckpoint?(
    command: Pick<CreateTableCommand, 'name' | 'mode'>,
    context: ScanContext,
  ): Promise<Checkpoint | undefined>;
  /** Opens what is there, repairs what a crash left, and says what was found. Idempotent. */
  init(command: CreateTableCommand, context: ScanContext): Promise<BootstrapStatus>;
  isInitialized(command: CreateTableCommand): boolean;
  /**
   * The columns that a table of this command has, in the engine's own types. Default: those of the command. It depends on the command alone,
   * and the schema of a table is its own stored schema.
   *
   * @throws MillraceError `unsupported_type`, `unsupported` for columns that the engine cannot keep.
   */
  storedSchema?(command: CreateTableCommand): Schema;
  /** Opens or creates the accelerated table. What it holds is replaced by a refresh, never here. */
  createExternalTable(
    command: CreateTableCommand,
    source: TableProvider,
    partitionBy: readonly Expr[],
    context: ScanContext,
  ): Promise<AcceleratedTable>;
  /**
   * Removes the dataset's rows and checkpoint from where they live, with a file or folder that was this dataset's alone, and shuts down. What other
   * datasets keep in the same place stays. Nobody reads the table any more. Absent where nothing outlives {@link shutdown}.
   *
   * @throws MillraceError `io`, `conflict` and the like; what could not be removed is then as `init` would find it.
   */
  drop?(command: CreateTableCommand, context: ScanContext): Promise<void>;
  /** Flushes and closes. Idempotent. */
  shutdown(): Promise<void>;
}

/** `memory`, one `file`, or a `directory` of files. */
export type AccelerationLayout =
  | { readonly kind: 'memory' }
  | { readonly kind: 'file' | 'directory'; readonly path: string };

/** The accelerated table that is wanted. */
export interface CreateTableCommand {
  /** The dataset's name: namespaces and table. */
  readonly name: { readonly schemaName?: string; readonly table: string };
  /** How the dataset is called in messages; default by its name. */
  readonly label?: string;
  readonly schema: Schema;
  readonly mode: AccelerationMode;
  /** Hash of everything that decides what the table holds; data under another hash is not used. */
  readonly definitionHash: string;
  readonly refreshMode: RefreshMode;
  readonly primaryKey?: readonly string[];
  readonly indexes?: readonly { readonly columns: readonly string[]; readonly unique: boolean }[];
  /** Of the primary key; default `upsert`. An error over written rows is `integrity`. */
  readonly onConflict?: OnConflict;
  /** How rows are grouped, so that a query reads only those that its filters can want. For factories that say `canPartition`. */
  readonly partitionBy?: readonly PartitionTransform[];
}

/**
 * What rows have in common that are kept together: the value of a column, one of `count` buckets of it, the column cut to a multiple of `width` (a
 * text: to its first `width` characters), the start of the period that it falls into, or a part of its date or time, which comes again.
 *
 * Source: `partition_by` of Spice, and the transforms of Apache Iceberg.
 */
export type PartitionTransform =
  | { readonly kind: 'identity'; readonly column: string }
  | { readonly kind: 'bucket'; readonly column: string; readonly count: number }
  | { readonly kind: 'truncate'; readonly column: string; readonly width: number }
  | { readonly kind: 'date_trunc'; readonly column: string; readonly unit: PartitionPeriod }
  | { readonly kind: 'date_part'; readonly column: string; readonly part: PartitionDatePart };

/** A period of time, as `date_trunc` of SQL names it. */
export type PartitionPeriod = 'year' | 'quarter' | 'month' | 'week' | 'day' | 'hour';

/**
 * A part of a date or timestamp, as `date_part` of SQL names and counts it: `dayofweek` from 0 on Sunday, `week` as ISO 8601 does. That of a timestamp
 * with a zone is the part in UTC.
 */
export type PartitionDatePart =
  | 'year'
  | 'quarter'
  | 'month'
  | 'week'
  | 'day'
  | 'dayofweek'
  | 'dayofyear'
  | 'hour'
  | 'minute';

/** What `init` found: nothing, data of another definition or an unfinished one (then the table counts as empty), or usable data. */
export type BootstrapStatus =
  | { readonly kind: 'empty' }
  | { readonly kind: 'discarded'; readonly reason: string }
  | { readonly kind: 'ready'; readonly checkpoint: Checkpoint };

/** The state of an accelerated table, committed in the same transaction as its rows. */
export interface Checkpoint {
  readonly schema: Schema;
  readonly definitionHash: string;
  /** Highest value loaded of the watermark column (append), as text. */
  readonly watermark?: string;
  /** Position in the change log up to which the rows are (changes). */
  readonly offset?: Offset;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly refreshedAtMs: number;
  readonly rowCount: bigint;
  readonly bootstrapComplete: boolean;
}

/**
 * A table in an accelerator: readable at any moment, replaced or extended by refreshes. Its schema changes by a refresh that redefines it, and
 * by nothing else; a plan that was made before reads what was there, or fails.
 */
export interface AcceleratedTable extends TableProvider {
  /** Undefined until the first refresh was committed. */
  readonly checkpoint: Checkpoint | undefined;
  /**
   * Starts a refresh. Readers see the old rows until it commits and the new ones afterwards, never a mixture, never
   * an empty or half table; without a commit nothing changes.
   */
  beginRefresh(request: RefreshRequest, context: ScanContext): Promise<RefreshSession>;
  /**
   * The version of the rows, as a text that is another one after every commit, whoever made it; undefined where there are no rows. Asked for whenever
   * a result that was computed from the rows is to be given again, and so it reads none of them. Absent where nobody but this table changes its rows.
   *
   * @throws MillraceError what a scan would fail with.
   */
  version?(context: ScanContext): Promise<string | undefined>;
}

/**
 * What a refresh does to the rows that are there.
 *
 * `overwrite`: they all give way to the written ones. `overwrite_where`: those give way for which every filter is TRUE, and, where the
 * table has a primary key, those whose key is among the written rows, as {@link OnConflict} says. Filters compare columns of the table with
 * literals, joined by `and`, `or` and `is_null`. An accelerator refuses a mode that its factory does not list with `unsupported`.
 *
 * `changes`: the written rows are changes ({@link ChangeType}) in the order in which they happened, of {@link changeSchema} over the table's columns. The
 * last change of a key counts, whatever {@link OnConflict} says, so that the same changes may be written again: rows are what they were after the first
 * time. They belong behind the offset that the table's checkpoint has once the refresh has begun, and the commit brings the offset up to which they reach;
 * its count of rows is that of the written changes. A table without a primary key refuses them with `unsupported`; a change without a whole key, or one
 * that breaks a unique index, is `integrity`, an unknown kind of change `invalid_data`.
 */
export interface RefreshRequest {
  readonly mode: WriteMode;
  /**
   * What the table is from the commit on, in the place of the command that it was made with: other columns, keys or indexes, under the same name.
   * The written rows have its columns. With `overwrite` alone, and for factories that say `canRedefine`; else `unsupported`.
   */
  readonly redefine?: CreateTableCommand;
}

/** One refresh. Disposing without a commit aborts. */
export interface RefreshSession extends AsyncDisposable {
  /** Takes record batches; exists always. */
  writer(): Promise<BatchWriter>;
  /**
   * Loads from a native relation instead of batches, where the accelerator knows how; undefined means that it does not, and
   * nothing has happened. The number is the count of rows loaded.
   */
  loadNative?(relation: NativeRelation, columns: readonly string[]): Promise<bigint | undefined>;
  /** Publishes rows and checkpoint in one transaction. */
  commit(checkpoint: Omit<Checkpoint, 'rowCount' | 'schema' | 'definitionHash'>): Promise<WriteResult>;
  abort(reason?: unknown): Promise<void>;
}
