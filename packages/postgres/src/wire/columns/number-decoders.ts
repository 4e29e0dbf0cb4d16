import { type DataType, dataTypes } from '@millrace/core';
import type { RowRun, ValueSource } from '../row-run.ts';
import { FixedDecoder } from './fixed-decoder.ts';

/** int2. */
export class Int16Decoder extends FixedDecoder<Int16Array> {
  constructor() {
    super(dataTypes.int16(), Int16Array, 1);
  }

  protected write({ view }: ValueSource, start: number, row: number): void {
    this.values[row] = view.getInt16(start);
  }
}

/** int4. */
export class Int32Decoder extends FixedDecoder<Int32Array> {
  constructor() {
    super(dataTypes.int32(), Int32Array, 1);
  }

  protected write({ view }: ValueSource, start: number, row: number): void {
    this.values[row] = view.getInt32(start);
  }

  override appendRun({ view, starts, lengths, stride, rowCount }: RowRun, column: number): void {
    this.reserve(rowCount);
    const { values } = this;
    let target = this.length;
    for (let row = column * stride; row < column * stride + rowCount; row += 1, target += 1) {
      if (lengths[row]! < 0) this.nulls.markNull(target);
      else values[target] = view.getInt32(starts[row]!);
    }
    this.length = target;
  }
}

/** oid and its kin: four bytes without a sign. */
export class Uint32Decoder extends FixedDecoder<Uint32Array> {
  constructor() {
    super(dataTypes.uint32(), Uint32Array, 1);
  }

  protected write({ view }: ValueSource, start: number, row: number): void {
    this.values[row] = view.getUint32(start);
  }
}

/** int8, and xid8 with an unsigned type: two 32-bit lanes a value, the low one first, so that no BigInt is made. */
export class Int64Decoder extends FixedDecoder<Int32Array> {
  constructor(type: DataType) {
    super(type, Int32Array, 2);
  }

  protected write({ view }: ValueSource, start: number, row: number): void {
    this.values[row * 2] = view.getInt32(start + 4);
    this.values[row * 2 + 1] = view.getInt32(start);
  }

  override appendRun({ view, starts, lengths, stride, rowCount }: RowRun, column: number): void {
    this.reserve(rowCount);
    const { values } = this;
    let target = this.length;
    for (let row = column * stride; row < column * stride + rowCount; row += 1, target += 1) {
      if (lengths[row]! < 0) {
        this.nulls.markNull(target);
        continue;
      }
      const start = starts[row]!;
      values[target * 2] = view.getInt32(start + 4);
      values[target * 2 + 1] = view.getInt32(start);
    }
    this.length = target;
  }
}

/** float4. */
export class Float32Decoder extends FixedDecoder<Float32Array> {
  constructor() {
    super(dataTypes.float32(), Float32Array, 1);
  }

  protected write({ view }: ValueSource, start: number, row: number): void {
    this.values[row] = view.getFloat32(start);
  }
}

/** float8. */
export class Float64Decoder extends FixedDecoder<Float64Array> {
  constructor() {
    super(dataTypes.float64(), Float64Array, 1);
  }

  protected write({ view }: ValueSource, start: number, row: number): void {
    this.values[row] = view.getFloat64(start);
  }

  override appendRun({ view, starts, lengths, stride, rowCount }: RowRun, column: number): void {
    this.reserve(rowCount);
    const { values } = this;
    let target = this.length;
    for (let row = column * stride; row < column * stride + rowCount; row += 1, target += 1) {
      if (lengths[row]! < 0) this.nulls.markNull(target);
      else values[target] = view.getFloat64(starts[row]!);
    }
    this.length = target;
  }
}
