import type { DuckDBConnection } from '@duckdb/node-api';
import type { LiteralLike, RowValue } from '@millrace/arrow';
import type { DataType, Field, MemoryBudget, MemoryUse, RecordBatch, Schema } from '@millrace/core';
import type { BatchRelation } from '../loading/batch-relation.ts';

/** A value for a parameter of a statement. Plain JavaScript values have the types that {@link BoundValue} names. */
export type QueryParameters = readonly BoundValue[] | Readonly<Record<string, BoundValue>>;

/**
 * One value to bind: exact with a type, or a plain value of JavaScript.
 *
 * Plain: a number is an INTEGER when it is a 32-bit integer (and not −0) and a DOUBLE otherwise; a bigint a BIGINT, or a HUGEINT or
 * UHUGEINT when it needs to be; a string a VARCHAR, a Uint8Array a BLOB, a Date a TIMESTAMPTZ. `metadata` names an extension, as on a
 * field, for types that Arrow lacks.
 */
export type BoundValue =
  | { readonly value: LiteralLike; readonly type: DataType; readonly metadata?: Field['metadata'] }
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Date;

/** Options of one call. */
export interface StatementOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Whether one side of a statement's joins may be filtered by the values of the other while it is read. `on` only for a statement that,
 * views included, has no LIMIT, OFFSET or DISTINCT ON below its outermost query: DuckDB 1.5.5 would lose rows of it.
 */
export type JoinFilters = 'on' | 'off';

/** `complete`: every row was delivered. `incomplete`: the query failed or was stopped. */
export type StreamOutcome = 'complete' | 'incomplete';

/** What {@link DuckDbConnection.stream} runs. */
export interface StreamRequest extends StatementOptions {
  readonly sql: string;
  readonly parameters?: QueryParameters | undefined;
  /** Rows that a batch should hold at most, rounded up to whole chunks of 2,048; default 32,768. The first batches are smaller. */
  readonly batchRowCount?: number | undefined;
  /**
   * Default `off`. `on` is a wish: it comes true in an instance that decides by statement, for a statement without parameters, while no
   * other one is being planned or started there.
   */
  readonly joinFilters?: JoinFilters | undefined;
  /** Called once when the stream holds nothing any more and its connection is free. */
  readonly onClose?: ((outcome: StreamOutcome) => void) | undefined;
}

/**
 * The rows of one query, pulled batch by batch; it can be iterated once.
 *
 * It ends normally only when every row was delivered. A failure in the engine, an abort or {@link close} rejects the pending
 * `next()`; after a close every `next()` rejects. `return()`, as `break` calls it, stops the query and frees it.
 */
export interface QueryStream extends AsyncIterable<RecordBatch>, AsyncDisposable {
  readonly schema: Schema;
  /** Stops the query, drains it and frees it. Idempotent; resolves when nothing is held any more. */
  close(): Promise<void>;
}

/** One connection. It runs one statement at a time; calls that overlap fail with `invalid_state`. */
export interface DuckDbConnection extends AsyncDisposable {
  /** For the modules of this package. */
  readonly native: DuckDBConnection;
  /**
   * Runs a statement, or several where there are no parameters, and returns how many rows the last one changed. Rows of a result are
   * computed and dropped.
   *
   * @throws MillraceError `cancelled` when the signal stopped it; otherwise the code of {@link classifyDuckDbError}.
   */
  run(sql: string, parameters?: QueryParameters, options?: StatementOptions): Promise<bigint>;
  /** All rows of a small result, in the forms of `createValueReader` of `@millrace/arrow`. */
  rows(
    sql: string,
    parameters?: QueryParameters,
    options?: StatementOptions,
  ): Promise<readonly (readonly RowValue[])[]>;
  /** The schema of a query's result; the query is bound but not run. */
  describe(sql: string): Promise<Schema>;
  /** Starts a query. Until the stream has ended the connection takes no other statement. */
  stream(request: StreamRequest): Promise<QueryStream>;
  /** Stops what runs, waits for it, and disconnects; an open transaction is rolled back. Idempotent. */
  close(): Promise<void>;
}

/** What {@link openDatabase} opens. */
export interface OpenDatabaseOptions {
  /** `:memory:`, or a file, which is created where it is missing. */
  readonly path: string;
  /** Default: the number of cores. */
  readonly threads?: number | undefined;
  /** For example `2GB`; default 80 % of the machine's memory. */
  readonly memoryLimit?: string | undefined;
  /** Takes the limit from a budget, in the place of `memoryLimit`, until the database is closed. */
  readonly memory?: DatabaseMemory | undefined;
  /** Where large operators spill; created when first needed. Default: beside the file, or `.tmp` in the working folder. */
  readonly tempDirectory?: string | undefined;
  /** Further settings of DuckDB by name. Extensions are neither installed nor loaded by themselves unless these say so. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /**
   * Join filters are `off` unless told otherwise. With `by_statement` they are on for statements that say so; see
   * {@link StreamRequest.joinFilters}.
   */
  readonly joinFilters?: 'off' | 'by_statement' | undefined;
  /** Who opens it, for messages; default `duckdb`. */
  readonly component?: string | undefined;
}

/** What an instance asks a budget for. */
export interface DatabaseMemory {
  readonly budget: MemoryBudget;
  /** By what name the budget knows the instance; default the one that it has in messages. */
  readonly component?: string | undefined;
  /** Least that it is of use with, in bytes. */
  readonly minBytes: number;
  /** Default no bound. */
  readonly maxBytes?: number | undefined;
  /** The setting that decides, for the hint of an error: raising it helps. Default `runtime.memory_limit`. */
  readonly setting?: string | undefined;
}

/** A further database of the same instance. */
export interface AttachRequest {
  readonly path: string;
  readonly alias: string;
  /** Default `read_write`. */
  readonly access?: 'read_write' | 'read_only' | undefined;
}

/** Files that SQL may open once access is restricted; absolute paths. */
export interface FileAccess {
  readonly paths: readonly string[];
  /** With everything below them. */
  readonly directories: readonly string[];
}

/** One DuckDB instance: the only one in this process for its file. */
export interface DuckDbDatabase extends AsyncDisposable {
  readonly path: string;
  /** @throws MillraceError `conflict` when a database of this process has the file open already. */
  attach(request: AttachRequest): Promise<void>;
  detach(alias: string): Promise<void>;
  /** A connection of the caller's own, who closes it. It starts clean: no transaction, no temporary tables, default catalog. */
  connect(): Promise<DuckDbConnection>;
  /** Runs with a connection of its own, which is closed afterwards (44 µs in all, so that none is kept for reuse). */
  withConnection<T>(use: (connection: DuckDbConnection) => Promise<T>): Promise<T>;
  /**
   * Allows the files named and refuses all others from now on, and locks every setting but those by which join filters are decided
   * by statement and a budget limits the memory. It cannot be undone or done twice; databases attached before stay usable.
   */
  restrictFileAccess(request: FileAccess): Promise<void>;
  /** Offers batches that stay in memory to SQL; see {@link BatchRelation}. */
  registerBatches(relation: { readonly schema: Schema; readonly batches: readonly RecordBatch[] }): BatchRelation;
  /** What the instance holds in memory and in temporary files. */
  readMemoryUse(): Promise<MemoryUse>;
  /** Stops every query, waits, closes every connection and the instance. Idempotent. */
  close(): Promise<void>;
}
