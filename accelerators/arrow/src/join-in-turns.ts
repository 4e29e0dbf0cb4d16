import { type Breather, concatBatches, projectBatch } from '@millrace/arrow';
import type { ColumnData, RecordBatch, Schema } from '@millrace/core';

/** Joins batches column by column, and lets others have the event loop in between. @throws as {@link concatBatches}. */
export async function joinInTurns(
  schema: Schema,
  batches: readonly RecordBatch[],
  breather: Breather,
): Promise<RecordBatch> {
  const children: ColumnData[] = [];
  for (const [ordinal, field] of schema.fields.entries()) {
    const parts = batches.map((batch) => projectBatch({ ...batch, schema }, [ordinal]));
    children.push(...concatBatches({ fields: [field] }, parts).data.children);
    await breather.breathe();
  }
  return { schema, numRows: batches.reduce((total, { numRows }) => total + numRows, 0), data: { children } };
}
