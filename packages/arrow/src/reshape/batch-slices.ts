import type { RecordBatch } from '@millrace/core';
import { sliceColumn } from './slice-column.ts';

/**
 * The rows from `start` (inclusive) to `end` (exclusive), in the same memory.
 *
 * @throws RangeError unless 0 ≤ `start` ≤ `end` ≤ `numRows`.
 */
export function sliceBatch(batch: RecordBatch, start: number, end: number): RecordBatch {
  if (!(start >= 0 && start <= end && end <= batch.numRows)) {
    throw new RangeError(`rows ${start} to ${end} are not within the ${batch.numRows} rows of the batch`);
  }
  const children = batch.data.children.map((column) => sliceColumn(column, start, end));
  return { schema: batch.schema, numRows: end - start, data: { children } };
}

/**
 * The columns at `ordinals`, in that order, in the same memory; none leaves a batch that only counts rows.
 *
 * @throws RangeError for an ordinal that the batch does not have.
 */
export function projectBatch(batch: RecordBatch, ordinals: readonly number[]): RecordBatch {
  const columns = ordinals.map((ordinal) => {
    const field = batch.schema.fields[ordinal];
    const column = batch.data.children[ordinal];
    if (!field || !column) throw new RangeError(`the batch has no column ${ordinal}`);
    return { field, column };
  });
  return {
    schema: { ...metadataOf(batch), fields: columns.map(({ field }) => field) },
    numRows: batch.numRows,
    data: { children: columns.map(({ column }) => column) },
  };
}

function metadataOf({ schema }: RecordBatch): Pick<RecordBatch['schema'], 'metadata'> {
  return schema.metadata ? { metadata: schema.metadata } : {};
}
