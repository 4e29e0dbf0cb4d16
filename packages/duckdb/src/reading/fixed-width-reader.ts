import type { Vector } from '@duckdb/node-bindings';
import type { ColumnData, DataType } from '@millrace/core';
import type { ColumnReader } from './column-reader.ts';
import { ValidityCollector } from './validity-collector.ts';
import { vectorBytes } from './vector-bytes.ts';

/** How the rows of a fixed-width column get from DuckDB's layout into Arrow's. */
export interface FixedWidthLayout {
  /** Bytes a row in DuckDB's vector. */
  readonly sourceWidth: number;
  /** Bytes a row in Arrow's buffer. */
  readonly targetWidth: number;
  /** Views the finished buffer, of `rowCount` rows, as the array that Arrow has for the type. */
  view(buffer: ArrayBuffer, rowCount: number): ArrayBufferView;
  /**
   * Writes rows `start` to `end` of the source behind `targetRow` rows of the target; absent where the layouts are equal and bytes are
   * copied. `validity` has the source's bits, for a conversion that can fail: what null rows hold is undefined.
   */
  convert?(request: ConvertRequest): void;
}

export interface ConvertRequest {
  readonly source: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly target: ArrayBuffer;
  readonly targetRow: number;
  readonly validity: Uint8Array | undefined;
}

/** Reads a column whose values have one width. */
export class FixedWidthReader implements ColumnReader {
  readonly byteCount = 0;
  readonly #type: DataType;
  readonly #layout: FixedWidthLayout;
  readonly #validity: ValidityCollector = new ValidityCollector();
  #source: Uint8Array = new Uint8Array(0);
  #target: ArrayBuffer = new ArrayBuffer(0);
  #rowCount = 0;

  constructor(type: DataType, layout: FixedWidthLayout) {
    this.#type = type;
    this.#layout = layout;
  }

  load(vector: Vector, rowCount: number): void {
    this.#source = vectorBytes(vector, rowCount * this.#layout.sourceWidth);
    this.#validity.load(vector, rowCount);
  }

  append(start: number, end: number): void {
    const { sourceWidth, targetWidth, convert } = this.#layout;
    this.#reserve(this.#rowCount + end - start);
    if (convert === undefined) {
      const bytes = this.#source.subarray(start * sourceWidth, end * sourceWidth);
      new Uint8Array(this.#target).set(bytes, this.#rowCount * targetWidth);
    } else {
      const validity = this.#validity.source;
      convert({ source: this.#source, start, end, target: this.#target, targetRow: this.#rowCount, validity });
    }
    this.#validity.append(start, end);
    this.#rowCount += end - start;
  }

  finish(expectedRowCount: number): ColumnData {
    const { targetWidth, view } = this.#layout;
    const { rowCount, nullCount, nullBitmap } = this.#validity.finish();
    const used = rowCount * targetWidth;
    const buffer = used * 2 < this.#target.byteLength ? this.#target.slice(0, used) : this.#target;
    this.#target = new ArrayBuffer(expectedRowCount * targetWidth);
    this.#rowCount = 0;
    return {
      type: this.#type,
      length: rowCount,
      offset: 0,
      nullCount,
      nullBitmap,
      values: view(buffer, rowCount),
      children: [],
    };
  }

  #reserve(rowCount: number): void {
    const byteLength = rowCount * this.#layout.targetWidth;
    if (this.#target.byteLength < byteLength) {
      const doubled = this.#target.byteLength * 2;
      const grown = new ArrayBuffer(Math.max(byteLength, doubled));
      new Uint8Array(grown).set(new Uint8Array(this.#target));
      this.#target = grown;
    }
  }
}
