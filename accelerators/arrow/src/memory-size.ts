import { type ColumnData, TypeId } from '@millrace/core';

/**
 * Bytes of the rows of some columns: of text, lists and bits only the part that the rows span, as slices share the whole. A dictionary
 * counts with every column that has it.
 */
export function spannedBytes(columns: readonly ColumnData[]): number {
  return columns.reduce((total, column) => total + columnBytes(column), 0);
}

/** The allocations that columns keep alive, children and dictionaries included. */
export function allocationsOf(columns: readonly ColumnData[]): Set<ArrayBufferLike> {
  const allocations = new Set<ArrayBufferLike>();
  for (const column of columns) addAllocations(column, allocations);
  return allocations;
}

function columnBytes(column: ColumnData): number {
  const { type, length, values, valueOffsets, nullBitmap, typeIds, children, dictionary } = column;
  const bitBytes = Math.ceil(length / 8);
  const validity = nullBitmap?.byteLength ? bitBytes : 0;
  const own = validity + (valueOffsets?.byteLength ?? 0) + (typeIds?.byteLength ?? 0);
  if (dictionary) return own + (values?.byteLength ?? 0) + spannedBytes(dictionary.data);
  if (type.typeId === TypeId.Bool) return own + bitBytes;
  if (valueOffsets === undefined || type.typeId === TypeId.Union)
    return own + (values?.byteLength ?? 0) + spannedBytes(children);
  const span = Number(valueOffsets[length] ?? 0) - Number(valueOffsets[0] ?? 0);
  const [items] = children;
  return own + (items ? (columnBytes(items) * span) / Math.max(1, items.length) : span);
}

function addAllocations(column: ColumnData, allocations: Set<ArrayBufferLike>): void {
  const { values, valueOffsets, nullBitmap, typeIds, children, dictionary } = column;
  for (const view of [values, valueOffsets, nullBitmap, typeIds]) {
    if (view && view.byteLength > 0) allocations.add(view.buffer);
  }
  for (const child of children) addAllocations(child, allocations);
  for (const chunk of dictionary?.data ?? []) addAllocations(chunk, allocations);
}
