import { type Field, TypeId } from '@millrace/core';
import { BytesDecoder } from './bytes-decoder.ts';
import type { ColumnDecoder } from './column-decoder.ts';
import { type ColumnDefinition, WireType } from './column-definition.ts';
import { DecimalDecoder } from './decimal-decoder.ts';
import { EnumDecoder } from './enum-decoder.ts';
import { DoubleDecoder, FloatDecoder, LongDecoder, ShortDecoder, TinyDecoder } from './fixed-decoder.ts';
import { DateDecoder, DateTimeDecoder, type OnZeroDate, TimeDecoder } from './time-decoder.ts';
import { BitDecoder, LongLongDecoder } from './wide-decoder.ts';

/** What a decoder of one column is made from. */
export interface DecoderRequest {
  readonly field: Field;
  /** ENUM: the members of the dictionary. */
  readonly members?: readonly string[];
  /** How far the session's clock is ahead of UTC. */
  readonly offsetSeconds: number;
  readonly onZeroDate: OnZeroDate;
  readonly onInvalidText: () => never;
  readonly onUnknownMember: () => never;
}

/**
 * The decoder for what the server sends, into what the schema promises; undefined when the one does not fit the other, because the
 * table was changed since the schema was made.
 */
export function createDecoder(definition: ColumnDefinition, request: DecoderRequest): ColumnDecoder | undefined {
  const { type } = request.field;
  switch (type.typeId) {
    case TypeId.Int:
      return integerDecoder(definition, request);
    case TypeId.Float:
      if (definition.type === WireType.Float && type.precision === 1) return new FloatDecoder(type);
      return definition.type === WireType.Double && type.precision === 2 ? new DoubleDecoder(type) : undefined;
    case TypeId.Decimal:
      return isDecimal(definition) && definition.decimals === type.scale ? new DecimalDecoder(type) : undefined;
    case TypeId.Date:
      return definition.type === WireType.Date ? new DateDecoder(type, request.onZeroDate) : undefined;
    case TypeId.Timestamp: {
      const isInstant = type.timezone !== undefined && type.timezone !== null;
      if (definition.type !== (isInstant ? WireType.Timestamp : WireType.DateTime)) return undefined;
      return new DateTimeDecoder(type, isInstant ? request.offsetSeconds : 0, request.onZeroDate);
    }
    case TypeId.Duration:
      return definition.type === WireType.Time ? new TimeDecoder(type) : undefined;
    case TypeId.Utf8:
      // JSON is text in utf8mb4 that MySQL calls binary.
      if (definition.type !== WireType.Json && (!isBytes(definition) || definition.isBinary)) return undefined;
      return new BytesDecoder(type, request.onInvalidText);
    case TypeId.Binary:
      return isBytes(definition) && definition.isBinary ? new BytesDecoder(type, undefined) : undefined;
    case TypeId.Dictionary:
      if (request.members === undefined || !isBytes(definition)) return undefined;
      return new EnumDecoder(type, request.members, request.onUnknownMember);
    default:
      return undefined;
  }
}

function integerDecoder(
  { type: wireType, isUnsigned }: ColumnDefinition,
  { field: { type } }: DecoderRequest,
): ColumnDecoder | undefined {
  if (wireType === WireType.Bit) return type.bitWidth === 64 && !type.isSigned ? new BitDecoder(type) : undefined;
  if (wireType === WireType.Year) return type.bitWidth === 16 ? new ShortDecoder(type) : undefined;
  if (isUnsigned !== (type.isSigned === false)) return undefined;
  switch (wireType) {
    case WireType.Tiny:
      return type.bitWidth === 8 ? new TinyDecoder(type) : undefined;
    case WireType.Short:
      return type.bitWidth === 16 ? new ShortDecoder(type) : undefined;
    case WireType.Int24:
    case WireType.Long:
      return type.bitWidth === 32 ? new LongDecoder(type) : undefined;
    case WireType.LongLong:
      return type.bitWidth === 64 ? new LongLongDecoder(type) : undefined;
    default:
      return undefined;
  }
}

function isDecimal({ type }: ColumnDefinition): boolean {
  return type === WireType.NewDecimal || type === WireType.Decimal;
}

/** Everything that comes as a length and so many bytes. */
function isBytes({ type }: ColumnDefinition): boolean {
  return (
    type === WireType.VarChar ||
    type === WireType.VarString ||
    type === WireType.String ||
    (type >= WireType.TinyBlob && type <= WireType.Blob) ||
    type === WireType.Enum ||
    type === WireType.Set ||
    type === WireType.Json ||
    type === WireType.Geometry
  );
}
