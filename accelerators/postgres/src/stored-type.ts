import { type DataType, DateUnit, dataTypes, FloatPrecision, TimeUnit, TypeId } from '@millrace/core';
import { type ParameterForm, parameterForm, TEXT_FORM, type WireType } from '@millrace/postgres';

/** How the values of one type are kept and read back. */
export interface StoredType {
  /** The declared type. */
  readonly sqlType: string;
  /** How the server sends values. */
  readonly wire: WireType;
  /** As what values of filters are sent; undefined where stored values do not compare as those of the type do. */
  readonly form: ParameterForm | undefined;
  /** Whether values are bytes that hold one value of any type, made by `packValue`. */
  readonly isPacked: boolean;
}

/** One row of the table of types. */
export interface StorageRule {
  /** The types, for the README. */
  readonly types: string;
  /** The storage, for the README. */
  readonly storage: string;
  /** Whether filters and orders on such columns are pushed, for the README. */
  readonly pushed: 'yes' | 'no';
  readonly matches: (type: DataType) => boolean;
  readonly store: (type: DataType) => StoredType;
}

const MAX_DIGITS = 38;

const BYTEA: WireType = { kind: 'bytes', oid: 17, form: 'plain', type: dataTypes.binary() };
const TEXT: WireType = { kind: 'bytes', oid: 25, form: 'plain', type: dataTypes.utf8() };
const INT8: WireType = { kind: 'int64', oid: 20, type: dataTypes.int64() };
const INT4: WireType = { kind: 'int32', oid: 23 };

const ofType =
  (...typeIds: readonly number[]) =>
  ({ typeId }: DataType): boolean =>
    typeIds.includes(typeId);

function comparable(sqlType: string, wire: WireType, form: ParameterForm | undefined): StoredType {
  return { sqlType, wire, form, isPacked: false };
}

function opaque(sqlType: string, wire: WireType): StoredType {
  return { sqlType, wire, form: undefined, isPacked: false };
}

function storeInteger(type: DataType): StoredType {
  const { bitWidth = 64, isSigned = true } = type;
  const form = parameterForm(type);
  if (bitWidth === 64 && !isSigned)
    return comparable('numeric(20, 0)', { kind: 'decimal', oid: 1700, precision: 20, scale: 0 }, form);
  const width = isSigned ? bitWidth : bitWidth * 2;
  if (width <= 16) return comparable('smallint', { kind: 'int16', oid: 21 }, form);
  return width <= 32 ? comparable('integer', INT4, form) : comparable('bigint', INT8, form);
}

/** Counts of units since an epoch. */
function storeCount(type: DataType): StoredType {
  const isShort = type.typeId === TypeId.Time && (type.unit ?? TimeUnit.Microsecond) <= TimeUnit.Millisecond;
  const form = parameterForm(isShort ? dataTypes.int32() : dataTypes.int64());
  return isShort ? comparable('integer', INT4, form) : comparable('bigint', INT8, form);
}

function isMicroseconds({ unit }: DataType): boolean {
  return unit === TimeUnit.Microsecond;
}

function isServerDecimal({ typeId, precision = MAX_DIGITS, scale = 0, bitWidth = 128 }: DataType): boolean {
  return typeId === TypeId.Decimal && bitWidth === 128 && precision <= MAX_DIGITS && scale >= 0 && scale <= precision;
}

