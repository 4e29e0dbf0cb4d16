import type { Json } from './json.ts';
import type { RecordBatch } from './record-batch.ts';
import type { ExecutionPlan, ScanContext, ScanRequest } from './scan.ts';

/** A position in a change log. Two offsets are the same position if their canonical JSON is equal; nothing else is known of them. */
export type Offset = Json;

/** How much one step may read; the source makes at least one unit of progress whatever the limit. */
export type ReadLimit =
  | 'all'
  | { readonly maxRows?: number; readonly maxBytes?: number; readonly maxFiles?: number; readonly maxDelayMs?: number };

/**
 * A replayable stream of row changes.
 *
 * The reader acknowledges an offset only after its own transaction with the rows up to there is durable; on a failure it
 * stops at the failed step and never skips. Source: Spark's `MicroBatchStream` with `SupportsAdmissionControl`.
 */
export interface ChangeLog extends AsyncDisposable {
  readonly shape: ChangeShape;
  initial(): Promise<Offset>;
  /** The offset that a step from `start` may read up to; `start` itself means that there is nothing new. */
  latest(start: Offset, limit: ReadLimit): Promise<Offset>;
  /**
   * Reads the changes after `start` up to and with `end`, in the order in which they happened: the columns that the request asks for, then the
   * `ChangeType`. Reading the same range again gives the same changes.
   */
  read(start: Offset, end: Offset, request: ScanRequest): Promise<ExecutionPlan>;
  /** Follows the log without end; each batch says up to where it reaches. */
  follow?(start: Offset, context: ScanContext): AsyncIterable<{ readonly batch: RecordBatch; readonly end: Offset }>;
  /** Lets the source forget everything up to `end`. */
  ack(end: Offset): Promise<void>;
  /** Caps what `latest` may return from now on, so that a run over what is available ends. */
  freeze?(): Promise<Offset>;
}

/** Which changes a reader will meet, so that it knows what to remove or to pair. */
export interface ChangeShape {
  /** A row may appear as deleted and inserted unchanged (a rewritten file). */
  readonly carryover: boolean;
  /** Several changes of one key between two offsets are all reported. */
  readonly intermediate: boolean;
  readonly updates: 'images' | 'delete_insert' | 'upsert';
  readonly key?: readonly string[];
}
