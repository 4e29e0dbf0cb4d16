import type { ColumnData, Field, RecordBatch, Schema } from '@millrace/core';

/** Turns a column as it was read into one of its own type. */
export type Restore = (column: ColumnData) => ColumnData;

/** Creates what turns batches as an engine gives them into batches of the table's own types. */
export function createBatchRestorer(
  schema: Schema,
  restorerOf: (field: Field) => Restore,
): (batch: RecordBatch) => RecordBatch {
  const restorers = schema.fields.map(restorerOf);
  return ({ numRows, data }) => ({
    schema,
    numRows,
    data: { children: data.children.map((column, index) => restorers[index]!(column)) },
  });
}
