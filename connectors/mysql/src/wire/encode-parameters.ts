import { type DataType, type LiteralValue, TimeUnit, TypeId } from '@millrace/core';
import type { BoundParameter } from '@millrace/sql';
import { dateFromDays } from './calendar.ts';
import { WireType } from './column-definition.ts';
import { lengthEncoded } from './length-encoding.ts';

const UNSIGNED = 0x80;
const MICROS_A_DAY = 86_400_000_000n;

/** A value of a prepared statement in the protocol's form. */
interface EncodedParameter {
  readonly type: number;
  readonly flag: number;
  /** Absent for NULL. */
  readonly bytes?: Buffer;
}

/**
 * The part of COM_STMT_EXECUTE that holds the values: which are NULL, their types, and they themselves. Each value goes in a type that
 * holds it exactly, so that the server never converts text to a number.
 *
 * Source: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_stmt_execute.html
 *
 * @param offsetSeconds how far the session's clock, in which instants are given, is ahead of UTC.
 */
export function encodeParameters(parameters: readonly BoundParameter[], offsetSeconds: number): Buffer {
  if (parameters.length === 0) return Buffer.alloc(0);
  const encoded = parameters.map((parameter) => encodeParameter(parameter, offsetSeconds));
  const head = Buffer.alloc(((encoded.length + 7) >> 3) + 1 + encoded.length * 2);
  let at = (encoded.length + 7) >> 3;
  // The types follow.
  head[at++] = 1;
  for (const [index, { type, flag, bytes }] of encoded.entries()) {
    if (bytes === undefined) head[index >> 3]! |= 1 << (index & 7);
    head[at++] = type;
    head[at++] = flag;
  }
  return Buffer.concat([head, ...encoded.flatMap(({ bytes }) => bytes ?? [])]);
}

function encodeParameter({ value, type }: BoundParameter, offsetSeconds: number): EncodedParameter {
  if (value === null) return { type: WireType.Null, flag: 0 };
  switch (type.typeId) {
    case TypeId.Bool:
      return { type: WireType.Tiny, flag: 0, bytes: Buffer.from([value === true ? 1 : 0]) };
    case TypeId.Int:
      return encodeInteger(BigInt(value as number | bigint), type);
    case TypeId.Float: {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(Number(value));
      return { type: WireType.Double, flag: 0, bytes };
    }
    case TypeId.Decimal:
      return {
        type: WireType.NewDecimal,
        flag: 0,
        bytes: lengthEncoded(Buffer.from(decimalText(BigInt(value as bigint), type.scale ?? 0), 'latin1')),
      };
    case TypeId.Utf8:
    case TypeId.LargeUtf8:
      return { type: WireType.VarString, flag: 0, bytes: lengthEncoded(Buffer.from(String(value), 'utf8')) };
    case TypeId.Binary:
    case TypeId.LargeBinary:
    case TypeId.FixedSizeBinary:
      return { type: WireType.Blob, flag: 0, bytes: lengthEncoded(value as Uint8Array) };
    case TypeId.Date:
      return { type: WireType.Date, flag: 0, bytes: encodeDate(Number(value)) };
    case TypeId.Timestamp: {
      const offset = type.timezone === undefined || type.timezone === null ? 0 : offsetSeconds;
      return {
        type: WireType.DateTime,
        flag: 0,
        bytes: encodeDateTime(microsOf(value, type) + BigInt(offset) * 1_000_000n),
      };
    }
    default:
      throw new TypeError(`no value of Arrow type ${type.typeId} is bound at MySQL`);
  }
}

function encodeInteger(value: bigint, type: DataType): EncodedParameter {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return { type: WireType.LongLong, flag: type.isSigned === false ? UNSIGNED : 0, bytes };
}

function decimalText(unscaled: bigint, scale: number): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  return `${unscaled < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`;
}

function encodeDate(days: number): Buffer {
  const { year, month, day } = dateFromDays(days);
  return Buffer.from([4, year & 0xff, year >> 8, month, day]);
}

function encodeDateTime(micros: bigint): Buffer {
  const ofDay = ((micros % MICROS_A_DAY) + MICROS_A_DAY) % MICROS_A_DAY;
  const { year, month, day } = dateFromDays(Number((micros - ofDay) / MICROS_A_DAY));
  const seconds = Number(ofDay / 1_000_000n);
  const bytes = Buffer.alloc(12);
  bytes.set([11, year & 0xff, year >> 8, month, day]);
  bytes.set([Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60], 5);
  bytes.writeUInt32LE(Number(ofDay % 1_000_000n), 8);
  return bytes;
}

/** A timestamp in microseconds; finer ones do not occur, as the server has none. */
export function microsOf(value: LiteralValue | readonly LiteralValue[], type: DataType): bigint {
  const ticks = BigInt(value as bigint);
  switch (type.unit) {
    case TimeUnit.Second:
      return ticks * 1_000_000n;
    case TimeUnit.Millisecond:
      return ticks * 1_000n;
    case TimeUnit.Nanosecond:
      return ticks / 1_000n;
    default:
      return ticks;
  }
}
