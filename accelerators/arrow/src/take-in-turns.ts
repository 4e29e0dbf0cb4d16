import { type Breather, normalizeColumn, takeRows } from '@millrace/arrow';
import type { RecordBatch } from '@millrace/core';

/** Rows that are gathered at once: some milliseconds of work where they are wide. */
const CHUNK_ROWS = 4_096;

/** The given rows of a batch as batches of few rows, each made while nobody else waits for the event loop. */
export async function* takeInTurns(
  batch: RecordBatch,
  rows: Uint32Array,
  breather: Breather,
): AsyncGenerator<RecordBatch, void, undefined> {
  const normalized = { ...batch, data: { children: batch.data.children.map(normalizeColumn) } };
  for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
    yield takeRows(normalized, rows.subarray(start, start + CHUNK_ROWS));
    await breather.breathe();
  }
}
