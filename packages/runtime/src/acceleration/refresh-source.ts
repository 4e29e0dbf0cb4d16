import type { NativeRelation, RecordBatch, Schema, TableProvider } from '@millrace/core';

/** The rows that one refresh asks for; without a member they are all rows that the definition keeps. */
export interface RowsRequest {
  /** A condition in SQL over the columns that are kept. */
  readonly where?: string | undefined;
  /** A SELECT over the dataset in the place of the configured one. */
  readonly sql?: string | undefined;
}

/** Where the rows of a refresh come from: the dataset's source, or a query over it. */
export interface RefreshSource {
  /** The columns that the accelerated table has. */
  readonly schema: Schema;
  /** A relation of all rows that an accelerator may read by itself; undefined when rows come only as batches. */
  nativeRelation(signal: AbortSignal): Promise<NativeRelation | undefined>;
  /**
   * The rows as batches; ends normally only if every row was delivered.
   * @throws MillraceError `schema_mismatch` for an SQL with other columns.
   */
  batches(request: RowsRequest, signal: AbortSignal): AsyncIterable<RecordBatch>;
  /**
   * The rows as a table that is read from the source at every scan; `where` is a condition in SQL, asked at every scan. `as` are the columns that
   * the accelerator makes of them.
   */
  live(where: () => string | undefined, as: Schema): Promise<TableProvider>;
  /** Frees what the source holds; no refresh is running. */
  close(): Promise<void>;
}
