import { type DuckDBDecimalType, type DuckDBEnumType, type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import { type ColumnData, type DataType, dataTypes, MillraceError } from '@millrace/core';
import { ArrayReader } from './array-reader.ts';
import { BoolReader } from './bool-reader.ts';
import { BytesReader } from './bytes-reader.ts';
import type { ColumnReader } from './column-reader.ts';
import { bignumText, bitText, timeWithZoneText } from './decoded-text.ts';
import { DecodedTextReader, eightBytes, entryBytes } from './decoded-text-reader.ts';
import { EnumReader } from './enum-reader.ts';
import {
  INTERVAL_LAYOUT,
  sameLayout,
  UNSIGNED_HUGE_LAYOUT,
  UUID_LAYOUT,
  widenedInteger,
} from './fixed-width-layouts.ts';
import { type FixedWidthLayout, FixedWidthReader } from './fixed-width-reader.ts';
import { ListReader } from './list-reader.ts';
import { NullReader } from './null-reader.ts';
import { StructReader } from './struct-reader.ts';
import { UnionReader } from './union-reader.ts';

const DECIMAL_WORDS = 4;
const DECIMAL256_WORDS = 8;

/**
 * The reader for a column of a DuckDB type.
 *
 * @param arrow the Arrow type that `fromDuckDbType` gives for `type`.
 */
export function createColumnReader(type: DuckDBType, arrow: DataType): ColumnReader {
  const layout = fixedWidthLayout(type);
  if (layout !== undefined) {
    return new FixedWidthReader(arrow, layout);
  }
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return new BoolReader();
    case DuckDBTypeId.VARCHAR:
    case DuckDBTypeId.BLOB:
    case DuckDBTypeId.GEOMETRY:
      return new BytesReader(arrow);
    case DuckDBTypeId.BIT:
      return new DecodedTextReader(entryBytes, bitText);
    case DuckDBTypeId.BIGNUM:
      return new DecodedTextReader(entryBytes, bignumText);
    case DuckDBTypeId.TIME_TZ:
      return new DecodedTextReader(eightBytes, timeWithZoneText);
    case DuckDBTypeId.ENUM:
      return new EnumReader(arrow, enumIndexWidth(type), textColumn(type.values));
    case DuckDBTypeId.LIST:
      return new ListReader(arrow, createColumnReader(type.valueType, childType(arrow, 0)));
    case DuckDBTypeId.MAP: {
      const entries = childType(arrow, 0);
      const key = createColumnReader(type.keyType, childType(entries, 0));
      const value = createColumnReader(type.valueType, childType(entries, 1));
      return new ListReader(arrow, new StructReader(entries, [key, value]));
    }
    case DuckDBTypeId.ARRAY:
      return new ArrayReader(arrow, type.length, createColumnReader(type.valueType, childType(arrow, 0)));
    case DuckDBTypeId.STRUCT:
      return new StructReader(
        arrow,
        type.entryTypes.map((entry, index) => createColumnReader(entry, childType(arrow, index))),
      );
    case DuckDBTypeId.UNION:
      return new UnionReader(
        arrow,
        type.memberTypes.map((member, index) => createColumnReader(member, childType(arrow, index))),
      );
    case DuckDBTypeId.SQLNULL:
      return new NullReader();
    default:
      throw new MillraceError({
        code: 'unsupported_type',
        component: 'duckdb',
        message: `a result of type ${type.toString()} cannot be read`,
        hint: 'Cast it in SQL, for example to JSON or VARCHAR',
      });
  }
}

function fixedWidthLayout(type: DuckDBType): FixedWidthLayout | undefined {
  switch (type.typeId) {
    case DuckDBTypeId.TINYINT:
      return sameLayout(Int8Array, 1);
    case DuckDBTypeId.SMALLINT:
      return sameLayout(Int16Array, 2);
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.DATE:
      return sameLayout(Int32Array, 4);
    case DuckDBTypeId.UTINYINT:
      return sameLayout(Uint8Array, 1);
    case DuckDBTypeId.USMALLINT:
      return sameLayout(Uint16Array, 2);
    case DuckDBTypeId.UINTEGER:
      return sameLayout(Uint32Array, 4);
    case DuckDBTypeId.UBIGINT:
      return sameLayout(BigUint64Array, 8);
    case DuckDBTypeId.FLOAT:
      return sameLayout(Float32Array, 4);
    case DuckDBTypeId.DOUBLE:
      return sameLayout(Float64Array, 8);
    // Infinite dates and timestamps are the extremes of their integers and pass as these.
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.TIME:
    case DuckDBTypeId.TIME_NS:
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return sameLayout(BigInt64Array, 8);
    case DuckDBTypeId.DECIMAL:
      return decimalLayout(type);
    case DuckDBTypeId.HUGEINT:
      return widenedInteger(16, DECIMAL256_WORDS);
    case DuckDBTypeId.UHUGEINT:
      return UNSIGNED_HUGE_LAYOUT;
    case DuckDBTypeId.UUID:
      return UUID_LAYOUT;
    case DuckDBTypeId.INTERVAL:
      return INTERVAL_LAYOUT;
    default:
      return undefined;
  }
}

/** DuckDB holds a decimal in the narrowest integer that its digits fit. */
function decimalLayout({ width }: DuckDBDecimalType): FixedWidthLayout {
  if (width <= 4) {
    return widenedInteger(2, DECIMAL_WORDS);
  }
  if (width <= 9) {
    return widenedInteger(4, DECIMAL_WORDS);
  }
  return width <= 18 ? widenedInteger(8, DECIMAL_WORDS) : sameLayout(Uint32Array, 4, DECIMAL_WORDS);
}

function enumIndexWidth(type: DuckDBEnumType): 1 | 2 | 4 {
  switch (type.internalTypeId) {
    case DuckDBTypeId.UTINYINT:
      return 1;
    case DuckDBTypeId.USMALLINT:
      return 2;
    default:
      return 4;
  }
}

function textColumn(texts: readonly string[]): ColumnData {
  const values = new TextEncoder().encode(texts.join(''));
  const valueOffsets = new Int32Array(texts.length + 1);
  for (const [index, text] of texts.entries()) {
    valueOffsets[index + 1] = (valueOffsets[index] as number) + Buffer.byteLength(text);
  }
  const type = dataTypes.utf8();
  return { type, length: texts.length, offset: 0, nullCount: 0, values, valueOffsets, children: [] };
}

function childType(parent: DataType, index: number): DataType {
  const child = parent.children?.[index];
  if (child === undefined) {
    throw new TypeError('the Arrow type does not belong to the DuckDB type');
  }
  return child.type;
}
