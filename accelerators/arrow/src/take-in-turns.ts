import { type Breather, normalizeColumn, takeRowsInTurns } from '@millrace/arrow';
import type { RecordBatch } from '@millrace/core';
import { spannedBytes } from './memory-size.ts';

/** Rows that are gathered into one batch. */
const CHUNK_ROWS = 4_096;
/** Wider rows make batches of fewer. */
const CHUNK_BYTES = 1 << 21;

/** The given rows of a batch as batches of few rows; others have the event loop in between. */
export async function* takeInTurns(
  batch: RecordBatch,
  rows: Uint32Array,
  breather: Breather,
): AsyncGenerator<RecordBatch, void, undefined> {
  const normalized = { ...batch, data: { children: batch.data.children.map(normalizeColumn) } };
  const rowBytes = spannedBytes(normalized.data.children) / Math.max(1, batch.numRows);
  const step = Math.max(1, Math.min(CHUNK_ROWS, Math.floor(CHUNK_BYTES / Math.max(1, rowBytes))));
  for (let start = 0; start < rows.length; start += step)
    yield takeRowsInTurns(normalized, rows.subarray(start, start + step), breather);
}
