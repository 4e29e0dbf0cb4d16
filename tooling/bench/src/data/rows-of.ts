import { createLiteralReader } from '@millrace/arrow';
import type { RecordBatch } from '@millrace/core';

/** A value as a client of SQLite binds it. */
export type BoundValue = string | number | bigint | null;

/** The rows of batches as ready-made arrays: decimals without their point, days as their count, integers as numbers where those are exact. */
export function rowsOf(batches: readonly RecordBatch[]): readonly (readonly BoundValue[])[] {
  return batches.flatMap(({ numRows, data: { children } }) => {
    const readers = children.map(createLiteralReader);
    return Array.from({ length: numRows }, (_, row) => readers.map((read) => toBound(read(row))));
  });
}

function toBound(value: unknown): BoundValue {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  throw new TypeError(`a value of type ${typeof value} is not expected`);
}
