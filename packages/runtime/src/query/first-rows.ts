import type { RecordBatch } from '@millrace/core';

/**
 * Most rows that are queried in the batches they came in, on Node's thread; more are copied into a table, which every further reading
 * of them finds faster. Below it the table alone would cost more than the query.
 */
const SMALL_ROWS = 8_192;

/** What a stream began with. */
export interface FirstRows {
  readonly batches: readonly RecordBatch[];
  /** These are all its rows, or as many as were wanted. */
  readonly isWhole: boolean;
}

/** Reads a stream as long as its rows are few, and no more of them than are wanted; whoever asks goes on with it, or returns it. */
export async function readFirstRows(
  stream: AsyncIterator<RecordBatch, void, undefined>,
  wanted?: bigint,
): Promise<FirstRows> {
  const batches: RecordBatch[] = [];
  let rowCount = 0;
  while (rowCount <= SMALL_ROWS) {
    if (wanted !== undefined && rowCount >= wanted) return { batches, isWhole: true };
    const { done, value } = await stream.next();
    if (done === true) return { batches, isWhole: true };
    batches.push(value);
    rowCount += value.numRows;
  }
  return { batches, isWhole: false };
}

/** A stream again with what was read of it. */
export async function* resume(
  first: readonly RecordBatch[],
  rest: AsyncIterable<RecordBatch>,
): AsyncGenerator<RecordBatch, void, undefined> {
  yield* first;
  yield* rest;
}
