import type { RecordBatch } from '@millrace/core';

/** DuckDB's row group: as many rows are compressed and written as a whole. */
export const ROW_GROUP_ROWS = 122_880;

/** Rows `start` to `end` of a batch. */
export interface BatchSlice {
  readonly batch: RecordBatch;
  readonly start: number;
  readonly end: number;
}

/** Cuts slices into runs of `rowCount` rows, of which the last may have fewer; nothing is copied, and empty slices vanish. */
export function cutRuns(slices: readonly BatchSlice[], rowCount: number): BatchSlice[][] {
  const runs: BatchSlice[][] = [];
  let room = 0;
  for (const { batch, start: first, end: last } of slices) {
    for (let start = first; start < last; ) {
      if (room === 0) {
        runs.push([]);
        room = rowCount;
      }
      const end = Math.min(last, start + room);
      runs[runs.length - 1]?.push({ batch, start, end });
      room -= end - start;
      start = end;
    }
  }
  return runs;
}