/** How each type is kept; the first rule that matches counts. A type that matches none is refused. */
export const STORAGE_RULES: readonly StorageRule[] = [
  {
    types: 'bool',
    storage: 'boolean',
    pushed: 'yes',
    matches: ofType(TypeId.Bool),
    store: (type) => comparable('boolean', { kind: 'bool', oid: 16 }, parameterForm(type)),
  },
  {
    types: 'int8, int16, uint8',
    storage: 'smallint',
    pushed: 'yes',
    matches: ({ typeId, bitWidth = 64, isSigned = true }) =>
      typeId === TypeId.Int && (bitWidth === 8 || (bitWidth === 16 && isSigned)),
    store: storeInteger,
  },
  {
    types: 'int32, uint16',
    storage: 'integer',
    pushed: 'yes',
    matches: ({ typeId, bitWidth = 64, isSigned = true }) =>
      typeId === TypeId.Int && (bitWidth === 16 || (bitWidth === 32 && isSigned)),
    store: storeInteger,
  },
  {
    types: 'int64, uint32',
    storage: 'bigint',
    pushed: 'yes',
    matches: ({ typeId, bitWidth = 64, isSigned = true }) => typeId === TypeId.Int && (bitWidth === 32 || isSigned),
    store: storeInteger,
  },
  {
    types: 'uint64',
    storage: 'numeric(20, 0)',
    pushed: 'yes',
    matches: ofType(TypeId.Int),
    store: storeInteger,
  },
  {
    types: 'float16',
    storage: 'integer, its bits',
    pushed: 'no',
    matches: (type) => type.typeId === TypeId.Float && type.precision === FloatPrecision.Half,
    store: () => opaque('integer', INT4),
  },
  {
    types: 'float32',
    storage: 'real, -0, infinities and NaN included',
    pushed: 'yes',
    matches: (type) => type.typeId === TypeId.Float && type.precision === FloatPrecision.Single,
    store: (type) => comparable('real', { kind: 'float32', oid: 700 }, parameterForm(type)),
  },
  {
    types: 'float64',
    storage: 'double precision, -0, infinities and NaN included',
    pushed: 'yes',
    matches: ofType(TypeId.Float),
    store: (type) => comparable('double precision', { kind: 'float64', oid: 701 }, parameterForm(type)),
  },
  {
    types: 'decimal(p, s) of up to 38 digits',
    storage: 'numeric(p, s)',
    pushed: 'yes',
    matches: isServerDecimal,
    store: (type) => {
      const { precision = MAX_DIGITS, scale = 0 } = type;
      const wire: WireType = { kind: 'decimal', oid: 1700, precision, scale };
      return comparable(`numeric(${precision}, ${scale})`, wire, parameterForm(type));
    },
  },
  {
    types: 'decimals of more digits, or with a negative scale',
    storage: 'bytea, 16 or 32 bytes without the point, low byte first',
    pushed: 'no',
    matches: ofType(TypeId.Decimal),
    store: () => opaque('bytea', BYTEA),
  },
  {
    types: 'utf8, large utf8',
    storage: 'text COLLATE "C", without the character NUL',
    pushed: 'yes',
    matches: ofType(TypeId.Utf8, TypeId.LargeUtf8),
    store: () => comparable('text COLLATE "C"', TEXT, TEXT_FORM),
  },
  {
    types: 'binary, large binary, fixed-size binary',
    storage: 'bytea',
    pushed: 'yes',
    matches: ofType(TypeId.Binary, TypeId.LargeBinary, TypeId.FixedSizeBinary),
    store: (type) => comparable('bytea', BYTEA, parameterForm(type)),
  },
  {
    types: 'date in days',
    storage: 'date, from 4714 BC on',
    pushed: 'yes',
    matches: (type) => type.typeId === TypeId.Date && type.unit !== DateUnit.Millisecond,
    store: (type) => comparable('date', { kind: 'date', oid: 1082 }, parameterForm(type)),
  },
  {
    types: 'timestamp in microseconds, without and with a zone',
    storage: 'timestamp and timestamptz, from 4714 BC on',
    pushed: 'yes',
    matches: (type) => type.typeId === TypeId.Timestamp && isMicroseconds(type),
    store: (type) => {
      const isZoned = typeof type.timezone === 'string';
      const wire: WireType = { kind: 'timestamp', oid: isZoned ? 1184 : 1114, type };
      return comparable(isZoned ? 'timestamptz' : 'timestamp', wire, parameterForm(type));
    },
  },
  {
    types: 'time in microseconds',
    storage: 'time',
    pushed: 'yes',
    matches: (type) => type.typeId === TypeId.Time && isMicroseconds(type),
    store: (type) => comparable('time', { kind: 'int64', oid: 1083, type }, parameterForm(type)),
  },
  {
    types: 'timestamp and time in other units, duration',
    storage: 'bigint, time in seconds and milliseconds integer: the count of the unit',
    pushed: 'yes',
    matches: ofType(TypeId.Time, TypeId.Timestamp, TypeId.Duration),
    store: storeCount,
  },
  {
    types: 'date in milliseconds',
    storage: 'bigint, milliseconds since 1970-01-01',
    pushed: 'no',
    matches: ofType(TypeId.Date),
    store: () => opaque('bigint', INT8),
  },
  {
    types: 'interval',
    storage: 'bytea of 4, 8 or 16 bytes, as Arrow lays it out',
    pushed: 'no',
    matches: ofType(TypeId.Interval),
    store: () => opaque('bytea', BYTEA),
  },
  {
    types: 'dictionary of utf8',
    storage: 'text COLLATE "C", its values; read back as a dictionary',
    pushed: 'yes',
    matches: ({ typeId, dictionary }) => typeId === TypeId.Dictionary && dictionary?.typeId === TypeId.Utf8,
    store: () => comparable('text COLLATE "C"', TEXT, TEXT_FORM),
  },
  {
    types: 'list, large list, fixed-size list, struct, map, union, other dictionaries, null',
    storage: 'bytea, the value in the form of structured clones (`v8.serialize`)',
    pushed: 'no',
    matches: ofType(
      TypeId.Null,
      TypeId.List,
      TypeId.LargeList,
      TypeId.FixedSizeList,
      TypeId.Struct,
      TypeId.Map,
      TypeId.Union,
      TypeId.Dictionary,
    ),
    store: () => ({ ...opaque('bytea', BYTEA), isPacked: true }),
  },
];

/** How a type is kept; undefined for one that is not known, itself or deeper in it. */
export function storedTypeOf(type: DataType): StoredType | undefined {
  const inner = [...(type.children ?? []).map((child) => child.type), ...(type.dictionary ? [type.dictionary] : [])];
  if (inner.some((one) => storedTypeOf(one) === undefined)) return undefined;
  return STORAGE_RULES.find((rule) => rule.matches(type))?.store(type);
}
