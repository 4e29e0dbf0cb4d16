import { type ColumnData, dataTypes, type Field, type Schema } from '@millrace/core';
import { type ChangedRows, type Chunk, rowIdAt } from './snapshot.ts';

/** Stable identity of a row: kept by updates, never used again after a delete. */
export const ROW_ID_COLUMN = '_row_id';
/** The partition of the scan that the row is in. */
export const PARTITION_COLUMN = '_partition';

/** The columns that every table in memory has beside its own. */
export const metadataColumns: Schema = {
  fields: [
    { name: ROW_ID_COLUMN, type: dataTypes.int64(), nullable: false },
    { name: PARTITION_COLUMN, type: dataTypes.int32(), nullable: false },
  ],
};

/** Builds one metadata column for the rows of a chunk. */
export function metadataColumn(field: Field, chunk: Chunk): ColumnData {
  return field.name === PARTITION_COLUMN
    ? columnOf(field, new Int32Array(chunk.batch.numRows).fill(chunk.bucket))
    : rowIdColumn(field, chunk);
}

/** Builds the column of row identities. */
export function rowIdColumn(field: Field, { batch, rowIds }: ChangedRows): ColumnData {
  const values = new BigInt64Array(batch.numRows);
  for (let row = 0; row < values.length; row++) values[row] = rowIdAt(rowIds, row);
  return columnOf(field, values);
}

function columnOf(field: Field, values: Int32Array | BigInt64Array): ColumnData {
  return { type: field.type, length: values.length, offset: 0, nullCount: 0, values, children: [] };
}
