import { type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import { type DataType, dataTypes, type Field, MillraceError, TimeUnit, TypeId, UnionMode } from '@millrace/core';
import { EXTENSION, extensionMetadata } from './extension.ts';

/** Decimal digits that a 128-bit integer needs; Arrow holds them in 256 bits, as 128 bits of decimal end at 38 digits. */
const HUGEINT_DIGITS = 39;

/** Arrow's type ids are signed bytes; DuckDB counts to 256. */
const MAX_UNION_MEMBERS = 128;

/**
 * Maps a DuckDB type to an Arrow field, exactly: {@link toLogicalType} of the field gives the same type again.
 *
 * What Arrow lacks keeps an Arrow storage type and a name in the field's metadata ({@link EXTENSION}). The field is nullable, as
 * DuckDB promises nothing about the nulls of a result.
 *
 * @throws MillraceError `unsupported_type` for VARIANT, whose rows each have a type of their own, for unions of more than 128
 * members, and for the binder's pseudo types.
 */
export function fromDuckDbType(name: string, type: DuckDBType): Field {
  const plain = plainType(type);
  if (plain !== undefined) {
    return { name, type: plain, nullable: true };
  }
  switch (type.typeId) {
    case DuckDBTypeId.VARCHAR:
      return type.alias === 'JSON'
        ? extensionField(name, dataTypes.utf8(), EXTENSION.json)
        : { name, type: dataTypes.utf8(), nullable: true };
    case DuckDBTypeId.UUID:
      return extensionField(name, dataTypes.fixedSizeBinary(16), EXTENSION.uuid);
    case DuckDBTypeId.HUGEINT:
      return extensionField(name, dataTypes.decimal(HUGEINT_DIGITS, 0), EXTENSION.hugeint);
    case DuckDBTypeId.UHUGEINT:
      return extensionField(name, dataTypes.decimal(HUGEINT_DIGITS, 0), EXTENSION.uhugeint);
    case DuckDBTypeId.BIT:
      return extensionField(name, dataTypes.utf8(), EXTENSION.bit);
    case DuckDBTypeId.TIME_TZ:
      return extensionField(name, dataTypes.utf8(), EXTENSION.timeWithZone);
    case DuckDBTypeId.BIGNUM:
      return extensionField(name, dataTypes.utf8(), EXTENSION.bignum);
    case DuckDBTypeId.GEOMETRY:
      return extensionField(
        name,
        dataTypes.binary(),
        EXTENSION.geometry,
        type.crs === undefined ? undefined : JSON.stringify({ crs: type.crs }),
      );
    case DuckDBTypeId.ENUM:
      return extensionField(name, enumDictionary(type.internalTypeId), EXTENSION.enum, JSON.stringify(type.values));
    case DuckDBTypeId.LIST:
      return nested(name, TypeId.List, [fromDuckDbType('item', type.valueType)]);
    case DuckDBTypeId.ARRAY:
      return nested(name, TypeId.FixedSizeList, [fromDuckDbType('item', type.valueType)], { listSize: type.length });
    case DuckDBTypeId.STRUCT:
      return nested(
        name,
        TypeId.Struct,
        type.entryTypes.map((entryType, index) => fromDuckDbType(type.entryNames[index] ?? '', entryType)),
      );
    case DuckDBTypeId.MAP: {
      const key: Field = { ...fromDuckDbType('key', type.keyType), nullable: false };
      const entries: Field = {
        name: 'entries',
        nullable: false,
        type: { typeId: TypeId.Struct, children: [key, fromDuckDbType('value', type.valueType)] },
      };
      return nested(name, TypeId.Map, [entries], { keysSorted: false });
    }
    case DuckDBTypeId.UNION:
      if (type.memberCount > MAX_UNION_MEMBERS) {
        throw unsupported(name, `UNION of ${type.memberCount} members`);
      }
      return nested(
        name,
        TypeId.Union,
        type.memberTypes.map((memberType, index) => fromDuckDbType(type.memberTags[index] ?? '', memberType)),
        { mode: UnionMode.Sparse, typeIds: type.memberTypes.map((_, index) => index) },
      );
    default:
      throw unsupported(name, type.toString());
  }
}

function plainType(type: DuckDBType): DataType | undefined {
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return dataTypes.bool();
    case DuckDBTypeId.TINYINT:
      return dataTypes.int8();
    case DuckDBTypeId.SMALLINT:
      return dataTypes.int16();
    case DuckDBTypeId.INTEGER:
      return dataTypes.int32();
    case DuckDBTypeId.BIGINT:
      return dataTypes.int64();
    case DuckDBTypeId.UTINYINT:
      return dataTypes.uint8();
    case DuckDBTypeId.USMALLINT:
      return dataTypes.uint16();
    case DuckDBTypeId.UINTEGER:
      return dataTypes.uint32();
    case DuckDBTypeId.UBIGINT:
      return dataTypes.uint64();
    case DuckDBTypeId.FLOAT:
      return dataTypes.float32();
    case DuckDBTypeId.DOUBLE:
      return dataTypes.float64();
    case DuckDBTypeId.DECIMAL:
      return dataTypes.decimal(type.width, type.scale);
    case DuckDBTypeId.BLOB:
      return dataTypes.binary();
    case DuckDBTypeId.DATE:
      return dataTypes.date();
    case DuckDBTypeId.TIME:
      return dataTypes.time(TimeUnit.Microsecond);
    case DuckDBTypeId.TIME_NS:
      return dataTypes.time(TimeUnit.Nanosecond);
    case DuckDBTypeId.TIMESTAMP_S:
      return dataTypes.timestamp(TimeUnit.Second);
    case DuckDBTypeId.TIMESTAMP_MS:
      return dataTypes.timestamp(TimeUnit.Millisecond);
    case DuckDBTypeId.TIMESTAMP:
      return dataTypes.timestamp(TimeUnit.Microsecond);
    case DuckDBTypeId.TIMESTAMP_NS:
      return dataTypes.timestamp(TimeUnit.Nanosecond);
    case DuckDBTypeId.TIMESTAMP_TZ:
      return dataTypes.timestamp(TimeUnit.Microsecond, 'UTC');
    case DuckDBTypeId.INTERVAL:
      return dataTypes.interval();
    case DuckDBTypeId.SQLNULL:
      return dataTypes.null();
    default:
      return undefined;
  }
}

/** DuckDB indexes an enum by the narrowest unsigned integer that counts its members. */
function enumDictionary(internalTypeId: DuckDBTypeId): DataType {
  return {
    typeId: TypeId.Dictionary,
    indices: enumIndices(internalTypeId),
    dictionary: dataTypes.utf8(),
    isOrdered: true,
  };
}

function enumIndices(internalTypeId: DuckDBTypeId): DataType {
  switch (internalTypeId) {
    case DuckDBTypeId.UTINYINT:
      return dataTypes.uint8();
    case DuckDBTypeId.USMALLINT:
      return dataTypes.uint16();
    default:
      return dataTypes.uint32();
  }
}

function unsupported(name: string, what: string): MillraceError {
  return new MillraceError({
    code: 'unsupported_type',
    component: 'duckdb',
    message: `column ${JSON.stringify(name)} has type ${what}, which Arrow cannot hold`,
    hint: 'Cast it in SQL, for example to JSON or VARCHAR',
  });
}

function extensionField(name: string, type: DataType, extension: string, detail?: string): Field {
  return { name, type, nullable: true, metadata: extensionMetadata(extension, detail) };
}

function nested(name: string, typeId: number, children: readonly Field[], rest?: Partial<DataType>): Field {
  return { name, nullable: true, type: { ...rest, typeId, children } };
}
