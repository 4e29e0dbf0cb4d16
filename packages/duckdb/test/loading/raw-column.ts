import type { ColumnData, DataType, Field, RecordBatch } from '@millrace/core';

/** A column straight from buffers, with a bitmap in which the rows named are null. */
export function rawColumn(
  type: DataType,
  length: number,
  parts: Partial<ColumnData>,
  nullRows: readonly number[] = [],
): ColumnData {
  const nullBitmap = new Uint8Array(Math.ceil(length / 8)).fill(0xff);
  for (const row of nullRows) {
    nullBitmap[row >> 3] = (nullBitmap[row >> 3] as number) & ~(1 << (row & 7));
  }
  const bitmap = nullRows.length > 0 ? { nullBitmap } : {};
  return { type, length, offset: 0, nullCount: nullRows.length, children: [], ...bitmap, ...parts };
}

/** Text or bytes behind one another, with their offsets. */
export function textParts(texts: readonly (string | Uint8Array)[]): Pick<ColumnData, 'values' | 'valueOffsets'> {
  const parts = texts.map((text) => (typeof text === 'string' ? Buffer.from(text) : text));
  const valueOffsets = new Int32Array(parts.length + 1);
  for (const [index, part] of parts.entries()) {
    valueOffsets[index + 1] = (valueOffsets[index] as number) + part.length;
  }
  return { values: Buffer.concat(parts), valueOffsets };
}

/** A batch of columns, whose fields are named `v`, `v1`, `v2` … unless given. */
export function rawBatch(columns: readonly ColumnData[], fields?: readonly Field[]): RecordBatch {
  const named = columns.map(
    ({ type }, index): Field => ({ name: index === 0 ? 'v' : `v${index}`, type, nullable: true }),
  );
  return { schema: { fields: fields ?? named }, numRows: columns[0]?.length ?? 0, data: { children: columns } };
}
