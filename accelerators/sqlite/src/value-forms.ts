import { type DataType, DateUnit, FloatPrecision, type Schema, TypeId } from '@millrace/core';
import type { BoundParameter, SemanticsProfile, SourceColumn } from '@millrace/sql';
import { createProfile, NAN_TEXT, type SqliteValue, type SqliteValueForms, WIDE_DIGITS } from '@millrace/sqlite';
import { SHORT_DIGITS, storedTypeOf } from './stored-type.ts';

const INT64_LIMIT = 2n ** 63n;

/** Values as {@link STORAGE_RULES} keep them. */
export const storedForms: SqliteValueForms = {
  toSqliteValue,
  isListed: (type) => isTextual(type) || (isCounted(type) && !isWideUnsigned(type)),
};

/** The columns of a stored table, as filters and orders see them. */
export function toSourceColumns({ fields }: Schema): readonly SourceColumn[] {
  return fields.map((field) => {
    const stored = storedTypeOf(field.type);
    return {
      name: field.name,
      field,
      sourceType: stored?.declaration ?? '',
      ...(stored?.declaration === 'TEXT' && { collation: 'BINARY' }),
      isComparable: stored?.isComparable ?? false,
    };
  });
}

/** What SQLite's comparisons of stored values mean: the same as the engine's, as their forms were chosen for it. */
export function createStoredProfile(columns: readonly SourceColumn[]): SemanticsProfile {
  return {
    ...createProfile({ columns, isUtf8: true }),
    // Casts would see the storage, not the value.
    isEqualFunction: (name) => name === 'coalesce' || name === 'case',
    nan: 'same',
    infinity: 'same',
    infiniteTime: 'same',
  };
}

/** A bound value in the form in which the column has it; undefined for what cannot be bound so that it compares right. */
function toSqliteValue({ value, type }: BoundParameter): SqliteValue | undefined {
  if (Array.isArray(value)) return toJsonList({ value, type });
  if (value === null) return null;
  switch (type.typeId) {
    case TypeId.Bool:
      return typeof value === 'boolean' ? (value ? 1n : 0n) : undefined;
    case TypeId.Int:
      return isInteger(value) ? toInteger(BigInt(value)) : undefined;
    case TypeId.Float:
      if (typeof value !== 'number' || type.precision === FloatPrecision.Half) return undefined;
      return Number.isNaN(value) ? NAN_TEXT : value;
    case TypeId.Decimal:
      return typeof value === 'bigint' ? toUnscaled(value, type) : undefined;
    case TypeId.Date:
    case TypeId.Time:
    case TypeId.Timestamp:
    case TypeId.Duration:
      return isInteger(value) && !isMillisecondDate(type) ? BigInt(value) : undefined;
    case TypeId.Utf8:
    case TypeId.LargeUtf8:
      return typeof value === 'string' ? value : undefined;
    case TypeId.Binary:
    case TypeId.LargeBinary:
    case TypeId.FixedSizeBinary:
      return value instanceof Uint8Array ? value : undefined;
    default:
      return undefined;
  }
}

/** Beyond 64 bits there is no column that holds it, so that it compares as text: above every integer, as it should, or not at all. */
function toInteger(value: bigint): SqliteValue | undefined {
  if (value >= INT64_LIMIT) return String(value).padStart(WIDE_DIGITS, '0');
  return value >= -INT64_LIMIT ? value : undefined;
}

function toUnscaled(value: bigint, { precision = 38, bitWidth }: DataType): SqliteValue {
  if (precision <= SHORT_DIGITS) return value;
  const byteCount = bitWidth === 256 ? 32 : 16;
  const bytes = new Uint8Array(byteCount);
  let rest = BigInt.asUintN(byteCount * 8, value);
  for (let index = byteCount - 1; index >= 0; index--) {
    bytes[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  bytes[0]! ^= 0x80;
  return bytes;
}

/** A list as JSON, for `json_each`: integers and texts arrive there as they left. */
function toJsonList({ value, type }: BoundParameter): string | undefined {
  if (!storedForms.isListed(type)) return undefined;
  const items = (value as readonly BoundParameter['value'][]).map((item) => toSqliteValue({ value: item, type }));
  if (items.includes(undefined)) return undefined;
  return `[${items.map((item) => (typeof item === 'bigint' ? String(item) : JSON.stringify(item))).join(',')}]`;
}

function isInteger(value: BoundParameter['value']): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
}

function isTextual({ typeId }: DataType): boolean {
  return typeId === TypeId.Utf8 || typeId === TypeId.LargeUtf8;
}

function isCounted(type: DataType): boolean {
  const { typeId } = type;
  const isTime = typeId === TypeId.Time || typeId === TypeId.Timestamp || typeId === TypeId.Duration;
  return typeId === TypeId.Int || isTime || (typeId === TypeId.Date && !isMillisecondDate(type));
}

function isWideUnsigned({ typeId, bitWidth, isSigned }: DataType): boolean {
  return typeId === TypeId.Int && bitWidth === 64 && isSigned === false;
}

function isMillisecondDate({ typeId, unit }: DataType): boolean {
  return typeId === TypeId.Date && unit === DateUnit.Millisecond;
}
