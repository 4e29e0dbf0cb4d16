import type { ColumnData } from '@millrace/core';
import { type FixedArray, type FixedArrayConstructor, layoutOf, type OffsetWidth } from '../layout.ts';
import { createOffsetReader } from '../read/offsets.ts';
import { getBit, setBit } from './bits.ts';
import { copyBytes } from './copy-bytes.ts';
import { createOffsets } from './offsets.ts';

/** The given rows of a normalized column, gathered into new buffers. The caller has checked the rows. */
export function takeColumn(column: ColumnData, rows: ArrayLike<number>): ColumnData {
  const layout = layoutOf(column.type);
  const base = { type: column.type, length: rows.length, offset: 0, ...takeValidity(column, rows), children: [] };
  switch (layout.kind) {
    case 'none':
      return { ...base, nullCount: rows.length };
    case 'bits':
      return { ...base, values: takeBits(column.values as Uint8Array, rows) };
    case 'fixed':
      return { ...base, values: takeFixed(column.values as FixedArray, rows, layout) };
    case 'bytes':
      return { ...base, ...takeBytes(column, rows, layout.offsetWidth) };
    case 'list':
      return { ...base, ...takeLists(column, rows, layout.offsetWidth) };
    case 'fixed_list':
      return { ...base, children: takeChildren(column, fixedListRows(rows, layout.listSize)) };
    case 'struct':
      return { ...base, children: takeChildren(column, rows) };
    case 'union':
      return layout.isDense
        ? { ...base, ...takeDenseUnion(column, rows) }
        : { ...base, typeIds: takeTypeIds(column, rows), children: takeChildren(column, rows) };
    case 'dictionary': {
      const values = takeFixed(column.values as FixedArray, rows, { array: layout.array, stride: 1 });
      return { ...base, values, dictionary: column.dictionary };
    }
    default:
      return layout satisfies never;
  }
}

function takeValidity(
  { nullBitmap }: ColumnData,
  rows: ArrayLike<number>,
): Pick<ColumnData, 'nullCount' | 'nullBitmap'> {
  if (!nullBitmap) return { nullCount: 0 };
  return { nullCount: -1, nullBitmap: takeBits(nullBitmap, rows) };
}

function takeBits(bits: Uint8Array, rows: ArrayLike<number>): Uint8Array {
  const taken = new Uint8Array((rows.length + 7) >> 3);
  for (let index = 0; index < rows.length; index++) {
    if (getBit(bits, rows[index] ?? 0)) setBit(taken, index);
  }
  return taken;
}

/** Elements of 4 bytes and more are moved as 32-bit words: a bigint element would be allocated, a float's NaN changed. */
function takeFixed(
  values: FixedArray,
  rows: ArrayLike<number>,
  layout: { readonly array: FixedArrayConstructor; readonly stride: number },
): FixedArray {
  const taken = new layout.array(rows.length * layout.stride);
  const width = layout.array.BYTES_PER_ELEMENT;
  if (width < 4) gather(values as Uint8Array, taken as Uint8Array, rows, layout.stride);
  else gather(asWords(values), asWords(taken), rows, (layout.stride * width) / 4);
  return taken;
}

type Words = Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array;

function gather(source: Words, target: Words, rows: ArrayLike<number>, stride: number): void {
  if (stride === 1) {
    for (let index = 0; index < rows.length; index++) target[index] = source[rows[index] ?? 0] ?? 0;
    return;
  }
  for (let index = 0, to = 0; index < rows.length; index++) {
    const from = (rows[index] ?? 0) * stride;
    for (let word = 0; word < stride; word++) target[to++] = source[from + word] ?? 0;
  }
}

function asWords(values: FixedArray): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.byteLength / 4);
}

function takeBytes(
  column: ColumnData,
  rows: ArrayLike<number>,
  offsetWidth: OffsetWidth,
): Pick<ColumnData, 'values' | 'valueOffsets'> {
  const offset = createOffsetReader(column);
  const source = column.values as Uint8Array;
  const { offsets, end } = takeOffsets(offset, rows, offsetWidth);
  const values = new Uint8Array(end);
  for (let index = 0, to = 0; index < rows.length; index++) {
    const row = rows[index] ?? 0;
    const from = offset(row);
    const length = offset(row + 1) - from;
    copyBytes(source, from, values, to, length);
    to += length;
  }
  return { values, valueOffsets: offsets };
}

function takeLists(
  column: ColumnData,
  rows: ArrayLike<number>,
  offsetWidth: OffsetWidth,
): Pick<ColumnData, 'valueOffsets' | 'children'> {
  const offset = createOffsetReader(column);
  const { offsets, end } = takeOffsets(offset, rows, offsetWidth);
  const childRows = new Float64Array(end);
  for (let index = 0, to = 0; index < rows.length; index++) {
    const row = rows[index] ?? 0;
    const last = offset(row + 1);
    for (let childRow = offset(row); childRow < last; childRow++) childRows[to++] = childRow;
  }
  return { valueOffsets: offsets, children: takeChildren(column, childRows) };
}

function takeOffsets(
  offset: (row: number) => number,
  rows: ArrayLike<number>,
  width: OffsetWidth,
): { readonly offsets: Int32Array | BigInt64Array; readonly end: number } {
  let end = 0;
  const offsets = createOffsets(width, rows.length, (index) => {
    const row = rows[index] ?? 0;
    end += offset(row + 1) - offset(row);
    return end;
  });
  return { offsets, end };
}

function takeChildren(column: ColumnData, rows: ArrayLike<number>): readonly ColumnData[] {
  return column.children.map((child) => takeColumn(child, rows));
}

function fixedListRows(rows: ArrayLike<number>, listSize: number): Float64Array {
  const childRows = new Float64Array(rows.length * listSize);
  for (let index = 0, to = 0; index < rows.length; index++) {
    const first = (rows[index] ?? 0) * listSize;
    for (let element = 0; element < listSize; element++) childRows[to++] = first + element;
  }
  return childRows;
}

function takeTypeIds({ typeIds }: ColumnData, rows: ArrayLike<number>): Int8Array {
  return Int8Array.from({ length: rows.length }, (_, index) => typeIds?.[rows[index] ?? 0] ?? 0);
}

/** Every child keeps just the values that are taken, in the order of the rows. */
function takeDenseUnion(
  column: ColumnData,
  rows: ArrayLike<number>,
): Pick<ColumnData, 'typeIds' | 'valueOffsets' | 'children'> {
  const { type, valueOffsets } = column;
  const typeIds = takeTypeIds(column, rows);
  const childRows = column.children.map((): number[] => []);
  const ordinals = new Map(childRows.map((_, ordinal) => [type.typeIds?.[ordinal] ?? ordinal, ordinal]));
  const offsets = new Int32Array(rows.length);
  for (let index = 0; index < rows.length; index++) {
    const taken = childRows[ordinals.get(typeIds[index] ?? 0) ?? -1];
    if (!taken) continue;
    offsets[index] = taken.length;
    taken.push(Number(valueOffsets?.[rows[index] ?? 0] ?? 0));
  }
  const children = column.children.map((child, ordinal) => takeColumn(child, childRows[ordinal] ?? []));
  return { typeIds, valueOffsets: offsets, children };
}
