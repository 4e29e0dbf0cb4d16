import type { LiteralLike } from '@millrace/arrow';
import { type DataType, dataTypes, TimeUnit } from '@millrace/core';

const bool = dataTypes.bool();
const int64 = dataTypes.int64();
const utf8 = dataTypes.utf8();
const float64 = dataTypes.float64();
const timestamp = dataTypes.timestamp();

/** Values at the edges of each type, null among them, by a name for the type. */
export const EDGES: Readonly<Record<string, { readonly type: DataType; readonly values: readonly LiteralLike[] }>> = {
  bool: { type: bool, values: [null, true, false] },
  int8: { type: dataTypes.int8(), values: [null, -128, -1, 0, 1, 7, 127] },
  int16: { type: dataTypes.int16(), values: [null, -32768, -3, -1, 0, 2, 32767] },
  int32: { type: dataTypes.int32(), values: [null, -2147483648, -7, -1, 0, 3, 2147483647] },
  int64: { type: int64, values: [null, -(2n ** 63n), -1n, 0n, 3n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n] },
  uint8: { type: dataTypes.uint8(), values: [null, 0, 1, 128, 255] },
  uint16: { type: dataTypes.uint16(), values: [null, 0, 5, 65535] },
  uint32: { type: dataTypes.uint32(), values: [null, 0, 3, 2147483648, 4294967295] },
  uint64: { type: dataTypes.uint64(), values: [null, 0n, 1n, 2n ** 63n, 2n ** 64n - 1n] },
  float32: { type: dataTypes.float32(), values: [null, -Infinity, -1.5, -0, 0, Math.fround(0.1), 1e38, Infinity, NaN] },
  float64: {
    type: float64,
    values: [null, -Infinity, -1e308, -1, -0, 0, 5e-324, 0.1, 1, 2 ** 53, 1e308, Infinity, NaN],
  },
  decimal9: { type: dataTypes.decimal(9, 2), values: [null, -999999999n, -1n, 0n, 100n, 999999999n] },
  decimal38: { type: dataTypes.decimal(38, 10), values: [null, -(10n ** 38n) + 1n, -1n, 0n, 1n, 10n ** 38n - 1n] },
  date: { type: dataTypes.date(), values: [null, -719162, -1, 0, 19000, 2932896, 2147483647, -2147483647] },
  time: { type: dataTypes.time(), values: [null, 0n, 1n, 86_399_999_999n] },
  timestamp: {
    type: timestamp,
    values: [null, -1n, 0n, 1n, 1_700_000_000_123_456n, -62_135_596_800_000_000n, 2n ** 63n - 1n, -(2n ** 63n) + 1n],
  },
  timestampZoned: {
    type: dataTypes.timestamp(TimeUnit.Microsecond, 'UTC'),
    values: [null, -1n, 0n, 253_402_300_799_999_999n],
  },
  timestampNanos: { type: dataTypes.timestamp(TimeUnit.Nanosecond), values: [null, -1n, 0n, 1n, 2n ** 62n] },
  utf8: {
    type: utf8,
    values: [
      null,
      '',
      ' ',
      'A',
      'a',
      'a ',
      'aB',
      'ab',
      'B',
      'b',
      'ä',
      'ß',
      'ss',
      '\u{E000}',
      '\u{FFFF}',
      '\u{10000}',
      '\u{1F600}x',
      'a\0b',
      'a%_\\',
    ],
  },
  binary: {
    type: dataTypes.binary(),
    values: [
      null,
      new Uint8Array(),
      Uint8Array.of(0),
      Uint8Array.of(0, 1),
      Uint8Array.of(128),
      Uint8Array.of(255, 254),
    ],
  },
};
