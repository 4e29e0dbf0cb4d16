import { lengthSize, readLength } from './length-encoding.ts';

/** Type codes of the protocol. Source: https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html */
export const WireType = {
  Decimal: 0,
  Tiny: 1,
  Short: 2,
  Long: 3,
  Float: 4,
  Double: 5,
  Null: 6,
  Timestamp: 7,
  LongLong: 8,
  Int24: 9,
  Date: 10,
  Time: 11,
  DateTime: 12,
  Year: 13,
  VarChar: 15,
  Bit: 16,
  Json: 245,
  NewDecimal: 246,
  Enum: 247,
  Set: 248,
  TinyBlob: 249,
  MediumBlob: 250,
  LongBlob: 251,
  Blob: 252,
  VarString: 253,
  String: 254,
  Geometry: 255,
} as const;

const UNSIGNED = 0x20;
const BINARY_CHARSET = 63;

/** A column of a result, as the server describes it. */
export interface ColumnDefinition {
  /** One of {@link WireType}. */
  readonly type: number;
  readonly isUnsigned: boolean;
  /** True for bytes that are no text. */
  readonly isBinary: boolean;
  /** Digits behind the point. */
  readonly decimals: number;
}

/** Layout of a column definition. `extended` stands for the block that MariaDB adds when it was asked to. */
export type DefinitionLayout = 'plain' | 'extended';

/**
 * Reads a column definition packet.
 *
 * Source: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset_column_definition.html
 */
export function readColumnDefinition(buffer: Buffer, start: number, layout: DefinitionLayout): ColumnDefinition {
  // Catalog, schema, table, original table, name, original name, and perhaps the extended block.
  let position = start;
  for (let text = 0; text < (layout === 'extended' ? 7 : 6); text++)
    position += lengthSize(buffer[position]!) + readLength(buffer, position);
  const fixed = position + 1;
  return {
    isBinary: buffer.readUInt16LE(fixed) === BINARY_CHARSET,
    type: buffer[fixed + 6]!,
    isUnsigned: (buffer.readUInt16LE(fixed + 7) & UNSIGNED) !== 0,
    decimals: buffer[fixed + 9]!,
  };
}
