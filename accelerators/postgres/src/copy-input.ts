import { packColumn } from '@millrace/acceleration';
import { normalizeColumn } from '@millrace/arrow';
import { type ColumnData, DateUnit, FloatPrecision, TimeUnit, TypeId } from '@millrace/core';
import type { CopyColumn } from '@millrace/postgres';
import { storedTypeOf } from './stored-type.ts';

/**
 * A column as it is copied into its stored form: the source's own buffers, but for nested values, which are packed, and for offsets of 64 bits.
 *
 * @throws MillraceError `invalid_data` for buffers that do not fit the column.
 */
export function toCopyColumn(column: ColumnData): CopyColumn {
  if (storedTypeOf(column.type)?.isPacked === true) return { kind: 'bytes', ...packColumn(column) };
  const normal = normalizeColumn(column);
  const validity = normal.nullBitmap ?? undefined;
  const { type } = normal;
  if (normal.dictionary !== undefined) return toEntries(normal, validity);
  switch (type.typeId) {
    case TypeId.Bool:
      return { kind: 'bool', bits: normal.values as Uint8Array, validity };
    case TypeId.Int:
      return toInteger(normal, validity);
    case TypeId.Float:
      return toFloat(normal, validity);
    case TypeId.Decimal: {
      const { scale = 0 } = type;
      if (storedTypeOf(type)?.form === undefined) return toFixedBytes(normal, validity);
      return {
        kind: 'numeric',
        words: normal.values as Uint32Array,
        wordCount: 4,
        sign: 'signed',
        scale,
        validity,
      };
    }
    case TypeId.Utf8:
    case TypeId.LargeUtf8:
    case TypeId.Binary:
    case TypeId.LargeBinary:
      return { kind: 'bytes', ...bytesOf(normal), validity };
    case TypeId.FixedSizeBinary:
    case TypeId.Interval:
      return toFixedBytes(normal, validity);
    case TypeId.Date:
      return type.unit === DateUnit.Millisecond
        ? { kind: 'int64', lanes: lanesOf(normal), validity }
        : { kind: 'date', values: normal.values as Int32Array, validity };
    case TypeId.Timestamp:
      return { kind: type.unit === TimeUnit.Microsecond ? 'timestamp' : 'int64', lanes: lanesOf(normal), validity };
    default:
      return normal.values instanceof Int32Array
        ? { kind: 'int32', values: normal.values, validity }
        : { kind: 'int64', lanes: lanesOf(normal), validity };
  }
}

type Validity = CopyColumn['validity'];

function toInteger({ type, values, ...column }: ColumnData, validity: Validity): CopyColumn {
  if (type.bitWidth === 64) {
    const lanes = lanesOf({ type, values, ...column });
    if (type.isSigned !== false) return { kind: 'int64', lanes, validity };
    const words = new Uint32Array(lanes.buffer, lanes.byteOffset, lanes.length);
    return { kind: 'numeric', words, wordCount: 2, sign: 'unsigned', scale: 0, validity };
  }
  if (values instanceof Int32Array || values instanceof Uint16Array) return { kind: 'int32', values, validity };
  if (values instanceof Uint32Array) return { kind: 'uint32', values, validity };
  return { kind: 'int16', values: values as Int8Array | Uint8Array | Int16Array, validity };
}

/** Floats as their bits, which no conversion can change. */
function toFloat(column: ColumnData, validity: Validity): CopyColumn {
  const { type, values } = column;
  if (type.precision === FloatPrecision.Half) return { kind: 'int32', values: values as Uint16Array, validity };
  if (type.precision !== FloatPrecision.Single) return { kind: 'int64', lanes: lanesOf(column), validity };
  const { buffer, byteOffset, length } = values as Float32Array;
  return { kind: 'int32', values: new Int32Array(buffer, byteOffset, length), validity };
}

function toFixedBytes({ values, length }: ColumnData, validity: Validity): CopyColumn {
  const { buffer, byteOffset, byteLength } = values as Uint8Array;
  const width = length === 0 ? 0 : Math.floor(byteLength / length);
  return { kind: 'fixed_bytes', width, bytes: new Uint8Array(buffer, byteOffset, byteLength), validity };
}

/** 64-bit values as two lanes each. */
function lanesOf({ values }: ColumnData): Int32Array {
  const { buffer, byteOffset, byteLength } = values as BigInt64Array;
  return new Int32Array(buffer, byteOffset, byteLength / 4);
}

function bytesOf({ length, values, valueOffsets }: ColumnData): {
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
} {
  if (valueOffsets === undefined) return { offsets: new Int32Array(length + 1), bytes: new Uint8Array(0) };
  const bytes = (values ?? new Uint8Array(0)) as Uint8Array;
  if (valueOffsets instanceof Int32Array) return { offsets: valueOffsets, bytes };
  const first = Number(valueOffsets[0] ?? 0n);
  const offsets = new Int32Array(length + 1);
  for (let row = 1; row <= length; row++) offsets[row] = Number(valueOffsets[row]!) - first;
  return { offsets, bytes: bytes.subarray(first) };
}

/** A dictionary's values once, and the index of each row; a value that is null makes its rows null. */
function toEntries(column: ColumnData, validity: Validity): CopyColumn {
  const chunks = column.dictionary!.data.map(normalizeColumn);
  const parts = chunks.map(bytesOf);
  const count = chunks.reduce((sum, { length }) => sum + length, 0);
  const offsets = new Int32Array(count + 1);
  const bytes = new Uint8Array(parts.reduce((sum, part, index) => sum + byteCount(part, chunks[index]!.length), 0));
  const missing = new Set<number>();
  let entry = 0;
  let at = 0;
  for (const [index, { length, nullBitmap }] of chunks.entries()) {
    const part = parts[index]!;
    bytes.set(part.bytes.subarray(part.offsets[0]!, part.offsets[length]!), at);
    for (let row = 0; row < length; row++, entry++) {
      if (nullBitmap && (nullBitmap[row >> 3]! & (1 << (row & 7))) === 0) missing.add(entry);
      at += part.offsets[row + 1]! - part.offsets[row]!;
      offsets[entry + 1] = at;
    }
  }
  const indices = column.values as unknown as ArrayLike<number | bigint>;
  return {
    kind: 'entries',
    indices,
    offsets,
    bytes,
    validity: missing.size === 0 ? validity : withoutEntries({ length: column.length, validity, indices, missing }),
  };
}

function byteCount({ offsets }: { readonly offsets: Int32Array }, length: number): number {
  return offsets[length]! - offsets[0]!;
}

function withoutEntries(rows: {
  readonly length: number;
  readonly validity: Validity;
  readonly indices: ArrayLike<number | bigint>;
  readonly missing: ReadonlySet<number>;
}): Uint8Array {
  const { length, validity, indices, missing } = rows;
  const result = validity?.slice() ?? new Uint8Array(Math.ceil(length / 8)).fill(0xff);
  for (let row = 0; row < length; row++) if (missing.has(Number(indices[row]))) result[row >> 3]! &= ~(1 << (row & 7));
  return result;
}
