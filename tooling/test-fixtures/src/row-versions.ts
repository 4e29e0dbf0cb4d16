import { batchFromColumns, createLiteralReader } from '@millrace/arrow';
import { dataTypes, field, type RecordBatch, type Schema } from '@millrace/core';

/** Rows that tell which version they belong to: `v` is the same in all, and `i` counts from 0. */
export const VERSION_SCHEMA: Schema = {
  fields: [field('i', dataTypes.int64()), field('v', dataTypes.int32()), field('text', dataTypes.utf8())],
};

/** The batches of one version. */
export function versionBatches(version: number, rowCount: number, batchRows = 1_000): RecordBatch[] {
  const batches: RecordBatch[] = [];
  for (let start = 0; start < rowCount; start += batchRows) {
    const length = Math.min(batchRows, rowCount - start);
    const numbers = Array.from({ length }, (_, row) => start + row);
    batches.push(
      batchFromColumns(VERSION_SCHEMA, [
        numbers.map(BigInt),
        new Int32Array(length).fill(version),
        numbers.map((number) => `text of version ${version}, row ${number}`),
      ]),
    );
  }
  return batches;
}

/** What the rows of one complete version add up to. */
export function describeRows(batches: readonly RecordBatch[]): { rowCount: number; sum: bigint; versions: number[] } {
  let rowCount = 0;
  let sum = 0n;
  const versions = new Set<number>();
  for (const { numRows, data } of batches) {
    const [i, v, text] = data.children.map(createLiteralReader);
    for (let row = 0; row < numRows; row++) {
      sum += i!(row) as bigint;
      versions.add(v!(row) as number);
      if (!String(text!(row)).startsWith(`text of version ${v!(row)},`)) versions.add(Number.NaN);
    }
    rowCount += numRows;
  }
  return { rowCount, sum, versions: [...versions] };
}

/** As {@link describeRows} of a complete version. */
export function completeVersion(version: number, rowCount: number): ReturnType<typeof describeRows> {
  const count = BigInt(rowCount);
  return { rowCount, sum: (count * (count - 1n)) / 2n, versions: [version] };
}
