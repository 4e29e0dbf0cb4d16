import type { Constraint, Expr, Json, RecordBatch, Schema } from '@millrace/core';

/** What a table is, apart from its rows. Replaced as a whole by an alteration. */
export interface TableShape {
  readonly schema: Schema;
  readonly constraints: readonly Constraint[];
  readonly defaults: Readonly<Record<string, Expr>>;
  readonly properties: Readonly<Record<string, string>>;
  /** Columns whose values decide the partition of a row; empty for a table without partition keys. */
  readonly partitionColumns: readonly string[];
}

/** Stable identities of a chunk's rows: consecutive ones, or one by one. They are never used twice in a table. */
export type RowIds = { readonly first: bigint } | BigInt64Array;

/** The values of the partition columns, as JSON, of all rows of a chunk; 64-bit integers and decimals are texts. */
export type PartitionKey = Readonly<Record<string, Json>>;

/** A run of rows that never changes. Whatever changes a row makes a new chunk; the others are shared between versions. */
export interface Chunk {
  readonly batch: RecordBatch;
  readonly rowIds: RowIds;
  /** Which partition of a scan reads the chunk; 0 up to the table's partition count. */
  readonly bucket: number;
  /** Present where the table has partition columns. */
  readonly key?: PartitionKey;
}

/** Rows with their identities, as a change log reports them. */
export interface ChangedRows {
  readonly batch: RecordBatch;
  readonly rowIds: RowIds;
}

/** What a version changed against the one before. The images of an update have equal row ids in equal order. */
export interface RowChanges {
  readonly deleted: readonly ChangedRows[];
  readonly updated: readonly { readonly before: ChangedRows; readonly after: ChangedRows }[];
  readonly inserted: readonly ChangedRows[];
}

/** One version of a table. Immutable, so that a plan which holds it reads the same rows whatever happens meanwhile. */
export interface Snapshot {
  /** Counts from 1; the version's name is this number as text. */
  readonly version: bigint;
  /** Microseconds since 1970-01-01 UTC; never lower than that of the version before. */
  readonly createdAtMicros: bigint;
  readonly shape: TableShape;
  readonly chunks: readonly Chunk[];
  readonly rowCount: number;
  readonly changes: RowChanges;
  /** Epochs that were committed up to here: the last id of each stream. */
  readonly epochs: ReadonlyMap<string, bigint>;
}

/** No row changed. */
export const NO_CHANGES: RowChanges = { deleted: [], updated: [], inserted: [] };

/** Counts the rows of chunks. */
export function countRows(chunks: readonly { readonly batch: RecordBatch }[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.batch.numRows, 0);
}

/** The identity of one row. */
export function rowIdAt(rowIds: RowIds, row: number): bigint {
  return 'first' in rowIds ? rowIds.first + BigInt(row) : rowIds[row]!;
}

/** The identities of some rows. */
export function takeRowIds(rowIds: RowIds, rows: ArrayLike<number>): BigInt64Array {
  const taken = new BigInt64Array(rows.length);
  for (let index = 0; index < rows.length; index++) taken[index] = rowIdAt(rowIds, rows[index]!);
  return taken;
}

/** The identities of a run of rows; `start` inclusive, `end` exclusive. */
export function sliceRowIds(rowIds: RowIds, start: number, end: number): RowIds {
  return 'first' in rowIds ? { first: rowIds.first + BigInt(start) } : rowIds.subarray(start, end);
}
