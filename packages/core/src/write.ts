import type { Schema } from './data-type.ts';
import type { Expr, SortKey } from './expression.ts';
import type { Json } from './json.ts';
import type { RecordBatch } from './record-batch.ts';

/**
 * What happens to the rows that are already there. `changes`: the written rows are changes, with the columns that `changeSchema` gives and in the order in
 * which they happened; the last one of a key counts, and rows of other keys stay.
 */
export type WriteMode =
  | { readonly kind: 'append' }
  | { readonly kind: 'overwrite' }
  | { readonly kind: 'overwrite_where'; readonly filters: readonly Expr[] }
  | { readonly kind: 'overwrite_partitions' }
  | { readonly kind: 'changes' }
  | { readonly kind: 'upsert'; readonly key: readonly string[]; readonly onConflict: 'update' | 'ignore' | 'error' };

/** What is going to be written. */
export interface WriteRequest {
  /** Columns by name; a column of the table that is missing here takes its default or null. */
  readonly schema: Schema;
  readonly mode: WriteMode;
  /** How many writers may run at the same time; at least 1. */
  readonly writerCount: number;
  /** Makes a streaming commit idempotent: committing the same stream and id again changes nothing. */
  readonly epoch?: { readonly stream: string; readonly id: bigint };
}

/**
 * A two-phase write: writers per partition and attempt, then one `commit` that makes all rows visible at once.
 *
 * Source: Spark's `BatchWrite` / `DataWriter` / `WriterCommitMessage`. Disposing without a commit aborts.
 */
export interface WriteSession extends AsyncDisposable {
  /** What the sink needs of its input; the caller arranges it. */
  readonly requires?: { readonly clusterBy?: readonly Expr[]; readonly sortBy?: readonly SortKey[] };
  /** Opens a writer; of several attempts for one partition, the caller commits exactly one. */
  writer(task: { readonly partition: number; readonly attempt: number }): Promise<BatchWriter>;
  /**
   * Makes the rows of the writers that sent these messages visible, all at once.
   * @throws MillraceError `invalid_state` when called twice or after an abort.
   */
  commit(messages: readonly Json[]): Promise<WriteResult>;
  /** Leaves nothing behind. A no-op after a commit. */
  abort(reason?: unknown): Promise<void>;
}

/** Writes one partition. Disposing before `finish` discards what was written. */
export interface BatchWriter extends AsyncDisposable {
  /** Takes one batch; resolves when the next may be sent. */
  write(batch: RecordBatch): Promise<void>;
  /** Ends the partition; its rows stay invisible until the session commits this message. */
  finish(): Promise<Json>;
}

/** What a commit did. */
export interface WriteResult {
  readonly rowCount: bigint;
  readonly version?: string;
  /** True when this epoch had been committed before and nothing was written now. */
  readonly duplicateEpoch?: boolean;
}
