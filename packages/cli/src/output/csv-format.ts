import { type Field, TypeId } from '@millrace/core';
import { encodeRows, type Tabular } from './row-encoder.ts';
import { createTextEncoder } from './text-encoder.ts';

const LINE_END = '\r\n';
const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

/**
 * A header line and one record a row. NULL is an empty field, an empty text is `""`.
 *
 * Source: https://www.rfc-editor.org/rfc/rfc4180, line ends included.
 */
export function encodeCsv({ schema: { fields }, batches }: Tabular): AsyncIterable<string> {
  const encoders = fields.map(createFieldEncoder);
  return encodeRows(batches, {
    encodeRow: (values) => values.map((value, ordinal) => (value === null ? '' : encoders[ordinal]!(value))).join(','),
    start: fields.map(({ name }) => quote(name)).join(',') + LINE_END,
    between: LINE_END,
    end: (rows) => (rows === 'none' ? '' : LINE_END),
  });
}

function createFieldEncoder(field: Field): ReturnType<typeof createTextEncoder> {
  const encode = createTextEncoder(field);
  return isPlain(field) ? encode : (value) => quote(encode(value));
}

/** Digits and signs never need quotes. */
function isPlain({ type }: Field): boolean {
  return type.typeId === TypeId.Int || type.typeId === TypeId.Float || type.typeId === TypeId.Decimal;
}

function quote(text: string): string {
  return text === '' || NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
