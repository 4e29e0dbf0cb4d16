import { type ColumnData, type RecordBatch, TypeId } from '@millrace/core';

/**
 * Bytes that the rows of a batch take in Arrow's layout, whatever larger buffers the batch is a part of. The values of a dictionary, which
 * batches share, do not count, and those of a nested column count in proportion to its rows.
 */
export function batchByteCount({ data }: RecordBatch): number {
  let bytes = 0;
  for (const column of data.children) bytes += columnByteCount(column);
  return Math.round(bytes);
}

function columnByteCount({ type, length, values, valueOffsets, nullBitmap, typeIds, children }: ColumnData): number {
  let bytes = nullBitmap && nullBitmap.byteLength > 0 ? Math.ceil(length / 8) : 0;
  if (typeIds) bytes += typeIds.byteLength;
  if (valueOffsets) bytes += valueOffsets.byteLength;
  // A dense union has an offset for each row, and none behind the last.
  const share = valueOffsets && !typeIds ? Number(valueOffsets[length] ?? 0) - Number(valueOffsets[0] ?? 0) : undefined;
  if (values) bytes += share ?? (type.typeId === TypeId.Bool ? Math.ceil(length / 8) : values.byteLength);
  for (const child of children) {
    const part = share === undefined || child.length === 0 ? 1 : share / child.length;
    bytes += part * columnByteCount(child);
  }
  return bytes;
}
