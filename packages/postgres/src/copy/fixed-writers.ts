import { type ColumnWriter, type CopyTarget, isValid, measureFixed, type RowRange } from './column-writer.ts';
import type { CopyColumn } from './copy-column.ts';

type Of<Kind extends CopyColumn['kind']> = Extract<CopyColumn, { readonly kind: Kind }>;

/** Writes values of one width, each kind with a loop of its own: one that many kinds share calls each of them slowly. */
abstract class FixedWriter<Column extends CopyColumn> implements ColumnWriter {
  protected readonly column: Column;
  readonly #width: number;

  constructor(column: Column, width: number) {
    this.column = column;
    this.#width = width;
  }

  measure(range: RowRange, sizes: Int32Array): void {
    measureFixed(range, sizes, { width: this.#width, validity: this.column.validity });
  }

  abstract write(range: RowRange, target: CopyTarget): void;
}

/** bool, from bits. */
export class BoolWriter extends FixedWriter<Of<'bool'>> {
  constructor(column: Of<'bool'>) {
    super(column, 1);
  }

  write({ start, end }: RowRange, { view, bytes, positions }: CopyTarget): void {
    const { bits, validity } = this.column;
    for (let row = start; row < end; row += 1) {
      const at = positions[row - start]!;
      const valid = isValid(validity, row);
      view.setInt32(at, valid ? 1 : -1);
      if (valid) bytes[at + 4] = (bits[row >> 3]! >> (row & 7)) & 1;
      positions[row - start] = at + (valid ? 5 : 4);
    }
  }
}

/** int2. */
export class Int16Writer extends FixedWriter<Of<'int16'>> {
  constructor(column: Of<'int16'>) {
    super(column, 2);
  }

  write({ start, end }: RowRange, { view, positions }: CopyTarget): void {
    const { values, validity } = this.column;
    for (let row = start; row < end; row += 1) {
      const at = positions[row - start]!;
      const valid = isValid(validity, row);
      view.setInt32(at, valid ? 2 : -1);
      if (valid) view.setInt16(at + 4, values[row]!);
      positions[row - start] = at + (valid ? 6 : 4);
    }
  }
}

/** int4, and float4 as its bits. */
export class Int32Writer extends FixedWriter<Of<'int32' | 'date'>> {
  constructor(column: Of<'int32' | 'date'>) {
    super(column, 4);
  }

  write({ start, end }: RowRange, { view, positions }: CopyTarget): void {
    const { values, validity } = this.column;
    for (let row = start; row < end; row += 1) {
      const at = positions[row - start]!;
      const valid = isValid(validity, row);
      view.setInt32(at, valid ? 4 : -1);
      if (valid) view.setInt32(at + 4, values[row]!);
      positions[row - start] = at + (valid ? 8 : 4);
    }
  }
}

/** uint32 as int8. */
export class Uint32Writer extends FixedWriter<Of<'uint32'>> {
  constructor(column: Of<'uint32'>) {
    super(column, 8);
  }

  write({ start, end }: RowRange, { view, positions }: CopyTarget): void {
    const { values, validity } = this.column;
    for (let row = start; row < end; row += 1) {
      const at = positions[row - start]!;
      const valid = isValid(validity, row);
      view.setInt32(at, valid ? 8 : -1);
      if (valid) {
        view.setInt32(at + 4, 0);
        view.setUint32(at + 8, values[row]!);
      }
      positions[row - start] = at + (valid ? 12 : 4);
    }
  }
}

/** int8, float8 and time of day: 64 bits, without a BigInt for each. */
export class Int64Writer extends FixedWriter<Of<'int64' | 'timestamp'>> {
  constructor(column: Of<'int64' | 'timestamp'>) {
    super(column, 8);
  }

  write({ start, end }: RowRange, { view, positions }: CopyTarget): void {
    const { lanes, validity } = this.column;
    for (let row = start; row < end; row += 1) {
      const at = positions[row - start]!;
      const valid = isValid(validity, row);
      view.setInt32(at, valid ? 8 : -1);
      if (valid) {
        view.setInt32(at + 4, lanes[row * 2 + 1]!);
        view.setInt32(at + 8, lanes[row * 2]!);
      }
      positions[row - start] = at + (valid ? 12 : 4);
    }
  }
}
