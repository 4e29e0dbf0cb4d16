import { createColumnBuilder, createLiteralReader, type LiteralLike, packValue, unpackValue } from '@millrace/arrow';
import type { ColumnData, DataType } from '@millrace/core';

/** Bytes of a column's values, one behind the other; a null has none. */
export interface PackedColumn {
  readonly bytes: Uint8Array;
  /** One more than there are values. */
  readonly offsets: Int32Array;
  /** A set bit for each value that is not null. */
  readonly validity: Uint8Array;
}

/** A column of values that the engine has no type for, each packed by `packValue`. On memory of its own. */
export function packColumn(column: ColumnData): PackedColumn {
  const { length } = column;
  const read = createLiteralReader(column);
  const parts: Uint8Array[] = [];
  const offsets = new Int32Array(length + 1);
  const validity = new Uint8Array(Math.ceil(length / 8)).fill(0xff);
  for (let row = 0; row < length; row++) {
    const value = read(row);
    if (value === null) validity[row >> 3]! &= ~(1 << (row & 7));
    else parts.push(packValue(value));
    offsets[row + 1] = offsets[row]! + (value === null ? 0 : parts.at(-1)!.length);
  }
  const bytes = new Uint8Array(offsets[length]!);
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return { bytes, offsets, validity };
}

/** The column of a type that {@link packColumn} has packed and the engine gives back as bytes. */
export function unpackColumn(type: DataType, column: ColumnData): ColumnData {
  return rebuild(type, column, (value) => (value === null ? null : unpackValue(value as Uint8Array)));
}

/** A column of the same values in another type, for example a dictionary of what came as texts. */
export function rebuildColumn(type: DataType, column: ColumnData): ColumnData {
  return rebuild(type, column, (value) => value);
}

function rebuild(type: DataType, column: ColumnData, toValue: (value: LiteralLike) => LiteralLike): ColumnData {
  const read = createLiteralReader(column);
  const builder = createColumnBuilder(type, column.length);
  for (let row = 0; row < column.length; row++) builder.append(toValue(read(row)));
  return builder.finish();
}
