import { type RowValue, uniqueNames } from '@millrace/arrow';
import { type DataType, type Field, type IntervalValue, TypeId } from '@millrace/core';
import { formatUuid, isUuid } from './uuid.ts';

/** Writes one value as JSON text. */
export type JsonEncoder = (value: RowValue) => string;

/**
 * Makes the function that writes a column's values as JSON, decided by the type and never by the value.
 *
 * Integers of up to 32 bits and floats are numbers (NaN and infinities the strings `NaN`, `Infinity`, `-Infinity`); 64-bit
 * integers, durations and decimals are strings of their digits; dates and times ISO strings; binary base64; UUIDs in
 * their usual form; lists arrays, structs objects, maps arrays of `[key, value]`.
 */
export function createJsonEncoder(field: Pick<Field, 'type' | 'metadata'>): JsonEncoder {
  const encode = isUuid(field) ? encodeUuid : encoderOf(field.type);
  return (value) => (value === null ? 'null' : encode(value));
}

function encoderOf(type: DataType): JsonEncoder {
  const { children } = type;
  switch (type.typeId) {
    case TypeId.Bool:
      return String;
    case TypeId.Int:
      return type.bitWidth === 64 ? encodeDigits : String;
    case TypeId.Float:
      return (value) => encodeFloat(value as number);
    case TypeId.Decimal:
    case TypeId.Duration:
      return encodeDigits;
    case TypeId.Binary:
    case TypeId.LargeBinary:
    case TypeId.FixedSizeBinary:
      return (value) => `"${Buffer.from(value as Uint8Array).toString('base64')}"`;
    case TypeId.Interval:
      return (value) => encodeInterval(value as IntervalValue);
    case TypeId.List:
    case TypeId.LargeList:
    case TypeId.FixedSizeList:
      return listEncoder(createJsonEncoder(children![0]!));
    case TypeId.Map:
      return listEncoder(entryEncoder((children?.[0]?.type.children ?? []).map(createJsonEncoder)));
    case TypeId.Struct:
      return structEncoder(children ?? []);
    case TypeId.Dictionary:
      return encoderOf(type.dictionary!);
    case TypeId.Union:
      return encodeUnion;
    default:
      return (value) => JSON.stringify(value);
  }
}

function encodeDigits(value: RowValue): string {
  return `"${String(value)}"`;
}

function encodeUuid(value: RowValue): string {
  return `"${formatUuid(value as Uint8Array)}"`;
}

function encodeFloat(value: number): string {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

function encodeInterval({ months, days, nanoseconds }: IntervalValue): string {
  return `{"months":${months},"days":${days},"nanoseconds":"${nanoseconds}"}`;
}

function listEncoder(encodeItem: JsonEncoder): JsonEncoder {
  return (value) => `[${(value as readonly RowValue[]).map(encodeItem).join(',')}]`;
}

function entryEncoder([encodeKey, encodeValue]: readonly JsonEncoder[]): JsonEncoder {
  return (entry) => {
    const [key, value] = entry as readonly [RowValue, RowValue];
    return `[${encodeKey!(key)},${encodeValue!(value)}]`;
  };
}

function structEncoder(children: readonly Field[]): JsonEncoder {
  const names = uniqueNames(children.map(({ name }) => name));
  const members = children.map((child, ordinal) => ({ name: names[ordinal]!, encode: createJsonEncoder(child) }));
  return (value) => {
    const struct = value as Readonly<Record<string, RowValue>>;
    return `{${members.map(({ name, encode }) => `${JSON.stringify(name)}:${encode(struct[name] ?? null)}`).join(',')}}`;
  };
}

/** Which child a value is of shows in its form alone; the forms follow from the children's types, so this is by type, too. */
function encodeUnion(value: RowValue): string {
  if (typeof value === 'bigint') return encodeDigits(value);
  if (typeof value === 'number') return encodeFloat(value);
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString('base64')}"`;
  if (Array.isArray(value)) return `[${value.map(encodeUnion).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value as Readonly<Record<string, RowValue>>);
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${encodeUnion(member)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}
