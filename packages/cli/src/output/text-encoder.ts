import type { RowValue } from '@millrace/arrow';
import { type DataType, type Field, TypeId } from '@millrace/core';
import { createJsonEncoder } from './json-encoder.ts';
import { formatUuid, isUuid } from './uuid.ts';

/** Writes one value that is not null as text. */
export type TextEncoder = (value: RowValue) => string;

/**
 * Makes the function that writes a column's values as plain text, for CSV and tables: text as it is, numbers as their exact
 * digits, nested values and intervals as JSON, binary as base64.
 */
export function createTextEncoder(field: Pick<Field, 'type' | 'metadata'>): TextEncoder {
  if (isUuid(field)) return (value) => formatUuid(value as Uint8Array);
  return encoderOf(field.type);
}

function encoderOf(type: DataType): TextEncoder {
  switch (type.typeId) {
    case TypeId.Float:
      return (value) => (Object.is(value, -0) ? '-0' : String(value));
    case TypeId.Binary:
    case TypeId.LargeBinary:
    case TypeId.FixedSizeBinary:
      return (value) => Buffer.from(value as Uint8Array).toString('base64');
    case TypeId.Dictionary:
      return encoderOf(type.dictionary!);
    case TypeId.List:
    case TypeId.LargeList:
    case TypeId.FixedSizeList:
    case TypeId.Map:
    case TypeId.Struct:
    case TypeId.Interval:
      return createJsonEncoder({ type });
    case TypeId.Union: {
      const encode = createJsonEncoder({ type });
      return (value) => (typeof value === 'string' ? value : encode(value).replace(/^"(.*)"$/, '$1'));
    }
    default:
      return String;
  }
}
