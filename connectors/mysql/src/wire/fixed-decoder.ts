import type { ColumnData, DataType } from '@millrace/core';
import type { ColumnDecoder } from './column-decoder.ts';
import { NullBitmap } from './null-bitmap.ts';

type FixedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** A decoder of little-endian values that are stored as they are sent. */
abstract class FixedDecoder<T extends FixedArray> implements ColumnDecoder {
  readonly #type: DataType;
  readonly #allocate: (capacity: number) => T;
  readonly #nulls: NullBitmap = new NullBitmap();
  protected values: T;

  constructor(type: DataType, allocate: (capacity: number) => T) {
    this.#type = type;
    this.#allocate = allocate;
    this.values = allocate(0);
  }

  get byteLength(): number {
    return 0;
  }

  reset(capacity: number): void {
    this.values = this.#allocate(capacity);
    this.#nulls.reset(capacity);
  }

  abstract read(buffer: Buffer, position: number, row: number): number;

  readNull(row: number): void {
    this.#nulls.markNull(row);
  }

  finish(rowCount: number): ColumnData {
    const values = this.values.subarray(0, rowCount);
    return { type: this.#type, length: rowCount, offset: 0, ...this.#nulls.finish(rowCount), values, children: [] };
  }
}

/** TINYINT. */
export class TinyDecoder extends FixedDecoder<Int8Array | Uint8Array> {
  constructor(type: DataType) {
    super(type, (capacity) => (type.isSigned === false ? new Uint8Array(capacity) : new Int8Array(capacity)));
  }

  read(buffer: Buffer, position: number, row: number): number {
    this.values[row] = buffer[position]!;
    return position + 1;
  }
}

/** SMALLINT, YEAR. */
export class ShortDecoder extends FixedDecoder<Int16Array | Uint16Array> {
  constructor(type: DataType) {
    super(type, (capacity) => (type.isSigned === false ? new Uint16Array(capacity) : new Int16Array(capacity)));
  }

  read(buffer: Buffer, position: number, row: number): number {
    this.values[row] = buffer[position]! | (buffer[position + 1]! << 8);
    return position + 2;
  }
}

/** MEDIUMINT and INT. */
export class LongDecoder extends FixedDecoder<Int32Array | Uint32Array> {
  constructor(type: DataType) {
    super(type, (capacity) => (type.isSigned === false ? new Uint32Array(capacity) : new Int32Array(capacity)));
  }

  read(buffer: Buffer, position: number, row: number): number {
    this.values[row] = readInt32(buffer, position);
    return position + 4;
  }
}

/** FLOAT. */
export class FloatDecoder extends FixedDecoder<Float32Array> {
  constructor(type: DataType) {
    super(type, (capacity) => new Float32Array(capacity));
  }

  read(buffer: Buffer, position: number, row: number): number {
    this.values[row] = buffer.readFloatLE(position);
    return position + 4;
  }
}

/** DOUBLE. */
export class DoubleDecoder extends FixedDecoder<Float64Array> {
  constructor(type: DataType) {
    super(type, (capacity) => new Float64Array(capacity));
  }

  read(buffer: Buffer, position: number, row: number): number {
    this.values[row] = buffer.readDoubleLE(position);
    return position + 8;
  }
}

/** Reads four bytes without the bounds check of `readInt32LE`, which the length of the packet makes needless. */
export function readInt32(buffer: Buffer, position: number): number {
  return (
    buffer[position]! | (buffer[position + 1]! << 8) | (buffer[position + 2]! << 16) | (buffer[position + 3]! << 24)
  );
}
