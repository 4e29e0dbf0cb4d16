import { type Breather, projectBatch, sliceBatch, takeRowsInTurns } from '@millrace/arrow';
import type { RecordBatch, Schema } from '@millrace/core';
import type { SelectedRows } from './source.ts';

/** Rows that are gathered into one batch; the clock is looked at after each of its columns. */
const GATHER_ROWS = 16_384;

/**
 * Turns selections into batches of just the columns wanted. Whole stored batches pass without a copy; rows that were picked are
 * gathered.
 */
export async function* materialize(
  selections: AsyncIterable<SelectedRows>,
  request: {
    readonly schema: Schema;
    readonly ordinals: readonly number[];
    readonly maxRows: number | undefined;
    readonly breather: Breather;
  },
): AsyncGenerator<RecordBatch> {
  const { schema, ordinals, breather } = request;
  for await (const { batch, rows } of selections) {
    const projected: RecordBatch = { ...projectBatch(batch, ordinals), schema };
    if (rows === 'all') {
      const step = request.maxRows ?? projected.numRows;
      for (let start = 0; start < projected.numRows; start += step) {
        const end = Math.min(start + step, projected.numRows);
        yield start === 0 && end === projected.numRows ? projected : { ...sliceBatch(projected, start, end), schema };
        await breather.breathe();
      }
      continue;
    }
    const step = Math.min(request.maxRows ?? GATHER_ROWS, GATHER_ROWS);
    for (let start = 0; start < rows.length; start += step) {
      yield { ...(await takeRowsInTurns(projected, rows.subarray(start, start + step), breather)), schema };
    }
  }
}
