import {
  type ColumnWriter,
  type CopyTarget,
  isValid,
  measureFixed,
  type RowRange,
  writeBytes,
} from './column-writer.ts';
import type { CopyColumn } from './copy-column.ts';

type Of<Kind extends CopyColumn['kind']> = Extract<CopyColumn, { readonly kind: Kind }>;

/** text and bytea. */
export class BytesWriter implements ColumnWriter {
  readonly #column: Of<'bytes'>;

  constructor(column: Of<'bytes'>) {
    this.#column = column;
  }

  measure({ start, end }: RowRange, sizes: Int32Array): void {
    const { offsets, validity } = this.#column;
    for (let row = start; row < end; row += 1)
      sizes[row - start]! += isValid(validity, row) ? 4 + offsets[row + 1]! - offsets[row]! : 4;
  }

  write({ start, end }: RowRange, target: CopyTarget): void {
    const { offsets, bytes, validity } = this.#column;
    const { positions, view } = target;
    for (let row = start; row < end; row += 1) {
      const at = positions[row - start]!;
      if (isValid(validity, row)) {
        positions[row - start] = writeBytes(target, at, { bytes, start: offsets[row]!, end: offsets[row + 1]! });
        continue;
      }
      view.setInt32(at, -1);
      positions[row - start] = at + 4;
    }
  }
}

/** text and bytea by reference to entries that many rows share; an index may come as a BigInt. */
export class EntriesWriter implements ColumnWriter {
  readonly #column: Of<'entries'>;

  constructor(column: Of<'entries'>) {
    this.#column = column;
  }

  measure({ start, end }: RowRange, sizes: Int32Array): void {
    const { indices, offsets, validity } = this.#column;
    for (let row = start; row < end; row += 1) {
      const entry = isValid(validity, row) ? Number(indices[row]) : -1;
      sizes[row - start]! += entry < 0 ? 4 : 4 + offsets[entry + 1]! - offsets[entry]!;
    }
  }

  write({ start, end }: RowRange, target: CopyTarget): void {
    const { indices, offsets, bytes, validity } = this.#column;
    const { positions, view } = target;
    for (let row = start; row < end; row += 1) {
      const at = positions[row - start]!;
      if (isValid(validity, row)) {
        const entry = Number(indices[row]);
        positions[row - start] = writeBytes(target, at, { bytes, start: offsets[entry]!, end: offsets[entry + 1]! });
        continue;
      }
      view.setInt32(at, -1);
      positions[row - start] = at + 4;
    }
  }
}

/** bytea of one width. */
export class FixedBytesWriter implements ColumnWriter {
  readonly #column: Of<'fixed_bytes'>;

  constructor(column: Of<'fixed_bytes'>) {
    this.#column = column;
  }

  measure(range: RowRange, sizes: Int32Array): void {
    measureFixed(range, sizes, this.#column);
  }

  write({ start, end }: RowRange, target: CopyTarget): void {
    const { bytes, width, validity } = this.#column;
    const { positions, view } = target;
    for (let row = start; row < end; row += 1) {
      const at = positions[row - start]!;
      if (isValid(validity, row)) {
        const from = row * width;
        positions[row - start] = writeBytes(target, at, { bytes, start: from, end: from + width });
        continue;
      }
      view.setInt32(at, -1);
      positions[row - start] = at + 4;
    }
  }
}
