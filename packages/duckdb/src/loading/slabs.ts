import type { ColumnData, RecordBatch } from '@millrace/core';
import { type BatchSlice, ROW_GROUP_ROWS } from './batch-slice.ts';

/** Two row groups for each of the three threads that insert a slab; more statements would cost more, as each has a price of its own. */
const SLAB_ROWS = 6 * ROW_GROUP_ROWS;

/** Rows of more than about 270 bytes end a slab earlier, as two slabs are in memory at a time. */
const SLAB_BYTES = 3 << 26;

/** Rows that are loaded by one statement; nothing is copied, the slices refer to the batches. */
export interface Slab {
  readonly slices: readonly BatchSlice[];
  readonly rowCount: number;
}

/** Cuts a stream of batches into slabs of at most 737,280 rows; empty batches vanish. */
export async function* toSlabs(
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
): AsyncGenerator<Slab, void, undefined> {
  let slices: BatchSlice[] = [];
  let rowCount = 0;
  let byteCount = 0;
  for await (const batch of batches) {
    const rowBytes = batchBytes(batch) / Math.max(1, batch.numRows);
    for (let start = 0; start < batch.numRows; ) {
      const end = Math.min(batch.numRows, start + SLAB_ROWS - rowCount);
      slices.push({ batch, start, end });
      rowCount += end - start;
      byteCount += rowBytes * (end - start);
      start = end;
      if (rowCount === SLAB_ROWS || byteCount >= SLAB_BYTES) {
        yield { slices, rowCount };
        slices = [];
        rowCount = 0;
        byteCount = 0;
      }
    }
  }
  if (rowCount > 0) {
    yield { slices, rowCount };
  }
}

function batchBytes(batch: RecordBatch): number {
  return batch.data.children.reduce((total, column) => total + columnBytes(column), 0);
}

/** Roughly the bytes of a column's rows: of text the part that its offsets span, as slices share the whole. */
function columnBytes({ values, valueOffsets, length, children }: ColumnData): number {
  const span = valueOffsets === undefined ? 0 : Number(valueOffsets[length] ?? 0) - Number(valueOffsets[0] ?? 0);
  const own = valueOffsets === undefined ? (values?.byteLength ?? 0) : children.length === 0 ? span : length * 4;
  return children.reduce((total, child) => total + columnBytes(child), own);
}
