import { type ColumnData, DateUnit, TypeId } from '@millrace/core';
import { getBit } from '../reshape/bits.ts';
import { normalizeColumn } from '../reshape/normalize-column.ts';
import { readDecimal } from '../values/decimal.ts';
import { decodeText } from './decode-text.ts';
import { createNestedReader, type Reader } from './nested-reader.ts';
import { createOffsetReader } from './offsets.ts';
import type { LiteralLike } from './row-value.ts';
import { createCountReader, createIntervalReader, createNumberReader } from './scalar-access.ts';

/**
 * Reads a column's values in the form of core's literals ({@link LiteralLike}), exactly.
 *
 * The type is resolved once; the function that comes back does the least per row and does not check `row` against the
 * length. Binary values are views of the column's memory. A date64 that is no whole day keeps its fraction.
 *
 * @throws MillraceError `invalid_data` for buffers that do not fit the column, or (when read) text that is not UTF-8.
 */
export function createLiteralReader(column: ColumnData): (row: number) => LiteralLike {
  return createNestedReader(normalizeColumn(column), { scalar: createLiteralScalarReader, union: 'tagged' });
}

/** Reads the scalars of a normalized column, nulls not looked at. */
export function createLiteralScalarReader(column: ColumnData): Reader {
  switch (column.type.typeId) {
    case TypeId.Bool: {
      const bits = column.values as Uint8Array;
      return (row) => getBit(bits, row);
    }
    case TypeId.Int:
    case TypeId.Float:
      return createNumberReader(column);
    case TypeId.Decimal: {
      const words = column.values as Uint32Array;
      const wordCount = (column.type.bitWidth ?? 128) / 32;
      return (row) => readDecimal(words, row, wordCount);
    }
    case TypeId.Date: {
      const count = createNumberReader(column);
      return column.type.unit === DateUnit.Millisecond ? (row) => Number(count(row)) / 86_400_000 : count;
    }
    case TypeId.Interval:
      return createIntervalReader(column);
    case TypeId.Utf8:
    case TypeId.LargeUtf8: {
      const bytes = column.values as Uint8Array;
      const offset = createOffsetReader(column);
      return (row) => decodeText(bytes, offset(row), offset(row + 1));
    }
    case TypeId.Binary:
    case TypeId.LargeBinary: {
      const bytes = column.values as Uint8Array;
      const offset = createOffsetReader(column);
      return (row) => bytes.subarray(offset(row), offset(row + 1));
    }
    case TypeId.FixedSizeBinary: {
      const bytes = column.values as Uint8Array;
      const width = column.type.byteWidth ?? 0;
      return (row) => bytes.subarray(row * width, (row + 1) * width);
    }
    default:
      // Time, timestamp, duration: the other layouts never come here.
      return createCountReader(column);
  }
}
