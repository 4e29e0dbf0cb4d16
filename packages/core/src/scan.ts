import type { Schema } from './data-type.ts';
import type { AggregateCall, Expr, SortKey } from './expression.ts';
import type { Json } from './json.ts';
import type { RecordBatchStream } from './record-batch.ts';

/**
 * What one scan is asked for. The stages apply in SQL's order: sample → filters → aggregate → order → offset → limit →
 * projection. Only the projection is a demand; everything else is an offer that the plan answers in {@link Applied}.
 */
export interface ScanRequest {
  /** Ordinals into the table's schema, in the order wanted. Empty is legal: batches then carry a row count alone. */
  readonly projection: readonly number[];
  /** Conjuncts: a row is wanted if every one is TRUE (not FALSE, not NULL). */
  readonly filters: readonly Expr[];
  readonly sample?: Sample;
  readonly aggregate?: { readonly groupBy: readonly Expr[]; readonly calls: readonly AggregateCall[] };
  readonly order?: readonly SortKey[];
  readonly limit?: bigint;
  readonly offset?: bigint;
  /** Names of metadata columns (file path, row id …), appended behind the projection. */
  readonly metadataColumns?: readonly string[];
  /** Reads an older version of the table, where the table keeps them. */
  readonly at?: TableVersion;
}

/** `bernoulli` decides row by row, `system` block by block; a seed makes the sample repeatable. */
export interface Sample {
  readonly fraction: number;
  readonly method: 'bernoulli' | 'system';
  readonly seed?: bigint;
}

/** A version by its name, or the newest one that existed at an instant (microseconds since 1970-01-01 UTC). */
export type TableVersion = { readonly version: string } | { readonly timestampMicros: bigint };

/**
 * How far a plan went with one stage of the request.
 *
 * For a filter: `exact` = every returned row makes it TRUE and no TRUE row is lost; `inexact` = no TRUE row is lost; `none` =
 * ignored. For an order: `exact` = each partition is sorted; `inexact` = a helpful order. For a limit: `exact` = at most
 * that many rows in all; `inexact` = each partition stops early and keeps at least what is needed. Losing a row is never legal.
 */
export type PushdownDegree = 'none' | 'inexact' | 'exact';

/** The plan's answer to each stage of the request. An absent member means that nothing was done. */
export interface Applied {
  /** One answer for each of the request's filters, in order. */
  readonly filters: readonly PushdownDegree[];
  readonly sample?: boolean;
  /** `complete` = each group once; `partial` = groups may repeat and the engine merges them. */
  readonly aggregate?: 'none' | 'partial' | 'complete';
  readonly order?: PushdownDegree;
  readonly offset?: boolean;
  readonly limit?: PushdownDegree;
}

/**
 * A plan that reads one table once. Making it does no data I/O; {@link checkPlan} verifies its claims before it runs.
 *
 * Source of the shape: DataFusion's `ExecutionPlan`, with the explicit answer that Spark's and Trino's pushdowns give.
 */
export interface ExecutionPlan {
  /** Exactly what every batch carries: names, types, nullability, order. */
  readonly schema: Schema;
  readonly applied: Applied;
  /** At least one. Partitions are disjoint, together they are the whole result, and they may be read at the same time. */
  readonly partitions: readonly Partition[];
  /** The order that holds within each partition, if any. */
  readonly ordering?: readonly SortKey[];
  /** What is known of the result *after* everything applied; absent where nothing is. A failure must not fail the query. */
  statistics?(): Promise<Statistics>;
  /**
   * Reads one partition. Lazy: no I/O before the first `next()`. May be called again for the same partition (a retry).
   *
   * @throws MillraceError `cancelled` once `context.signal` aborts; the statement at the source is stopped by then.
   */
  execute(partition: Partition, context: ScanContext): RecordBatchStream;
  /** Says what runs at the source, without secrets and without row values. */
  explain(): Explanation;
  /**
   * Asks the source by which of its indexes and keys it looks the rows up, in its own words; empty where it reads the table. A source that decides as it
   * reads may run the statement. Absent where there are none, or nobody can be asked.
   *
   * @throws MillraceError as `execute`.
   */
  indexesUsed?(context: ScanContext): Promise<readonly string[]>;
}

/** One part of a scan. It is JSON, so that it can be read in a worker or on another machine. */
export interface Partition {
  readonly id: number;
  /** What `execute` needs to read just this part. */
  readonly detail: Json;
  /** Rows in this part, where the source knows. */
  readonly rowCount?: number;
}

/** What a plan tells a reader: the source, the statement that it receives, and what is worth knowing about it. */
export interface Explanation {
  /** The source in words, for example `postgres public.orders`. */
  readonly source: string;
  /** The statement, request or file list, with placeholders where values are bound. */
  readonly statement?: string;
  readonly notes?: readonly string[];
}

/** A figure and whether it is certain. */
export interface Estimate<T> {
  readonly value: T;
  readonly exact: boolean;
}

/** Statistics of a plan's result; every member is optional because sources know different things. */
export interface Statistics {
  readonly rowCount?: Estimate<bigint>;
  readonly byteCount?: Estimate<bigint>;
  readonly columns?: Readonly<Record<string, ColumnStatistics>>;
}

/** Statistics of one column; minimum and maximum have the form of literals of the column's type. */
export interface ColumnStatistics {
  readonly nullCount?: Estimate<bigint>;
  readonly distinctCount?: Estimate<bigint>;
  readonly minimum?: Estimate<unknown>;
  readonly maximum?: Estimate<unknown>;
}

/** What surrounds one scan, write or catalog call. */
export interface ScanContext {
  /** Aborts the call; whoever awaits inside a loop listens. */
  readonly signal: AbortSignal;
  /** Rows that a batch should hold; a hint. */
  readonly batchRowCount?: number;
  /** How many partitions the caller can read at the same time; a hint. */
  readonly targetPartitions?: number;
}
