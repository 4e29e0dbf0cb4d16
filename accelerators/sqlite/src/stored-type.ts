import { type DataType, DateUnit, dataTypes, FloatPrecision, IntervalUnit, TimeUnit, TypeId } from '@millrace/core';
import type { ColumnCodec } from '@millrace/sqlite';

/** How the values of one type are kept and read back. */
export interface StoredType {
  /** The declared type; empty where SQLite shall keep what it is given as it is. */
  readonly declaration: 'INTEGER' | 'TEXT' | 'BLOB' | '';
  readonly codec: ColumnCodec;
  /** What the codec packs; the column's own type is made of it. */
  readonly packed: DataType;
  /** Whether stored values compare as those of the type do. */
  readonly isComparable: boolean;
  /** Whether values are blobs that hold one value of any type, made of {@link packValue}. */
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

/** Digits of a decimal whose unscaled value 64 bits always hold. */
export const SHORT_DIGITS = 18;

const INT64: ColumnCodec = { kind: 'int', bitWidth: 64, isSigned: true };
const INT32: ColumnCodec = { kind: 'int', bitWidth: 32, isSigned: true };

const ofType =
  (...typeIds: readonly number[]) =>
  ({ typeId }: DataType): boolean =>
    typeIds.includes(typeId);

function plain(
  declaration: StoredType['declaration'],
  codec: ColumnCodec,
  packed: DataType,
  isComparable: 'comparable' | 'opaque' = 'comparable',
): StoredType {
  return { declaration, codec, packed, isComparable: isComparable === 'comparable', isPacked: false };
}

/** Counts since an epoch, days or units of time. */
function storeCount(type: DataType): StoredType {
  const isNarrow =
    (type.typeId === TypeId.Date && type.unit !== DateUnit.Millisecond) ||
    (type.typeId === TypeId.Time && (type.bitWidth ?? ((type.unit ?? 2) <= TimeUnit.Millisecond ? 32 : 64)) === 32);
  const isWholeDays = type.typeId === TypeId.Date && type.unit === DateUnit.Millisecond;
  return plain('INTEGER', isNarrow ? INT32 : INT64, type, isWholeDays ? 'opaque' : 'comparable');
}

function storeInteger(type: DataType): StoredType {
  const bitWidth = (type.bitWidth ?? 32) as 8 | 16 | 32 | 64;
  const isSigned = type.isSigned ?? true;
  if (bitWidth === 64 && !isSigned) return plain('', { kind: 'any_uint64' }, type);
  return plain('INTEGER', { kind: 'int', bitWidth, isSigned }, type);
}

function storeFloat(type: DataType): StoredType {
  const { precision } = type;
  if (precision === FloatPrecision.Half)
    return plain('INTEGER', { kind: 'int', bitWidth: 16, isSigned: false }, type, 'opaque');
  return plain('', { kind: 'any_float', bitWidth: precision === FloatPrecision.Single ? 32 : 64 }, type);
}

function intervalBytes({ unit }: DataType): number {
  return unit === IntervalUnit.YearMonth ? 4 : unit === IntervalUnit.DayTime ? 8 : 16;
}

function isShortDecimal({ typeId, precision = 38 }: DataType): boolean {
  return typeId === TypeId.Decimal && precision <= SHORT_DIGITS;
}

const unscaled = ({ bitWidth }: DataType): ColumnCodec => ({ kind: 'unscaled', wordCount: bitWidth === 256 ? 8 : 4 });

/** How each type is kept; the first rule that matches counts. A type that matches none is refused. */
export const STORAGE_RULES: readonly StorageRule[] = [
  {
    types: 'bool',
    storage: 'INTEGER 0 or 1',
    pushed: 'yes',
    matches: ofType(TypeId.Bool),
    store: (type) => plain('INTEGER', { kind: 'bool' }, type),
  },
  {
    types: 'integers of 8 to 64 bits, uint8 to uint32',
    storage: 'INTEGER',
    pushed: 'yes',
    matches: (type) => type.typeId === TypeId.Int && !(type.bitWidth === 64 && type.isSigned === false),
    store: storeInteger,
  },
  {
    types: 'uint64',
    storage: 'integer below 2^63, above it TEXT of 20 digits, which sorts behind',
    pushed: 'yes',
    matches: ofType(TypeId.Int),
    store: storeInteger,
  },
  {
    types: 'float16',
    storage: 'INTEGER, its bits',
    pushed: 'no',
    matches: (type) => type.typeId === TypeId.Float && type.precision === FloatPrecision.Half,
    store: storeFloat,
  },
  {
    types: 'float32, float64',
    storage: 'real, -0 and infinities included; NaN is the text `NaN`, which sorts behind',
    pushed: 'yes',
    matches: ofType(TypeId.Float),
    store: storeFloat,
  },
  {
    types: 'decimals of up to 18 digits',
    storage: 'INTEGER without the point: 12.50 of decimal(10, 2) is 1250',
    pushed: 'yes',
    matches: isShortDecimal,
    store: (type) => plain('INTEGER', unscaled(type), type),
  },
  {
    types: 'decimals of more digits, of 128 and 256 bits',
    storage:
      'BLOB of 16 or 32 bytes without the point, high byte first, sign bit flipped, so that bytes sort as numbers',
    pushed: 'yes',
    matches: ofType(TypeId.Decimal),
    store: (type) => plain('BLOB', unscaled(type), type),
  },
  {
    types: 'utf8, large utf8',
    storage: 'TEXT, compared by bytes',
    pushed: 'yes',
    matches: ofType(TypeId.Utf8, TypeId.LargeUtf8),
    store: () => plain('TEXT', { kind: 'text' }, dataTypes.utf8()),
  },
  {
    types: 'binary, large binary',
    storage: 'BLOB',
    pushed: 'yes',
    matches: ofType(TypeId.Binary, TypeId.LargeBinary),
    store: () => plain('BLOB', { kind: 'binary' }, dataTypes.binary()),
  },
  {
    types: 'fixed-size binary',
    storage: 'BLOB of that size',
    pushed: 'yes',
    matches: ofType(TypeId.FixedSizeBinary),
    store: (type) => plain('BLOB', { kind: 'fixed_binary', byteWidth: type.byteWidth ?? 0 }, type),
  },
  {
    types: 'date in days, time, timestamp (with or without a zone), duration, of every unit',
    storage: 'INTEGER, the count of the unit since its epoch',
    pushed: 'yes',
    matches: (type) =>
      ofType(TypeId.Time, TypeId.Timestamp, TypeId.Duration)(type) ||
      (type.typeId === TypeId.Date && type.unit !== DateUnit.Millisecond),
    store: storeCount,
  },
  {
    types: 'date in milliseconds',
    storage: 'INTEGER, milliseconds since 1970-01-01',
    pushed: 'no',
    matches: ofType(TypeId.Date),
    store: storeCount,
  },
  {
    types: 'interval',
    storage: 'BLOB of 4, 8 or 16 bytes, as Arrow lays it out',
    pushed: 'no',
    matches: ofType(TypeId.Interval),
    store: (type) => plain('BLOB', { kind: 'fixed_binary', byteWidth: intervalBytes(type) }, type, 'opaque'),
  },
  {
    types: 'dictionary of utf8',
    storage: 'TEXT, its values; read back as a dictionary',
    pushed: 'yes',
    matches: ({ typeId, dictionary }) => typeId === TypeId.Dictionary && dictionary?.typeId === TypeId.Utf8,
    store: () => plain('TEXT', { kind: 'text' }, dataTypes.utf8()),
  },
  {
    types: 'list, large list, fixed-size list, struct, map, union, other dictionaries, null',
    storage: 'BLOB, the value in the form of structured clones (`v8.serialize`)',
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
    store: () => ({ ...plain('BLOB', { kind: 'binary' }, dataTypes.binary(), 'opaque'), isPacked: true }),
  },
];

/** How a type is kept; undefined for one that is not known, itself or deeper in it. */
export function storedTypeOf(type: DataType): StoredType | undefined {
  const inner = [...(type.children ?? []).map((child) => child.type), ...(type.dictionary ? [type.dictionary] : [])];
  if (inner.some((one) => storedTypeOf(one) === undefined)) return undefined;
  return STORAGE_RULES.find((rule) => rule.matches(type))?.store(type);
}
