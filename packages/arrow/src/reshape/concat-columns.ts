import { type ColumnData, type DataType, MillraceError } from '@millrace/core';
import { createColumnBuilder } from '../build/column-builder.ts';
import { type FixedArray, type FixedArrayConstructor, layoutOf, type OffsetWidth } from '../layout.ts';
import { createLiteralReader } from '../read/literal-reader.ts';
import { createOffsetReader } from '../read/offsets.ts';
import { copyBits, fillBits } from './bits.ts';
import { normalizeColumn } from './normalize-column.ts';
import { createOffsets, joinOffsets } from './offsets.ts';
import { sliceColumn } from './slice-column.ts';

/** The rows of normalized columns of one type, one column after the other, in new buffers. */
export function concatColumns(type: DataType, columns: readonly ColumnData[]): ColumnData {
  const layout = layoutOf(type);
  const length = sum(columns, (column) => column.length);
  const base = { type, length, offset: 0, ...concatValidity(columns, length), children: [] };
  switch (layout.kind) {
    case 'none':
      return { ...base, nullCount: length };
    case 'bits':
      return { ...base, values: concatBits(columns, length, (column) => column.values as Uint8Array) };
    case 'fixed':
      return { ...base, values: concatFixed(columns, layout.array, length * layout.stride) };
    case 'bytes':
      return { ...base, ...concatBytes(columns, length, layout.offsetWidth) };
    case 'list':
      return { ...base, ...concatLists(type, columns, length, layout.offsetWidth) };
    case 'fixed_list':
    case 'struct':
      return { ...base, children: concatChildren(type, columns) };
    case 'union':
      return layout.isDense
        ? { ...base, ...concatDenseUnions(type, columns, length) }
        : { ...base, typeIds: concatTypeIds(columns, length), children: concatChildren(type, columns) };
    case 'dictionary':
      return shareDictionary(columns)
        ? { ...base, values: concatFixed(columns, layout.array, length), dictionary: columns[0]?.dictionary }
        : rebuildDictionary(type, columns);
    default:
      return layout satisfies never;
  }
}

function concatValidity(columns: readonly ColumnData[], length: number): Pick<ColumnData, 'nullCount' | 'nullBitmap'> {
  if (columns.every((column) => !column.nullBitmap)) return { nullCount: 0 };
  const isCounted = columns.every((column) => column.nullCount >= 0);
  return {
    nullCount: isCounted ? sum(columns, (column) => column.nullCount) : -1,
    nullBitmap: concatBits(columns, length, (column) => column.nullBitmap ?? undefined),
  };
}

/** A column without bits of its own stands for ones. */
function concatBits(
  columns: readonly ColumnData[],
  length: number,
  bitsOf: (column: ColumnData) => Uint8Array | undefined,
): Uint8Array {
  const bits = new Uint8Array((length + 7) >> 3);
  let start = 0;
  for (const column of columns) {
    const source = bitsOf(column);
    if (source) copyBits({ bits: source, start: 0 }, { bits, start }, column.length);
    else fillBits(bits, start, column.length);
    start += column.length;
  }
  return bits;
}

function concatFixed(columns: readonly ColumnData[], array: FixedArrayConstructor, length: number): FixedArray {
  const values = new array(length);
  let start = 0;
  for (const column of columns) {
    const source = column.values as FixedArray;
    // Source and target are of the same kind; the type of `set` differs between numbers and bigints.
    (values as Uint8Array).set(source as Uint8Array, start);
    start += source.length;
  }
  return values;
}

function concatBytes(
  columns: readonly ColumnData[],
  length: number,
  offsetWidth: OffsetWidth,
): Pick<ColumnData, 'values' | 'valueOffsets'> {
  const valueOffsets = concatOffsets(columns, length, offsetWidth);
  const runs = columns.map((column) => {
    const { start, end } = rangeOf(column);
    return (column.values as Uint8Array).subarray(start, end);
  });
  const values = new Uint8Array(sum(runs, (run) => run.length));
  let to = 0;
  for (const run of runs) {
    values.set(run, to);
    to += run.length;
  }
  return { values, valueOffsets };
}

