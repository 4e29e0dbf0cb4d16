import type { RecordBatch } from '@millrace/core';
import { normalizeColumn } from './normalize-column.ts';
import { takeColumn } from './take-column.ts';

/**
 * The given rows, in the given order and as often as they are given, gathered into new buffers; dictionaries are shared.
 *
 * @throws RangeError for a row that the batch does not have; MillraceError `resource_exhausted` for a column that would
 *   outgrow its 32-bit offsets.
 */
export function takeRows(batch: RecordBatch, rows: ArrayLike<number>): RecordBatch {
  checkRows(batch, rows);
  const children = batch.data.children.map((column) => takeColumn(normalizeColumn(column), rows));
  return { schema: batch.schema, numRows: rows.length, data: { children } };
}

/** @throws RangeError for a row that the batch does not have. */
export function checkRows({ numRows }: RecordBatch, rows: ArrayLike<number>): void {
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index] ?? -1;
    if (!(row >= 0 && row < numRows && Number.isInteger(row))) {
      throw new RangeError(`the batch of ${numRows} rows has no row ${row}`);
    }
  }
}
