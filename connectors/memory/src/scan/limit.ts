import { sliceBatch } from '@millrace/arrow';
import type { RecordBatch } from '@millrace/core';

/** Leaves out the first `offset` rows and ends after `limit` more; what stands before is then no longer pulled. */
export async function* limitRows(
  batches: AsyncIterable<RecordBatch>,
  { offset, limit }: { readonly offset: bigint; readonly limit: bigint | undefined },
): AsyncGenerator<RecordBatch> {
  let toSkip = offset;
  let left = limit;
  if (left === 0n) return;
  for await (const batch of batches) {
    const rowCount = BigInt(batch.numRows);
    if (toSkip >= rowCount) {
      toSkip -= rowCount;
      continue;
    }
    const start = Number(toSkip);
    toSkip = 0n;
    const available = rowCount - BigInt(start);
    const taken = left !== undefined && left < available ? Number(left) : Number(available);
    yield start === 0 && taken === batch.numRows
      ? batch
      : { ...sliceBatch(batch, start, start + taken), schema: batch.schema };
    if (left === undefined) continue;
    left -= BigInt(taken);
    if (left === 0n) return;
  }
}
