import { isUtf8 } from 'node:buffer';
import { TypeId } from '@millrace/core';
import { type ColumnSource, columnError, type WriteRows } from './column-source.ts';
import { createOffsetReader } from './offsets.ts';
import { checkedBytes } from './raw-vector.ts';
import { isUtf8Run, type StringRun, writeStrings } from './string-entries.ts';
import { isVisible, type RowMask, visibleRows, writeMask } from './validity.ts';

/** Writes text; what is not UTF-8 fails with `invalid_data`, as DuckDB's functions trust their input and would read past it. */
export function createTextWriter(source: ColumnSource): WriteRows {
  const { column, path } = source;
  const bytes = checkedBytes(column.values, 0, path, 'values');
  const readOffsets = createOffsetReader(source, bytes.length);
  return (vector, start, count, mask) => {
    const visible = visibleRows(column, start, count, mask);
    writeMask(vector, visible);
    const run: StringRun = { bytes, offsets: readOffsets(start, count) };
    writeStrings(vector, isUtf8Run(run) ? run : visibleText(run, visible, { path, start }));
  };
}

/** Writes bytes of varying or fixed length. */
export function createBinaryWriter(source: ColumnSource): WriteRows {
  const { column, path } = source;
  const isFixed = column.type.typeId === TypeId.FixedSizeBinary;
  const bytes = checkedBytes(column.values, isFixed ? column.length * (column.type.byteWidth ?? 0) : 0, path, 'values');
  const readOffsets = createOffsetReader(source, bytes.length);
  return (vector, start, count, mask) => {
    writeMask(vector, visibleRows(column, start, count, mask));
    writeStrings(vector, { bytes, offsets: readOffsets(start, count) });
  };
}

/**
 * Writes geometries, which DuckDB keeps as well-known binary too, but in little-endian order alone.
 *
 * It checks the bytes itself where it reads them; of another byte order it would only say that it is unsupported.
 */
export function createGeometryWriter(source: ColumnSource): WriteRows {
  const { column, path } = source;
  const bytes = checkedBytes(column.values, 0, path, 'values');
  const readOffsets = createOffsetReader(source, bytes.length);
  return (vector, start, count, mask) => {
    const visible = visibleRows(column, start, count, mask);
    writeMask(vector, visible);
    const offsets = readOffsets(start, count);
    for (let row = 0; row < count; row++) {
      const at = offsets[row] as number;
      const isLittleEndian = at < (offsets[row + 1] as number) && bytes[at] === 1;
      if (!isLittleEndian && isVisible(visible, row)) {
        throw columnError(path, `has a geometry that is not little-endian WKB at position ${start + row}`);
      }
    }
    writeStrings(vector, { bytes, offsets });
  };
}

/** The run without what lies under nulls, which may be anything; throws when a visible string is not UTF-8. */
function visibleText(
  { bytes, offsets }: StringRun,
  visible: RowMask | undefined,
  { path, start }: { readonly path: string; readonly start: number },
): StringRun {
  const count = offsets.length - 1;
  const kept: Uint8Array[] = [];
  const keptOffsets = new Float64Array(count + 1);
  for (let row = 0, end = 0; row < count; row++) {
    if (isVisible(visible, row)) {
      const text = bytes.subarray(offsets[row], offsets[row + 1]);
      if (!isUtf8(text)) {
        throw columnError(path, `has text that is not UTF-8 at position ${start + row}`);
      }
      kept.push(text);
      end += text.length;
    }
    keptOffsets[row + 1] = end;
  }
  return { bytes: Buffer.concat(kept), offsets: keptOffsets };
}