function concatLists(
  type: DataType,
  columns: readonly ColumnData[],
  length: number,
  offsetWidth: OffsetWidth,
): Pick<ColumnData, 'valueOffsets' | 'children'> {
  const used = columns.map((column) => {
    const { start, end } = rangeOf(column);
    return { ...column, children: column.children.map((child) => normalizeColumn(sliceColumn(child, start, end))) };
  });
  return { valueOffsets: concatOffsets(columns, length, offsetWidth), children: concatChildren(type, used) };
}

/** Every column's offsets, moved so that each begins where the one before ended. */
function concatOffsets(columns: readonly ColumnData[], length: number, width: OffsetWidth): Int32Array | BigInt64Array {
  if (width === 32)
    return joinOffsets(
      columns.map(({ valueOffsets, length: rows }) => ({
        offsets: (valueOffsets ?? new Int32Array(1)) as Int32Array,
        length: rows,
      })),
    );
  const readers = columns.map((column) => ({ offset: createOffsetReader(column), length: column.length }));
  let ordinal = 0;
  let rowsBefore = 0;
  let base = 0;
  return createOffsets(width, length, (row) => {
    let current = readers[ordinal];
    while (current && row - rowsBefore >= current.length) {
      base += current.offset(current.length) - current.offset(0);
      rowsBefore += current.length;
      current = readers[++ordinal];
    }
    return current ? base + current.offset(row - rowsBefore + 1) - current.offset(0) : base;
  });
}

function rangeOf(column: ColumnData): { readonly start: number; readonly end: number } {
  const offset = createOffsetReader(column);
  return { start: offset(0), end: offset(column.length) };
}

function concatChildren(type: DataType, columns: readonly ColumnData[]): readonly ColumnData[] {
  return (type.children ?? []).map((field, ordinal) => concatColumns(field.type, childrenAt(columns, ordinal)));
}

function childrenAt(columns: readonly ColumnData[], ordinal: number): readonly ColumnData[] {
  return columns.map((column) => {
    const child = column.children[ordinal];
    if (child) return child;
    throw new MillraceError({
      code: 'invalid_data',
      component: 'arrow',
      message: 'a nested column lacks one of its children',
      hint: 'Fix whoever made the batch: type and buffers have to agree.',
    });
  });
}

function concatTypeIds(columns: readonly ColumnData[], length: number): Int8Array {
  const typeIds = new Int8Array(length);
  let start = 0;
  for (const column of columns) {
    typeIds.set(column.typeIds ?? [], start);
    start += column.length;
  }
  return typeIds;
}

function concatDenseUnions(
  type: DataType,
  columns: readonly ColumnData[],
  length: number,
): Pick<ColumnData, 'typeIds' | 'valueOffsets' | 'children'> {
  const typeIds = concatTypeIds(columns, length);
  const ids = (type.children ?? []).map((_, ordinal) => type.typeIds?.[ordinal] ?? ordinal);
  const bases = new Map(ids.map((id) => [id, 0]));
  const valueOffsets = new Int32Array(length);
  let start = 0;
  for (const column of columns) {
    for (let row = 0; row < column.length; row++) {
      const base = bases.get(typeIds[start + row] ?? 0) ?? 0;
      valueOffsets[start + row] = base + Number(column.valueOffsets?.[row] ?? 0);
    }
    for (const [ordinal, id] of ids.entries())
      bases.set(id, (bases.get(id) ?? 0) + (column.children[ordinal]?.length ?? 0));
    start += column.length;
  }
  return { typeIds, valueOffsets, children: concatChildren(type, columns) };
}

/** A normalized dictionary keeps its identity, so the same one is the same object. */
function shareDictionary(columns: readonly ColumnData[]): boolean {
  return columns.every((column) => column.dictionary === columns[0]?.dictionary);
}

function rebuildDictionary(type: DataType, columns: readonly ColumnData[]): ColumnData {
  const builder = createColumnBuilder(
    type,
    sum(columns, (column) => column.length),
  );
  for (const column of columns) {
    const read = createLiteralReader(column);
    for (let row = 0; row < column.length; row++) builder.append(read(row));
  }
  return builder.finish();
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
