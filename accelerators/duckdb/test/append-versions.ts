import { batchFromColumns, createLiteralReader } from '@millrace/arrow';
import { dataTypes, type Expr, type RecordBatch } from '@millrace/core';
import { VERSION_SCHEMA } from '@millrace/test-fixtures';

/** How many rows before its end the window of an append begins. */
const WINDOW_ROWS = 2_000;

/** Rows of a table after the append of a version. */
export function appendedRowCount(version: number): number {
  return 20_000 + version * 7;
}

/** The window that the append of a version replaces: the last rows there were, and all behind them. */
export function windowOf(version: number): readonly Expr[] {
  const i: Expr = { kind: 'column', path: ['i'], type: dataTypes.int64() };
  const start: Expr = { kind: 'literal', value: BigInt(windowStart(version)), type: dataTypes.int64() };
  return [{ kind: 'call', function: 'ge', args: [i, start], type: dataTypes.bool() }];
}

/** The rows of a window; those of the first version are all rows. Columns as in {@link VERSION_SCHEMA}. */
export function windowBatches(version: number): RecordBatch[] {
  const start = version === 1 ? 0 : windowStart(version);
  const numbers = Array.from({ length: appendedRowCount(version) - start }, (_, row) => start + row);
  return [
    batchFromColumns(VERSION_SCHEMA, [
      numbers.map(BigInt),
      new Int32Array(numbers.length).fill(version),
      numbers.map((number) => `text of version ${version}, row ${number}`),
    ]),
  ];
}

interface AppendedRows {
  readonly rowCount: number;
  readonly sum: bigint;
  /** What every row tells, by its number: the version that wrote it last. */
  readonly versions: Int32Array;
}

/** The rows of a table that was only appended to; a row that is there twice or tells two versions makes it incomparable. */
export function describeAppended(batches: readonly RecordBatch[]): AppendedRows {
  const rowCount = batches.reduce((total, { numRows }) => total + numRows, 0);
  const versions = new Int32Array(rowCount);
  let sum = 0n;
  for (const { numRows, data } of batches) {
    const [i, v, text] = data.children.map(createLiteralReader);
    for (let row = 0; row < numRows; row++) {
      const number = i!(row) as bigint;
      sum += number;
      const isSound = versions[Number(number)] === 0 && text!(row) === `text of version ${v!(row)}, row ${number}`;
      versions[Number(number)] = isSound ? (v!(row) as number) : -1;
    }
  }
  return { rowCount, sum, versions };
}

/** As {@link describeAppended} of a table to which the versions up to one were appended. */
export function completeAppend(version: number): AppendedRows {
  const rowCount = appendedRowCount(version);
  const versions = Int32Array.from({ length: rowCount }, (_, row) =>
    Math.max(1, Math.min(version, Math.floor((row - windowStart(0)) / 7))),
  );
  return { rowCount, sum: (BigInt(rowCount) * BigInt(rowCount - 1)) / 2n, versions };
}

function windowStart(version: number): number {
  return appendedRowCount(version) - WINDOW_ROWS;
}
