import type { ColumnData, Field, Json, RecordBatch, Schema } from '@millrace/core';
import type { ChangedRows } from '../snapshot.ts';

/** Rows that a scan reads: a table's chunks, or the rows of a change log. Immutable for the life of the plan. */
export interface ScanSource<Rows extends ChangedRows = ChangedRows> {
  /** In words, for errors and explain. */
  readonly label: string;
  readonly schema: Schema;
  readonly metadataColumns: Schema;
  /** At least one; `detail` names each for explain and for a retry. */
  readonly partitions: readonly { readonly rows: readonly Rows[]; readonly detail: Json }[];
  metadataColumn(field: Field, rows: Rows): ColumnData;
}

/** A batch of the columns that a scan works on, and which of its rows have passed. */
export interface SelectedRows {
  readonly batch: RecordBatch;
  readonly rows: Uint32Array | 'all';
}
