import type { RecordBatch, Schema } from '@millrace/core';
import { createColumnBuilder } from '../build/column-builder.ts';

/**
 * A batch without values: no rows, or, with `numRows`, that many rows of nulls. Without columns it only counts rows.
 *
 * @throws TypeError for rows of a column that is not nullable.
 */
export function emptyBatch(schema: Schema, numRows: number = 0): RecordBatch {
  const children = schema.fields.map((field) => {
    if (numRows > 0 && !field.nullable) throw new TypeError(`column '${field.name}' is not nullable`);
    const builder = createColumnBuilder(field.type, numRows);
    for (let row = 0; row < numRows; row++) builder.append(null);
    return builder.finish();
  });
  return { schema, numRows, data: { children } };
}
