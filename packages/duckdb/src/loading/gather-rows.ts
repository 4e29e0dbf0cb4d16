import { concatBatches, normalizeColumn, takeRows } from '@millrace/arrow';
import type { ColumnData, RecordBatch, Schema } from '@millrace/core';

/** Gathers rows of one column, in the order named and as often; the result is a column of its own. */
export type GatherRows = (rows: Int32Array) => ColumnData;

/** Prepares a column for gathering, so that the work for a slice's shifted bits is done once. */
export function createGatherer(column: ColumnData): GatherRows {
  const batch = toBatch(normalizeColumn(column));
  return (rows) => onlyColumn(takeRows(batch, rows));
}

/** Columns of one type as one; undefined where none has rows. */
export function joinColumns(columns: readonly ColumnData[]): ColumnData | undefined {
  const filled = columns.filter((column) => column.length > 0);
  const [first] = filled;
  if (first === undefined || filled.length === 1) {
    return first;
  }
  return onlyColumn(concatBatches(toSchema(first), filled.map(toBatch)));
}

function toBatch(column: ColumnData): RecordBatch {
  return { schema: toSchema(column), numRows: column.length, data: { children: [column] } };
}

function toSchema({ type }: ColumnData): Schema {
  return { fields: [{ name: 'values', type, nullable: true }] };
}

function onlyColumn({ data }: RecordBatch): ColumnData {
  return data.children[0] as ColumnData;
}
