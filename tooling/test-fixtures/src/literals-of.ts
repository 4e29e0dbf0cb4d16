import { createLiteralReader } from '@millrace/arrow';
import type { RecordBatch } from '@millrace/core';

/** The rows of batches as values that tests can compare: literals, bytes as lists of numbers. */
export function literalsOf(batches: readonly RecordBatch[]): unknown[][] {
  return batches.flatMap(({ numRows, data }) => {
    const readers = data.children.map(createLiteralReader);
    return Array.from({ length: numRows }, (_, row) =>
      readers.map((read) => {
        const value = read(row);
        return value instanceof Uint8Array ? [...value] : value;
      }),
    );
  });
}
