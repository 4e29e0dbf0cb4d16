import type { RecordBatch } from '@millrace/core';
import { createObjectMaker } from './object-maker.ts';
import type { RowValue } from './row-value.ts';
import { createValueReader } from './value-reader.ts';

/**
 * The rows of a batch as objects, one by one, values as of {@link createValueReader}.
 *
 * Column names that repeat get a suffix: `a`, `a_1`, `a_2`; use {@link rowArraysFromBatch} where position is what counts.
 */
export function* rowsFromBatch(batch: RecordBatch): Generator<Record<string, RowValue>> {
  const makeRow = createObjectMaker(
    batch.schema.fields.map((field) => field.name),
    batch.data.children.map(createValueReader),
  );
  for (let row = 0; row < batch.numRows; row++) yield makeRow(row);
}

/** The rows of a batch as arrays in the order of the columns, one by one, values as of {@link createValueReader}. */
export function* rowArraysFromBatch(batch: RecordBatch): Generator<readonly RowValue[]> {
  const readers = batch.data.children.map(createValueReader);
  for (let row = 0; row < batch.numRows; row++) yield readers.map((read) => read(row));
}
