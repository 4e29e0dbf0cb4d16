import {
  ARRAY,
  BIGINT,
  BIGNUM,
  BIT,
  BLOB,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  DuckDBGeometryType,
  DuckDBStructType,
  type DuckDBType,
  DuckDBUnionType,
  DuckDBVarCharType,
  ENUM,
  FLOAT,
  HUGEINT,
  INTEGER,
  INTERVAL,
  LIST,
  MAP,
  SMALLINT,
  SQLNULL,
  TIME,
  TIME_NS,
  TIMESTAMP,
  TIMESTAMP_MS,
  TIMESTAMP_NS,
  TIMESTAMP_S,
  TIMESTAMPTZ,
  TIMETZ,
  TINYINT,
  UBIGINT,
  UHUGEINT,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  UUID,
  VARCHAR,
} from '@duckdb/node-api';
import { type DataType, type Field, FloatPrecision, MillraceError, TimeUnit, TypeId } from '@millrace/core';
import { EXTENSION, extensionDetail, extensionName } from './extension.ts';

/** DuckDB's widest decimal. */
const MAX_DECIMAL_DIGITS = 38;

/** DuckDB's longest ARRAY. */
const MAX_ARRAY_LENGTH = 100_000;

/**
 * Maps an Arrow field to the DuckDB type that holds all its values, exactly; a name in the field's metadata
 * ({@link EXTENSION}) restores the DuckDB type that it came from.
 *
 * Instants (timestamps with a zone) of every unit become TIMESTAMPTZ, which counts microseconds: whoever moves the values fails on
 * what does not fit. A dictionary becomes its value type, unless the metadata names an enum's members.
 *
 * @throws MillraceError `unsupported_type` for decimals beyond 38 digits or with a negative scale, structs without fields or with
 * names that differ only by case, fixed-size lists longer than 100,000, and unknown type ids.
 */
export function toLogicalType(field: Field): DuckDBType {
  return extensionType(field) ?? storageType(field);
}

/** The type that the metadata names, where the storage is the one which that name belongs to; foreign names are ignored. */
function extensionType(field: Field): DuckDBType | undefined {
  const { typeId } = field.type;
  switch (extensionName(field)) {
    case EXTENSION.uuid:
      return typeId === TypeId.FixedSizeBinary && field.type.byteWidth === 16 ? UUID : undefined;
    case EXTENSION.json:
      return isText(typeId) ? DuckDBVarCharType.create('JSON') : undefined;
    case EXTENSION.bit:
      return isText(typeId) ? BIT : undefined;
    case EXTENSION.timeWithZone:
      return isText(typeId) ? TIMETZ : undefined;
    case EXTENSION.bignum:
      return isText(typeId) ? BIGNUM : undefined;
    case EXTENSION.hugeint:
      return typeId === TypeId.Decimal && field.type.scale === 0 ? HUGEINT : undefined;
    case EXTENSION.uhugeint:
      return typeId === TypeId.Decimal && field.type.scale === 0 ? UHUGEINT : undefined;
    case EXTENSION.geometry:
      return typeId === TypeId.Binary || typeId === TypeId.LargeBinary
        ? DuckDBGeometryType.create(undefined, coordinateSystem(field))
        : undefined;
    case EXTENSION.enum:
      return typeId === TypeId.Dictionary ? enumType(field) : undefined;
    default:
      return undefined;
  }
}

function storageType(field: Field): DuckDBType {
  const { type } = field;
  switch (type.typeId) {
    case TypeId.Null:
      return SQLNULL;
    case TypeId.Bool:
      return BOOLEAN;
    case TypeId.Int:
      return integerType(field);
    case TypeId.Float:
      return type.precision === FloatPrecision.Double ? DOUBLE : FLOAT;
    case TypeId.Decimal:
      return decimalType(field);
    case TypeId.Utf8:
    case TypeId.LargeUtf8:
      return VARCHAR;
    case TypeId.Binary:
    case TypeId.LargeBinary:
    case TypeId.FixedSizeBinary:
      return BLOB;
    case TypeId.Date:
      return DATE;
    case TypeId.Time:
      return type.unit === TimeUnit.Nanosecond ? TIME_NS : TIME;
    case TypeId.Timestamp:
      return timestampType(field);
    case TypeId.Duration:
    case TypeId.Interval:
      return INTERVAL;
    case TypeId.List:
    case TypeId.LargeList:
      return LIST(toLogicalType(onlyChild(field)));
    case TypeId.FixedSizeList:
      return arrayType(field);
    case TypeId.Struct:
      return structType(field);
    case TypeId.Map:
      return mapType(field);
    case TypeId.Union:
      return unionType(field);
    case TypeId.Dictionary:
      return toLogicalType({ name: field.name, nullable: field.nullable, type: dictionaryValues(field) });
    default:
      throw unsupported(field, `Arrow type id ${type.typeId}`);
  }
}

