import { batchFromColumns } from '@millrace/arrow';
import { type ChangeType, changeSchema, type RecordBatch } from '@millrace/core';

/** The rows of a batch as changes of one kind. */
export function changeBatch({ schema, numRows, data }: RecordBatch, kind: ChangeType): RecordBatch {
  const changed = changeSchema(schema);
  const kinds = batchFromColumns({ fields: changed.fields.slice(-1) }, [Array.from({ length: numRows }, () => kind)]);
  return { schema: changed, numRows, data: { children: [...data.children, ...kinds.data.children] } };
}
