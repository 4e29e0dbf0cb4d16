import type { Vector } from '@duckdb/node-bindings';
import type { ColumnData, DataType } from '@millrace/core';
import type { ColumnReader } from './column-reader.ts';
import { FixedWidthReader } from './fixed-width-reader.ts';
import { isValid } from './validity-collector.ts';

const ARRAYS = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array } as const;

/** Reads enums as dictionary indices; every batch shares the one dictionary. */
export class EnumReader implements ColumnReader {
  readonly byteCount = 0;
  readonly #indices: FixedWidthReader;
  readonly #dictionary: { readonly data: readonly ColumnData[] };

  constructor(type: DataType, indexWidth: 1 | 2 | 4, members: ColumnData) {
    const array = ARRAYS[indexWidth];
    this.#dictionary = { data: [members] };
    this.#indices = new FixedWidthReader(type, {
      sourceWidth: indexWidth,
      targetWidth: indexWidth,
      view: (buffer, rowCount) => new array(buffer, 0, rowCount),
      // Under a null DuckDB leaves any index, which readers that look values up before they look at nulls cannot take.
      convert({ source, start, end, target, targetRow, validity }) {
        const from = new array(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength / indexWidth);
        const to = new array(target);
        for (let row = start, out = targetRow; row < end; row++, out++) {
          to[out] = isValid(validity, row) ? (from[row] as number) : 0;
        }
      },
    });
  }

  load(vector: Vector, rowCount: number): void {
    this.#indices.load(vector, rowCount);
  }

  append(start: number, end: number): void {
    this.#indices.append(start, end);
  }

  finish(expectedRowCount: number): ColumnData {
    return { ...this.#indices.finish(expectedRowCount), dictionary: this.#dictionary };
  }
}
