import { BytesPacker, bitPacker, type ColumnPacker, type FixedArray, fixedPacker } from './column-packer.ts';
import { createDecimalStore } from './decimal-words.ts';
import { NAN_TEXT, WIDE_DIGITS } from './input-reader.ts';
import { parseDate, parseTime, parseTimestamp } from './parse-time.ts';
import type { ColumnCodec, SqliteValue } from './protocol.ts';

type Value = NonNullable<SqliteValue>;

/** Creates the packer of one column of one batch of at most `capacity` rows. */
export function createPacker(codec: ColumnCodec, capacity: number, byteCapacity?: number): ColumnPacker {
  switch (codec.kind) {
    case 'int':
      return integerPacker(codec, capacity);
    case 'float':
      return fixedPacker(new Float64Array(capacity), capacity, storeFloat);
    case 'bool':
      return bitPacker(capacity, (value) => (value === 1n ? true : value === 0n ? false : undefined));
    case 'text':
      return new BytesPacker(capacity, byteCapacity, (value) => (typeof value === 'string' ? value : undefined));
    case 'any_text':
      return new BytesPacker(capacity, byteCapacity, toText);
    case 'binary':
      return new BytesPacker(capacity, byteCapacity, (value) => (value instanceof Uint8Array ? value : undefined));
    case 'date':
      return textPacker(new Int32Array(capacity), capacity, parseDate);
    case 'time':
      return textPacker(new BigInt64Array(capacity), capacity, (text) => {
        const micros = parseTime(text);
        return micros === undefined ? undefined : BigInt(micros);
      });
    case 'timestamp': {
      const zone = codec.hasZone ? 'required' : 'none';
      return textPacker(new BigInt64Array(capacity), capacity, (text) => parseTimestamp(text, zone));
    }
    case 'decimal': {
      const store = createDecimalStore(codec);
      return fixedPacker(new Uint32Array(capacity * 4), capacity, (words, row, value) => store(words, row * 4, value));
    }
    case 'any_float':
      return anyFloatPacker(codec.bitWidth === 64 ? new Float64Array(capacity) : new Float32Array(capacity), capacity);
    case 'any_uint64':
      return fixedPacker(new BigUint64Array(capacity), capacity, (values, row, value) => {
        if (typeof value === 'string' && WIDE_INTEGER.test(value)) values[row] = BigInt(value);
        else if (typeof value === 'bigint' && value >= 0n) values[row] = value;
        else return false;
        return true;
      });
    case 'unscaled':
      return unscaledPacker(codec.wordCount, capacity);
    case 'fixed_binary': {
      const { byteWidth } = codec;
      return fixedPacker(new Uint8Array(capacity * byteWidth), capacity, (bytes, row, value) => {
        if (!(value instanceof Uint8Array) || value.length !== byteWidth) return false;
        bytes.set(value, row * byteWidth);
        return true;
      });
    }
    default:
      return codec satisfies never;
  }
}

const WIDE_INTEGER = new RegExp(`^\\d{${WIDE_DIGITS}}$`);

function anyFloatPacker(numbers: Float32Array | Float64Array, capacity: number): ColumnPacker {
  return fixedPacker(numbers, capacity, (values, row, value) => {
    if (typeof value === 'number') values[row] = value;
    else if (value === NAN_TEXT) values[row] = Number.NaN;
    else return false;
    return true;
  });
}

/** The inverse of what is written: integers get their sign in the higher words, blobs their sign bit and word order back. */
function unscaledPacker(wordCount: 4 | 8, capacity: number): ColumnPacker {
  return fixedPacker(new Uint32Array(capacity * wordCount), capacity, (words, row, value) => {
    const start = row * wordCount;
    if (typeof value === 'bigint') {
      const low = Number(BigInt.asIntN(32, value));
      const high = Number(value >> 32n);
      words[start] = low;
      words[start + 1] = high;
      words.fill(high < 0 ? 0xffff_ffff : 0, start + 2, start + wordCount);
      return true;
    }
    if (!(value instanceof Uint8Array) || value.length !== wordCount * 4) return false;
    const view = new DataView(value.buffer, value.byteOffset, value.length);
    for (let word = 0; word < wordCount; word++) words[start + word] = view.getUint32((wordCount - 1 - word) * 4);
    words[start + wordCount - 1]! ^= 0x8000_0000;
    return true;
  });
}

function storeFloat(values: Float64Array, row: number, value: Value): boolean {
  if (typeof value === 'number') {
    values[row] = value;
    return true;
  }
  if (typeof value !== 'bigint') return false;
  const number = Number(value);
  values[row] = number;
  // An integer beyond 2^53 may lie between two doubles.
  return Number.isSafeInteger(number) || BigInt(number) === value;
}

function integerPacker(
  { bitWidth, isSigned }: Extract<ColumnCodec, { readonly kind: 'int' }>,
  capacity: number,
): ColumnPacker {
  if (bitWidth === 64 && isSigned) {
    return fixedPacker(new BigInt64Array(capacity), capacity, (values, row, value) => {
      if (typeof value !== 'bigint') return false;
      values[row] = value;
      return true;
    });
  }
  const low = isSigned ? -(1n << BigInt(bitWidth - 1)) : 0n;
  const high = (1n << BigInt(isSigned ? bitWidth - 1 : bitWidth)) - 1n;
  if (bitWidth === 64) {
    return fixedPacker(new BigUint64Array(capacity), capacity, (values, row, value) => {
      if (typeof value !== 'bigint' || value < low) return false;
      values[row] = value;
      return true;
    });
  }
  return fixedPacker(narrowArray(bitWidth, isSigned, capacity), capacity, (values, row, value) => {
    if (typeof value !== 'bigint' || value < low || value > high) return false;
    values[row] = Number(value);
    return true;
  });
}

function narrowArray(
  bitWidth: 8 | 16 | 32,
  isSigned: boolean,
  capacity: number,
): FixedArray & { [row: number]: number } {
  if (bitWidth === 8) return isSigned ? new Int8Array(capacity) : new Uint8Array(capacity);
  if (bitWidth === 16) return isSigned ? new Int16Array(capacity) : new Uint16Array(capacity);
  return isSigned ? new Int32Array(capacity) : new Uint32Array(capacity);
}

function textPacker<Values extends Int32Array | BigInt64Array>(
  values: Values,
  capacity: number,
  parse: (text: string) => Values[number] | undefined,
): ColumnPacker {
  return fixedPacker(values, capacity, (into, row, value) => {
    const parsed = typeof value === 'string' ? parse(value) : undefined;
    if (parsed === undefined) return false;
    into[row] = parsed;
    return true;
  });
}

/** Numbers as text: the shortest that reads back as the same number; a real always shows that it is one. */
function toText(value: Value): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'number') return undefined;
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
