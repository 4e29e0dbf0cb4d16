import type { ColumnData, DataType } from '@millrace/core';
import type { ColumnDecoder } from './column-decoder.ts';
import { readInt32 } from './fixed-decoder.ts';
import { NullBitmap } from './null-bitmap.ts';

/** A decoder into 64-bit integers, written through two 32-bit lanes: a BigInt for each value would cost more than everything else. */
export abstract class WideDecoder implements ColumnDecoder {
  readonly #type: DataType;
  readonly #nulls: NullBitmap = new NullBitmap();
  #memory: ArrayBuffer = new ArrayBuffer(0);
  protected lanes: Int32Array = new Int32Array(0);

  constructor(type: DataType) {
    this.#type = type;
  }

  get byteLength(): number {
    return 0;
  }

  reset(capacity: number): void {
    this.#memory = new ArrayBuffer(capacity * 8);
    this.lanes = new Int32Array(this.#memory);
    this.#nulls.reset(capacity);
  }

  abstract read(buffer: Buffer, position: number, row: number): number;

  readNull(row: number): void {
    this.#nulls.markNull(row);
  }

  finish(rowCount: number): ColumnData {
    const values =
      this.#type.isSigned === false
        ? new BigUint64Array(this.#memory, 0, rowCount)
        : new BigInt64Array(this.#memory, 0, rowCount);
    return { type: this.#type, length: rowCount, offset: 0, ...this.#nulls.finish(rowCount), values, children: [] };
  }

  /** Stores an integer of up to 2^53 in either direction. */
  protected store(row: number, value: number): void {
    this.lanes[row * 2] = value;
    this.lanes[row * 2 + 1] = Math.floor(value / 0x1_00_00_00_00);
  }
}

/** BIGINT. */
export class LongLongDecoder extends WideDecoder {
  read(buffer: Buffer, position: number, row: number): number {
    this.lanes[row * 2] = readInt32(buffer, position);
    this.lanes[row * 2 + 1] = readInt32(buffer, position + 4);
    return position + 8;
  }
}

/** BIT(n): one to eight bytes, highest first. */
export class BitDecoder extends WideDecoder {
  read(buffer: Buffer, position: number, row: number): number {
    const length = buffer[position]!;
    let low = 0;
    let high = 0;
    for (let index = 0; index < length; index++) {
      high = (high << 8) | (low >>> 24);
      low = (low << 8) | buffer[position + 1 + index]!;
    }
    this.lanes[row * 2] = low;
    this.lanes[row * 2 + 1] = high;
    return position + 1 + length;
  }
}
