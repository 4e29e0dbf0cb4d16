import type { RecordBatch, Schema } from '@millrace/core';
import { checkColumns } from './check-columns.ts';
import { concatColumns } from './concat-columns.ts';
import { normalizeColumn } from './normalize-column.ts';

/**
 * The rows of all batches in one, in new buffers; a single batch keeps its memory, none gives no rows.
 *
 * Dictionaries that differ between batches become one.
 *
 * @throws MillraceError `schema_mismatch` for a batch whose columns have other types than the schema; `resource_exhausted`
 *   for a column that would outgrow its 32-bit offsets; `invalid_data` when dictionaries together have more values than
 *   their indices can tell apart.
 */
export function concatBatches(schema: Schema, batches: readonly RecordBatch[]): RecordBatch {
  for (const batch of batches) checkColumns(schema, batch);
  const numRows = batches.reduce((total, batch) => total + batch.numRows, 0);
  const [only] = batches;
  if (only && batches.length === 1) return { schema, numRows, data: { children: only.data.children } };
  const children = schema.fields.map((field, ordinal) => {
    const columns = batches.map((batch) => batch.data.children[ordinal]).filter((column) => column !== undefined);
    return concatColumns(field.type, columns.map(normalizeColumn));
  });
  return { schema, numRows, data: { children } };
}
