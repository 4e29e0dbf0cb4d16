import { DuckDBTypeId } from '@duckdb/node-api';
import { TypeId } from '@millrace/core';
import { checkSameType } from './check-type.ts';
import { type ColumnSource, columnError, type WriteRows } from './column-source.ts';
import { checkNullBitmap } from './validity.ts';
import { createDictionaryWriter } from './write-dictionary.ts';
import { createBooleanWriter, createCopyWriter, createFloatWriter, createNullWriter } from './write-fixed-width.ts';
import { createArrayWriter, createListWriter, createMapWriter, createStructWriter } from './write-nested.ts';
import { createDateWriter, createIntervalWriter, createTimestampWriter, createTimeWriter } from './write-temporal.ts';
import { createBinaryWriter, createGeometryWriter, createTextWriter } from './write-text.ts';
import { createUnionWriter } from './write-union.ts';
import {
  createDecimalWriter,
  createHugeIntWriter,
  createUnsignedHugeIntWriter,
  createUuidWriter,
} from './write-wide-integers.ts';

/**
 * Makes the function that writes a column's rows into DuckDB vectors of `source.target`.
 *
 * `target` is what {@link carrierType} makes of `toLogicalType(source.field)`. All buffers are checked here, so that
 * the function may copy them blindly.
 *
 * @throws MillraceError `schema_mismatch` when the column's type is not its field's, `invalid_data` for missing or short buffers.
 */
export function createWriter(source: ColumnSource): WriteRows {
  const { column, target, path } = source;
  checkSameType(source);
  checkNullBitmap(column, path);
  switch (column.type.typeId) {
    case TypeId.Null:
      return createNullWriter();
    case TypeId.Dictionary:
      return createDictionaryWriter(source, createWriter);
    case TypeId.Union:
      return createUnionWriter(source, createWriter);
    default:
  }
  switch (target.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return createBooleanWriter(source);
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.USMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.UBIGINT:
      return createCopyWriter(source, (column.type.bitWidth ?? 0) >> 3);
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return createFloatWriter(source);
    case DuckDBTypeId.DECIMAL:
      return createDecimalWriter(source, target.width);
    case DuckDBTypeId.HUGEINT:
      return createHugeIntWriter(source);
    case DuckDBTypeId.UHUGEINT:
      return createUnsignedHugeIntWriter(source);
    case DuckDBTypeId.UUID:
      return createUuidWriter(source);
    case DuckDBTypeId.VARCHAR:
      return createTextWriter(source);
    case DuckDBTypeId.BLOB:
      return createBinaryWriter(source);
    case DuckDBTypeId.GEOMETRY:
      return createGeometryWriter(source);
    case DuckDBTypeId.DATE:
      return createDateWriter(source);
    case DuckDBTypeId.TIME:
    case DuckDBTypeId.TIME_NS:
      return createTimeWriter(source);
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_NS:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return createTimestampWriter(source);
    case DuckDBTypeId.INTERVAL:
      return createIntervalWriter(source);
    case DuckDBTypeId.LIST:
      return createListWriter(source, target.valueType, createWriter);
    case DuckDBTypeId.ARRAY:
      return createArrayWriter(source, target, createWriter);
    case DuckDBTypeId.MAP:
      return createMapWriter(source, target, createWriter);
    case DuckDBTypeId.STRUCT:
      return createStructWriter(source, target.entryTypes, createWriter);
    default:
      throw columnError(path, `cannot be written as ${target.toString()}`, 'unsupported_type');
  }
}
