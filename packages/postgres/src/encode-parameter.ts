import { type DataType, FloatPrecision, type LiteralValue, TypeId } from '@millrace/core';
import type { BoundParameter } from '@millrace/sql';

/** How a value is sent: its type in SQL and as oid, and its bytes (binary) or text. */
export interface ParameterForm {
  readonly sqlType: string;
  readonly oid: number;
  readonly encode: (value: NonNullable<LiteralValue>) => Buffer | string;
}

const EPOCH_DAYS = 10_957;
const EPOCH_MICROS = 946_684_800_000_000n;
const INFINITE_DATE = 2 ** 31 - 1;
const INFINITE_TIME = 2n ** 63n - 1n;

/** The form of values of a type; undefined for types that are never compared. */
export function parameterForm(type: DataType): ParameterForm | undefined {
  switch (type.typeId) {
    case TypeId.Bool:
      return { sqlType: 'bool', oid: 16, encode: (value) => Buffer.from([value === true ? 1 : 0]) };
    case TypeId.Int:
      return integerForm(type);
    case TypeId.Float:
      return type.precision === FloatPrecision.Single
        ? { sqlType: 'float4', oid: 700, encode: (value) => write(4, (bytes) => bytes.writeFloatBE(Number(value))) }
        : { sqlType: 'float8', oid: 701, encode: (value) => write(8, (bytes) => bytes.writeDoubleBE(Number(value))) };
    case TypeId.Decimal:
      return {
        sqlType: 'numeric',
        oid: 1700,
        encode: (value) => decimalText(BigInt(value as bigint), type.scale ?? 0),
      };
    case TypeId.Utf8:
    case TypeId.LargeUtf8:
      return TEXT_FORM;
    case TypeId.Binary:
    case TypeId.LargeBinary:
    case TypeId.FixedSizeBinary:
      return { sqlType: 'bytea', oid: 17, encode: (value) => Buffer.from(value as Uint8Array) };
    case TypeId.Date:
      return {
        sqlType: 'date',
        oid: 1082,
        encode: (value) => write(4, (bytes) => bytes.writeInt32BE(serverDays(Number(value)))),
      };
    case TypeId.Time:
      return {
        sqlType: 'time',
        oid: 1083,
        encode: (value) => write(8, (bytes) => bytes.writeBigInt64BE(value as bigint)),
      };
    case TypeId.Timestamp: {
      const encode = (value: NonNullable<LiteralValue>): Buffer =>
        write(8, (bytes) => bytes.writeBigInt64BE(serverMicros(value as bigint)));
      return typeof type.timezone === 'string'
        ? { sqlType: 'timestamptz', oid: 1184, encode }
        : { sqlType: 'timestamp', oid: 1114, encode };
    }
    default:
      return undefined;
  }
}

/** Text, and everything that is sent as its text. */
export const TEXT_FORM: ParameterForm = { sqlType: 'text', oid: 25, encode: (value) => String(value) };

/** The bytes of a parameter; a list becomes one array. */
export function encodeParameter({ value }: BoundParameter, form: ParameterForm): Buffer | string | null {
  if (isList(value)) return encodeArray(value, form);
  return value === null ? null : form.encode(value);
}

function isList(value: BoundParameter['value']): value is readonly LiteralValue[] {
  return Array.isArray(value);
}

/** An array in text form where its items are texts by themselves, in binary form otherwise. */
function encodeArray(values: readonly LiteralValue[], form: ParameterForm): Buffer | string {
  if (form.oid !== TEXT_FORM.oid && values.some((value) => value !== null && typeof form.encode(value) === 'string')) {
    return `{${values.map((value) => (value === null ? 'NULL' : quoteItem(String(form.encode(value))))).join(',')}}`;
  }
  const parts: Buffer[] = [];
  const header = Buffer.alloc(20);
  header.writeInt32BE(1, 0);
  header.writeInt32BE(values.includes(null) ? 1 : 0, 4);
  header.writeInt32BE(form.oid, 8);
  header.writeInt32BE(values.length, 12);
  header.writeInt32BE(1, 16);
  parts.push(header);
  for (const value of values) {
    const item = value === null ? undefined : Buffer.from(form.encode(value) as Buffer);
    const length = Buffer.alloc(4);
    length.writeInt32BE(item?.length ?? -1);
    parts.push(length);
    if (item !== undefined) parts.push(item);
  }
  return Buffer.concat(parts);
}

function quoteItem(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function integerForm({ bitWidth = 64, isSigned }: DataType): ParameterForm {
  if (isSigned === false && bitWidth === 64) return { sqlType: 'numeric', oid: 1700, encode: (value) => String(value) };
  const width = isSigned === false ? bitWidth * 2 : bitWidth;
  if (width <= 16)
    return { sqlType: 'int2', oid: 21, encode: (value) => write(2, (bytes) => bytes.writeInt16BE(Number(value))) };
  if (width <= 32)
    return { sqlType: 'int4', oid: 23, encode: (value) => write(4, (bytes) => bytes.writeInt32BE(Number(value))) };
  return {
    sqlType: 'int8',
    oid: 20,
    encode: (value) => write(8, (bytes) => bytes.writeBigInt64BE(BigInt(value as bigint))),
  };
}

function write(byteCount: number, fill: (bytes: Buffer) => unknown): Buffer {
  const bytes = Buffer.alloc(byteCount);
  fill(bytes);
  return bytes;
}

function serverDays(days: number): number {
  if (days >= INFINITE_DATE) return INFINITE_DATE;
  return days <= -INFINITE_DATE ? -INFINITE_DATE - 1 : days - EPOCH_DAYS;
}

function serverMicros(micros: bigint): bigint {
  if (micros >= INFINITE_TIME) return INFINITE_TIME;
  return micros <= -INFINITE_TIME ? -INFINITE_TIME - 1n : micros - EPOCH_MICROS;
}

/** `-12345` at scale 2 is `-123.45`. */
function decimalText(unscaled: bigint, scale: number): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  const text = scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return unscaled < 0n ? `-${text}` : text;
}
