import { type RowValue, uniqueNames } from '@millrace/arrow';
import type { Schema } from '@millrace/core';
import { createJsonEncoder } from './json-encoder.ts';
import { encodeRows, type Tabular } from './row-encoder.ts';

/** One array of row objects, a row a line. */
export function encodeJson({ schema, batches }: Tabular): AsyncIterable<string> {
  return encodeRows(batches, {
    encodeRow: createObjectEncoder(schema),
    start: '[\n',
    between: ',\n',
    end: (rows) => (rows === 'none' ? ']\n' : '\n]\n'),
  });
}

/** One row object a line. */
export function encodeNdjson({ schema, batches }: Tabular): AsyncIterable<string> {
  return encodeRows(batches, {
    encodeRow: createObjectEncoder(schema),
    start: '',
    between: '\n',
    end: (rows) => (rows === 'none' ? '' : '\n'),
  });
}

/** Column names that repeat get a suffix, as in the rows of the runtime: `a`, `a_1`. */
function createObjectEncoder({ fields }: Schema): (values: readonly RowValue[]) => string {
  const names = uniqueNames(fields.map(({ name }) => name));
  const members = fields.map((field, ordinal) => ({
    key: `${ordinal === 0 ? '{' : ','}${JSON.stringify(names[ordinal])}:`,
    encode: createJsonEncoder(field),
  }));
  return (values) => {
    let text = '';
    for (let ordinal = 0; ordinal < members.length; ordinal++) {
      const { key, encode } = members[ordinal]!;
      text += key + encode(values[ordinal]!);
    }
    return text === '' ? '{}' : `${text}}`;
  };
}
