import type { NativeRelation, RecordBatch, Schema } from '@millrace/core';

/** Where the rows of a refresh come from: the dataset's source, or a query over it. */
export interface RefreshSource {
  /** The columns that the accelerated table has. */
  readonly schema: Schema;
  /** A relation that an accelerator may read by itself; undefined when rows come only as batches. */
  nativeRelation(signal: AbortSignal): Promise<NativeRelation | undefined>;
  /** The rows as batches; ends normally only if every row was delivered. */
  batches(signal: AbortSignal): AsyncIterable<RecordBatch>;
  /**
   * Finds the source again, after it was gone.
   * @throws MillraceError `schema_mismatch` when it came back with other columns.
   */
  renew(): Promise<void>;
  /** Frees what the source holds; no refresh is running. */
  close(): Promise<void>;
}
