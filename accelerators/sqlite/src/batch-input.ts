import { packColumn } from '@millrace/acceleration';
import { normalizeColumn } from '@millrace/arrow';
import { type ColumnData, type DataType, TypeId } from '@millrace/core';
import type { InputColumn, InputValues, IntegerArray } from '@millrace/sqlite';
import { SHORT_DIGITS, storedTypeOf } from './stored-type.ts';

/**
 * The values of a column on memory of their own, which can be handed to a thread: the source's buffers stay its own.
 *
 * @throws MillraceError `invalid_data` for buffers that do not fit the column.
 */
export function toInputColumn(column: ColumnData): InputColumn {
  const { type, length } = column;
  if (storedTypeOf(type)?.isPacked === true) {
    const { validity, ...values } = packColumn(column);
    return { values: { kind: 'binary', ...values }, length, validity };
  }
  const normal = normalizeColumn(column);
  const bytes = Math.ceil(length / 8);
  return {
    values: toInputValues(normal),
    length,
    validity: normal.nullBitmap ? normal.nullBitmap.slice(0, bytes) : undefined,
  };
}

function toInputValues(column: ColumnData): InputValues {
  const { type, length, dictionary } = column;
  const values = column.values as Uint8Array | undefined;
  if (dictionary !== undefined) {
    const indices = (column.values as IntegerArray).slice();
    return { kind: 'dictionary', indices, values: dictionary.data.map(toInputColumn) };
  }
  switch (type.typeId) {
    case TypeId.Bool:
      return { kind: 'bool', values: values!.slice(0, Math.ceil(length / 8)) };
    case TypeId.Float:
      // A half float is kept as its bits.
      return column.values instanceof Uint16Array
        ? { kind: 'int', values: column.values.slice() }
        : { kind: 'float', values: (column.values as Float64Array).slice() };
    case TypeId.Decimal:
      return toUnscaled(type, column.values as Uint32Array);
    case TypeId.Utf8:
    case TypeId.LargeUtf8:
      return { kind: 'text', ...toBytes(column) };
    case TypeId.Binary:
    case TypeId.LargeBinary:
      return { kind: 'binary', ...toBytes(column) };
    case TypeId.FixedSizeBinary:
      return { kind: 'fixed_binary', byteWidth: type.byteWidth ?? 0, bytes: values!.slice() };
    case TypeId.Interval: {
      const words = (column.values as Int32Array).slice();
      return {
        kind: 'fixed_binary',
        byteWidth: words.byteLength / Math.max(length, 1),
        bytes: new Uint8Array(words.buffer),
      };
    }
    default:
      return { kind: 'int', values: (column.values as IntegerArray).slice() };
  }
}

function toUnscaled({ precision = 38, bitWidth }: DataType, words: Uint32Array): InputValues {
  return {
    kind: 'unscaled',
    wordCount: bitWidth === 256 ? 8 : 4,
    words: words.slice(),
    form: precision <= SHORT_DIGITS ? 'integers' : 'blobs',
  };
}

function toBytes({ length, values, valueOffsets }: ColumnData): {
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
} {
  const first = Number(valueOffsets?.[0] ?? 0);
  const offsets = new Int32Array(length + 1);
  for (let row = 1; row <= length; row++) offsets[row] = Number(valueOffsets![row]!) - first;
  return { offsets, bytes: (values as Uint8Array).slice(first, first + offsets[length]!) };
}
