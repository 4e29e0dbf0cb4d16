import type { ColumnData, RecordBatch } from '@millrace/core';
import type { Breather } from '../evaluate/breather.ts';
import { normalizeColumn } from './normalize-column.ts';
import { takeColumn } from './take-column.ts';
import { checkRows } from './take-rows.ts';

/** As {@link takeRows}, and gives way to others after each column. @throws as {@link takeRows}; MillraceError `cancelled`. */
export async function takeRowsInTurns(
  batch: RecordBatch,
  rows: ArrayLike<number>,
  breather: Breather,
): Promise<RecordBatch> {
  checkRows(batch, rows);
  const children: ColumnData[] = [];
  for (const column of batch.data.children) {
    children.push(takeColumn(normalizeColumn(column), rows));
    await breather.breathe();
  }
  return { schema: batch.schema, numRows: rows.length, data: { children } };
}
