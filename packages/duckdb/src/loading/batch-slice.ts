import { MillraceError, type RecordBatch, type Schema } from '@millrace/core';

/** DuckDB's row group: as many rows are compressed and written as a whole. */
export const ROW_GROUP_ROWS = 122_880;

/** Rows `start` to `end` of a batch. */
export interface BatchSlice {
  readonly batch: RecordBatch;
  readonly start: number;
  readonly end: number;
}

/** Where the threads of one scan get their rows from, a run at a time. */
export interface RunSource {
  /** Rows that one thread reads in their order, `later` while none are there yet, and undefined at the end. */
  next(): readonly BatchSlice[] | 'later' | undefined;
}

/** @throws MillraceError `schema_mismatch` for a batch with another number of columns than its schema. */
export function checkWidth({ fields }: Schema, batch: RecordBatch): void {
  if (batch.data.children.length !== fields.length) {
    throw new MillraceError({
      code: 'schema_mismatch',
      component: 'duckdb',
      message: `a batch has ${batch.data.children.length} columns where its schema has ${fields.length}`,
    });
  }
}