function integerType(field: Field): DuckDBType {
  const { bitWidth, isSigned } = field.type;
  switch (bitWidth) {
    case 8:
      return isSigned ? TINYINT : UTINYINT;
    case 16:
      return isSigned ? SMALLINT : USMALLINT;
    case 32:
      return isSigned ? INTEGER : UINTEGER;
    case 64:
      return isSigned ? BIGINT : UBIGINT;
    default:
      throw unsupported(field, `an integer of ${bitWidth} bits`);
  }
}

function decimalType(field: Field): DuckDBType {
  const { precision = 0, scale = 0 } = field.type;
  if (precision < 1 || precision > MAX_DECIMAL_DIGITS || scale < 0 || scale > precision) {
    throw unsupported(
      field,
      `decimal(${precision},${scale})`,
      'DuckDB holds at most 38 digits; round it at the source, or read it as text',
    );
  }
  return DECIMAL(precision, scale);
}

function timestampType(field: Field): DuckDBType {
  const { unit, timezone } = field.type;
  if (typeof timezone === 'string' && timezone !== '') {
    return TIMESTAMPTZ;
  }
  switch (unit) {
    case TimeUnit.Second:
      return TIMESTAMP_S;
    case TimeUnit.Millisecond:
      return TIMESTAMP_MS;
    case TimeUnit.Microsecond:
      return TIMESTAMP;
    case TimeUnit.Nanosecond:
      return TIMESTAMP_NS;
    default:
      throw unsupported(field, `a timestamp of unit ${unit}`);
  }
}

function arrayType(field: Field): DuckDBType {
  const length = field.type.listSize ?? 0;
  if (length < 1 || length > MAX_ARRAY_LENGTH) {
    throw unsupported(field, `a fixed-size list of ${length} items`, 'DuckDB holds 1 to 100,000; use a list');
  }
  return ARRAY(toLogicalType(onlyChild(field)), length);
}

function structType(field: Field): DuckDBType {
  const children = field.type.children ?? [];
  if (children.length === 0) {
    throw unsupported(field, 'a struct without fields');
  }
  const named = new Set(children.map((child) => child.name.toLowerCase()));
  if (named.size !== children.length && children.some((child) => child.name !== '')) {
    throw unsupported(field, 'a struct with field names that differ only by case', 'Rename one of them at the source');
  }
  return new DuckDBStructType(
    children.map((child) => child.name),
    children.map(toLogicalType),
  );
}

function mapType(field: Field): DuckDBType {
  const [key, value] = onlyChild(field).type.children ?? [];
  if (key === undefined || value === undefined) {
    throw unsupported(field, 'a map without key and value');
  }
  return MAP(toLogicalType(key), toLogicalType(value));
}

function unionType(field: Field): DuckDBType {
  const children = field.type.children ?? [];
  if (children.length === 0) {
    throw unsupported(field, 'a union without members');
  }
  return new DuckDBUnionType(
    children.map((child) => child.name),
    children.map(toLogicalType),
  );
}

function enumType(field: Field): DuckDBType | undefined {
  const members: unknown = parseJson(extensionDetail(field));
  return Array.isArray(members) && members.every((member) => typeof member === 'string') ? ENUM(members) : undefined;
}

function coordinateSystem(field: Field): string | undefined {
  const detail = parseJson(extensionDetail(field));
  return typeof detail === 'object' && detail !== null && 'crs' in detail && typeof detail.crs === 'string'
    ? detail.crs
    : undefined;
}

/** Extension metadata comes from anywhere; what is no JSON says nothing. */
function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isText(typeId: number): boolean {
  return typeId === TypeId.Utf8 || typeId === TypeId.LargeUtf8;
}

function onlyChild(field: Field): Field {
  const child = field.type.children?.[0];
  if (child === undefined) {
    throw unsupported(field, 'a nested type without children');
  }
  return child;
}

function dictionaryValues(field: Field): DataType {
  if (field.type.dictionary === undefined) {
    throw unsupported(field, 'a dictionary without a value type');
  }
  return field.type.dictionary;
}

function unsupported(field: Field, what: string, hint = 'Read it as another type at the source'): MillraceError {
  return new MillraceError({
    code: 'unsupported_type',
    component: 'duckdb',
    message: `column ${JSON.stringify(field.name)} has ${what}, which DuckDB cannot hold`,
    hint,
  });
}
