import type { BuildValue } from '@millrace/arrow';
import { type DataType, dataTypes, field, TimeUnit } from '@millrace/core';
import type { TableSpec } from '../fixture.ts';
import { required } from './small-tables.ts';

const { Second, Millisecond, Microsecond, Nanosecond } = TimeUnit;

/** A type with a low and a high value, and values that are easily lost. */
export interface TypeCase {
  readonly name: string;
  /** The check that its special values belong to. */
  readonly check: 48 | 49 | 50 | 51 | 52 | 54 | 55 | 56 | 57 | 58 | 59 | 60;
  readonly type: DataType;
  readonly low: BuildValue;
  readonly high: BuildValue;
  readonly special?: readonly BuildValue[];
}

const TINY = 5e-324;

/** 29 pairs and more; a source is asked only for those that it has types for. */
export const TYPE_CASES: readonly TypeCase[] = [
  { name: 'int8', check: 48, type: dataTypes.int8(), low: -5, high: 37, special: [-128, 127, 0] },
  { name: 'int16', check: 48, type: dataTypes.int16(), low: -320, high: 12_345, special: [-32_768, 32_767, 0] },
  {
    name: 'int32',
    check: 48,
    type: dataTypes.int32(),
    low: -2_000,
    high: 1_274_942_432,
    special: [-2_147_483_648, 2_147_483_647],
  },
  {
    name: 'int64',
    check: 48,
    type: dataTypes.int64(),
    low: -5n,
    high: 312_739_231_274_942_432n,
    special: [-(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 53n - 1n, -(2n ** 53n) - 1n],
  },
  { name: 'uint8', check: 49, type: dataTypes.uint8(), low: 1, high: 200, special: [0, 255] },
  { name: 'uint16', check: 49, type: dataTypes.uint16(), low: 1, high: 40_000, special: [0, 65_535] },
  { name: 'uint32', check: 49, type: dataTypes.uint32(), low: 1, high: 3_000_000_000, special: [0, 4_294_967_295] },
  { name: 'uint64', check: 49, type: dataTypes.uint64(), low: 1n, high: 2n ** 63n + 5n, special: [0n, 2n ** 64n - 1n] },
  {
    name: 'float32',
    check: 50,
    type: dataTypes.float32(),
    low: -7.5,
    high: 567.125,
    special: [0, -0, 1.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 2 ** -149],
  },
  {
    name: 'float64',
    check: 50,
    type: dataTypes.float64(),
    low: -134_513_457.25,
    high: 568_452_475_235.5,
    special: [
      0,
      -0,
      0.1,
      1 / 3,
      123_456_789.123_456_79,
      1e308,
      -1e-308,
      TINY,
      -TINY,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ],
  },
  {
    name: 'decimal_5_3',
    check: 51,
    type: dataTypes.decimal(5, 3),
    low: '3.000',
    high: '25.250',
    special: ['-99.999', '99.999', '0.001'],
  },
  {
    name: 'decimal_15_2',
    check: 51,
    type: dataTypes.decimal(15, 2),
    low: '-9.99',
    high: '20.33',
    special: ['9999999999999.99', '-0.01'],
  },
  { name: 'decimal_1_0', check: 51, type: dataTypes.decimal(1, 0), low: '-3', high: '8', special: ['9', '-9', '0'] },
  {
    name: 'decimal_38_0',
    check: 51,
    type: dataTypes.decimal(38, 0),
    low: '-1',
    high: `${'9'.repeat(37)}1`,
    special: ['9'.repeat(38), `-${'9'.repeat(38)}`],
  },
  {
    name: 'decimal_38_38',
    check: 51,
    type: dataTypes.decimal(38, 38),
    low: `-0.${'0'.repeat(37)}1`,
    high: `0.${'9'.repeat(38)}`,
    special: [`-0.${'9'.repeat(38)}`],
  },
  {
    name: 'decimal_30_10',
    check: 51,
    type: dataTypes.decimal(30, 10),
    low: '-20.0000000001',
    high: '12345678901234567890.1234567891',
  },
  {
    name: 'text',
    check: 52,
    type: dataTypes.utf8(),
    low: 'a',
    high: 'b',
    special: [
      '',
      ' ',
      '\u{10FFFF}',
      'e\u0301',
      'x'.repeat(1_048_576),
      '\u{1F468}\u200d\u{1F469}',
      'a\0b',
      '\ufeffbom',
      'Ünïcödé ☕',
    ],
  },
  { name: 'large_text', check: 52, type: dataTypes.largeUtf8(), low: 'a', high: 'b', special: ['', 'ä'] },
  {
    name: 'binary',
    check: 54,
    type: dataTypes.binary(),
    low: Uint8Array.of(1, 2),
    high: Uint8Array.of(200, 1),
    special: [
      Uint8Array.of(),
      Uint8Array.of(0),
      Uint8Array.of(0xff, 0xfe, 0x00, 0x80),
      Uint8Array.of(0x27, 0x5c, 0x00, 0x27),
    ],
  },
  { name: 'bool', check: 55, type: dataTypes.bool(), low: false, high: true },
  {
    name: 'date',
    check: 56,
    type: dataTypes.date(),
    low: '1995-07-20',
    high: '2020-01-01',
    special: [
      '0001-01-01',
      '1582-10-04',
      '1582-10-05',
      '1582-10-15',
      '1969-12-31',
      '1970-01-01',
      '2000-02-29',
      '9999-12-31',
      '0099-12-31',
      '1900-01-01',
    ],
  },
  {
    name: 'time',
    check: 57,
    type: dataTypes.time(Microsecond),
    low: '03:00:00',
    high: '12:34:56.123456',
    special: ['00:00:00', '23:59:59.999999', '00:00:00.000001'],
  },
  {
    name: 'timestamp',
    check: 58,
    type: dataTypes.timestamp(Microsecond),
    low: '2018-03-25T03:17:17',
    high: '2020-02-12T15:03:00.123456',
    // Hours that do not exist, or exist twice, in New York, and moments around Nepal's change of its offset.
    special: [
      '1969-12-31T23:59:59.999999',
      '1970-01-01T00:00:00',
      '2021-03-14T02:30:00',
      '2021-11-07T01:30:00',
      '1985-12-31T23:59:59',
      '1986-01-01T00:07:00',
      '0001-01-01T00:00:00',
      '9999-12-31T23:59:59.999999',
      '1900-01-01T12:00:00',
      '2024-02-29T00:00:00.000001',
    ],
  },
  {
    name: 'timestamp_s',
    check: 58,
    type: dataTypes.timestamp(Second),
    low: '2018-03-25T03:17:17',
    high: '2020-02-12T15:03:00',
    special: ['1969-12-31T23:59:59'],
  },
  {
    name: 'timestamp_ms',
    check: 58,
    type: dataTypes.timestamp(Millisecond),
    low: '2018-03-25T03:17:17.123',
    high: '2020-02-12T15:03:00.999',
    special: ['1969-12-31T23:59:59.999'],
  },
  {
    name: 'timestamp_ns',
    check: 58,
    type: dataTypes.timestamp(Nanosecond),
    low: '2018-03-25T03:17:17.123456789',
    high: '2020-02-12T15:03:00.000000001',
  },
  {
    name: 'timestamptz',
    check: 59,
    type: dataTypes.timestamp(Microsecond, 'UTC'),
    low: '1969-12-31T15:03:00.123456Z',
    high: '2020-02-12T15:03:00.123456Z',
    special: [
      '1970-01-01T00:00:00Z',
      '2021-03-14T07:30:00Z',
      '2021-11-07T05:30:00.000001Z',
      '9999-12-31T23:59:59.999999Z',
      '1900-01-01T12:00:00.5Z',
    ],
  },
  {
    name: 'interval',
    check: 60,
    type: dataTypes.interval(),
    low: { months: 0, days: 1, nanoseconds: 0n },
    high: { months: 14, days: 3, nanoseconds: 4_000_000n },
    special: [{ months: -1, days: 40, nanoseconds: -1_000n }],
  },
  {
    name: 'list_int',
    check: 60,
    type: dataTypes.list(dataTypes.int32()),
    low: [],
    high: [1, null, 3],
    special: [[null], [7]],
  },
  {
    name: 'list_list',
    check: 60,
    type: dataTypes.list(dataTypes.list(dataTypes.utf8())),
    low: [],
    high: [['a', null], null, []],
  },
  {
    name: 'struct',
    check: 60,
    type: dataTypes.struct([field('a', dataTypes.int32()), field('b', dataTypes.utf8())]),
    low: { a: 1, b: null },
    high: { a: null, b: 'x' },
  },
  {
    name: 'map',
    check: 60,
    type: dataTypes.map(dataTypes.utf8(), dataTypes.int64()),
    low: [['a', 1n]],
    high: [
      ['b', null],
      ['c', 9_007_199_254_740_993n],
    ],
  },
];

/** The table of a type: low, null, high, then the special values. */
export function typeTable({ name, type, low, high, special }: TypeCase): TableSpec {
  return {
    name: `type_${name}`,
    fields: [required('id', dataTypes.int32()), field('value', type)],
    rows: [low, null, high, ...(special ?? [])].map((value, id) => [id, value]),
  };
}
