import type { BuildValue } from '@millrace/arrow';
import { dataTypes, field } from '@millrace/core';
import type { TableSpec } from '../fixture.ts';
import { required } from './small-tables.ts';

/** Rows of {@link BIG}. */
export const BIG_ROW_COUNT = 200_000;

/** Enough rows for several batches and, where a source has them, several partitions. */
export const BIG: TableSpec = {
  name: 'big',
  fields: [required('id', dataTypes.int32()), field('k', dataTypes.int32()), field('t', dataTypes.utf8())],
  rows: manyRows(BIG_ROW_COUNT, (id) => [id, id % 10 === 0 ? null : id % 1000, `row ${id % 5000}`]),
  primaryKey: ['id'],
  partitionCount: 4,
};

/** Width of the text of {@link WIDE}. */
const WIDE_TEXT = 'x'.repeat(2_000);

/** Bytes of text that {@link WIDE} holds. */
export const WIDE_BYTES = 48_000_000;

/** So many bytes that a connector which reads ahead without bound shows it in the memory of the process. */
export const WIDE: TableSpec = {
  name: 'wide',
  fields: [required('id', dataTypes.int32()), field('t', dataTypes.utf8())],
  rows: manyRows(WIDE_BYTES / WIDE_TEXT.length, (id) => [id, WIDE_TEXT]),
  primaryKey: ['id'],
};

/** 300 columns, or as many as a source takes. */
export function manyColumns(count: number): TableSpec {
  return {
    name: `columns_${count}`,
    fields: Array.from({ length: count }, (_, index) => field(`c${index}`, dataTypes.int32())),
    rows: [0, 1, 2].map((row) =>
      Array.from({ length: count }, (_, index) => (index % 7 === row ? null : index * 10 + row)),
    ),
  };
}

/** Rows that are made when the table is: a run that does not use it does not pay for it. */
function manyRows(
  count: number,
  makeRow: (id: number) => readonly BuildValue[],
): () => readonly (readonly BuildValue[])[] {
  return () => Array.from({ length: count }, (_, id) => makeRow(id));
}
