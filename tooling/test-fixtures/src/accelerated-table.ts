import type { AcceleratedTable, RecordBatch, ScanContext, TableProvider, WriteMode } from '@millrace/core';

/** A context that nobody aborts. */
export const CONTEXT: ScanContext = { signal: new AbortController().signal };

/** One refresh through batches, a full one where no mode is given; the count of rows. */
export async function refresh(
  table: AcceleratedTable,
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
  refreshedAtMs: number = Date.now(),
  mode: WriteMode = { kind: 'overwrite' },
): Promise<bigint> {
  await using session = await table.beginRefresh({ mode }, CONTEXT);
  await using writer = await session.writer();
  for await (const batch of batches) await writer.write(batch);
  await writer.finish();
  return (await session.commit({ refreshedAtMs, bootstrapComplete: true })).rowCount;
}

/** All batches of a whole scan. */
export async function scanAll(table: TableProvider): Promise<RecordBatch[]> {
  const projection = table.schema.fields.map((_, ordinal) => ordinal);
  const plan = await table.scan({ projection, filters: [] }, CONTEXT);
  const batches: RecordBatch[] = [];
  for (const partition of plan.partitions)
    for await (const batch of plan.execute(partition, CONTEXT)) batches.push(batch);
  return batches;
}
