import type { TableProvider } from '@millrace/core';

/** Reads a whole table through its contract, partition by partition, and drops the batches; returns how many rows there were. */
export async function drainScan(table: TableProvider): Promise<number> {
  const context = { signal: new AbortController().signal };
  const projection = table.schema.fields.map((_, ordinal) => ordinal);
  const plan = await table.scan({ projection, filters: [] }, context);
  let rowCount = 0;
  for (const partition of plan.partitions)
    for await (const batch of plan.execute(partition, context)) rowCount += batch.numRows;
  return rowCount;
}
