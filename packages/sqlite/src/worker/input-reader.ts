import { isAscii, isUtf8 } from 'node:buffer';
import { FailureError } from './failure.ts';
import type { SqliteValue } from './protocol.ts';
import type { InputColumn, InputValues, IntegerArray } from './writer-protocol.ts';

/** Reads the value of one row as it is bound. Bytes stay as they are, also when further rows are read. */
export type InputReader = (row: number) => SqliteValue;

/** What NaN is kept as: SQLite itself has none, and texts sort above every number. */
export const NAN_TEXT = 'NaN';
/** Digits of an unsigned integer that 63 bits do not hold. */
export const WIDE_DIGITS = 20;

const INT64_LIMIT = 2n ** 63n;
/** High words beside which a double still holds every integer. */
const SAFE_HIGH = 2 ** 20;
const WORD = 2 ** 32;

/** Creates the reader of one column. @throws FailureError `conflict` for text that is not UTF-8. */
export function createInputReader(column: InputColumn, name: string): InputReader {
  const read = valueReader(column, name);
  const { validity } = column;
  if (validity === undefined) return read;
  return (row) => ((validity[row >> 3]! >> (row & 7)) & 1 ? read(row) : null);
}

function valueReader({ values, length }: InputColumn, name: string): InputReader {
  switch (values.kind) {
    case 'null':
      return () => null;
    case 'bool': {
      const bits = values.values;
      return (row) => (bits[row >> 3]! >> (row & 7)) & 1;
    }
    case 'int':
      return integerReader(values.values);
    case 'float': {
      const numbers = values.values;
      return (row) => {
        const value = numbers[row]!;
        return Number.isNaN(value) ? NAN_TEXT : value;
      };
    }
    case 'text':
      return textReader(values, length, name);
    case 'binary': {
      const { offsets, bytes } = values;
      return (row) => bytes.subarray(offsets[row]!, offsets[row + 1]!);
    }
    case 'fixed_binary': {
      const { bytes, byteWidth } = values;
      return (row) => bytes.subarray(row * byteWidth, (row + 1) * byteWidth);
    }
    case 'unscaled':
      return unscaledReader(values, length, name);
    case 'dictionary':
      return dictionaryReader(values, name);
    default:
      return values satisfies never;
  }
}

/** Numbers where they are exact, as they cost less than bigint; SQLite keeps them as integers in columns of that affinity. */
function integerReader(values: IntegerArray): InputReader {
  if (values instanceof BigInt64Array) {
    const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
    return (row) => {
      const high = words[row * 2 + 1]!;
      if (high < -SAFE_HIGH || high >= SAFE_HIGH) return values[row]!;
      return high * WORD + (words[row * 2]! >>> 0);
    };
  }
  if (values instanceof BigUint64Array) {
    // Their column has no affinity, so that a number would stay a real.
    return (row) => {
      const value = values[row]!;
      return value < INT64_LIMIT ? value : String(value).padStart(WIDE_DIGITS, '0');
    };
  }
  return (row) => values[row]!;
}

function textReader(
  { offsets, bytes }: Extract<InputValues, { readonly kind: 'text' | 'binary' }>,
  length: number,
  name: string,
): InputReader {
  const buffer = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
  if (isAscii(buffer)) return (row) => buffer.toString('latin1', offsets[row], offsets[row + 1]);
  let isWhole = isUtf8(buffer);
  // A text that begins in the middle of a character is none, though all of them together are.
  for (let row = 0; row < length && isWhole; row++) {
    const start = offsets[row]!;
    isWhole = start === offsets[row + 1]! || (buffer[start]! & 0xc0) !== 0x80;
  }
  if (!isWhole)
    throw new FailureError({ kind: 'conflict', column: name, sourceType: 'TEXT', found: 'text that is not UTF-8' });
  return (row) => buffer.toString('utf8', offsets[row], offsets[row + 1]);
}

function unscaledReader(
  { words, wordCount, form }: Extract<InputValues, { readonly kind: 'unscaled' }>,
  length: number,
  name: string,
): InputReader {
  if (form === 'integers') {
    const wide = new BigInt64Array(words.buffer, words.byteOffset, words.length >> 1);
    const stride = wordCount >> 1;
    return (row) => {
      const start = row * wordCount;
      const high = words[start + 1]! | 0;
      for (let word = start + 2; word < start + wordCount; word++) {
        if ((words[word]! | 0) !== high >> 31) throw tooLong(name);
      }
      if (high < -SAFE_HIGH || high >= SAFE_HIGH) return wide[row * stride]!;
      return high * WORD + words[start]!;
    };
  }
  const byteCount = wordCount * 4;
  const bytes = new Uint8Array(length * byteCount);
  const view = new DataView(bytes.buffer);
  return (row) => {
    const start = row * byteCount;
    for (let word = 0; word < wordCount; word++) {
      view.setUint32(start + (wordCount - 1 - word) * 4, words[row * wordCount + word]!);
    }
    bytes[start]! ^= 0x80;
    return bytes.subarray(start, start + byteCount);
  };
}

function tooLong(column: string): FailureError {
  return new FailureError({ kind: 'conflict', column, sourceType: 'decimal', found: 'more digits than its precision' });
}

/** Each value is made once. */
function dictionaryReader(
  { indices, values }: Extract<InputValues, { readonly kind: 'dictionary' }>,
  name: string,
): InputReader {
  const members: SqliteValue[] = [];
  for (const chunk of values) {
    const read = createInputReader(chunk, name);
    for (let row = 0; row < chunk.length; row++) {
      members.push(read(row));
    }
  }
  return (row) => members[Number(indices[row]!)] ?? null;
}
