import { type ColumnData, dataTypes } from '@millrace/core';
import type { ColumnReader } from './column-reader.ts';

/** Reads a column of DuckDB's type NULL, which holds nothing. */
export class NullReader implements ColumnReader {
  readonly byteCount = 0;
  #rowCount = 0;

  load(): void {}

  append(start: number, end: number): void {
    this.#rowCount += end - start;
  }

  finish(): ColumnData {
    const length = this.#rowCount;
    this.#rowCount = 0;
    return { type: dataTypes.null(), length, offset: 0, nullCount: length, children: [] };
  }
}
