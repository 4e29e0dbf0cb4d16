import type { ColumnData } from '@millrace/core';
import type { RowRun, ValueSource } from '../row-run.ts';

/**
 * Turns the values of one column from PostgreSQL's binary form into Arrow buffers. Rows are appended; `finish` hands the buffers over and
 * starts anew, so that one decoder serves all batches of a scan.
 */
export interface ColumnDecoder {
  /** Appends the field `column` of every row of a run. */
  appendRun(run: RowRun, column: number): void;
  /** Appends one value, for members of arrays and composites. */
  append(source: ValueSource, start: number, length: number): void;
  appendNull(): void;
  /** Bytes that the rows so far take, without those of fixed width. */
  readonly byteCount: number;
  /** The column since the last call; the decoder never touches these buffers again. */
  finish(): ColumnData;
}

/** Appends a run value by value, for kinds that are rare or costly enough for the call not to matter. */
export function appendEach(decoder: ColumnDecoder, run: RowRun, column: number): void {
  const base = column * run.stride;
  for (let row = base; row < base + run.rowCount; row += 1) {
    const length = run.lengths[row]!;
    if (length < 0) decoder.appendNull();
    else decoder.append(run, run.starts[row]!, length);
  }
}
