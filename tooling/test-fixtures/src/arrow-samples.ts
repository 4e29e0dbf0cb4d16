import {
  type DataType,
  DateUnit,
  dataTypes,
  FloatPrecision,
  field,
  IntervalUnit,
  TimeUnit,
  TypeId,
  UnionMode,
} from '@millrace/core';

/** Title, type, and values in the form of the builders. */
export type ArrowSample = readonly [string, DataType, readonly unknown[]];

const union = (mode: number): DataType => ({
  typeId: TypeId.Union,
  mode,
  typeIds: [0, 1],
  children: [field('n', dataTypes.int64()), field('s', dataTypes.utf8())],
});
const dictionary = (value: DataType): DataType => ({
  typeId: TypeId.Dictionary,
  indices: dataTypes.int8(),
  dictionary: value,
  id: 1,
});
const INT64 = [0n, -1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 52n, -(2n ** 52n), 2n ** 63n - 1n, -(2n ** 63n)];
const NUMBERS = [0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 53, 3];
const TEXTS = ['', 'a', 'a ', 'žluťoučký kůň', '😀', 'x\0y', 'é\u0301', '\ufffd', 'x'.repeat(5_000)];
const BYTES = [Uint8Array.of(), Uint8Array.of(0, 255, 128), new Uint8Array(3_000).fill(7)];
const UNITS = Object.values(TimeUnit);
const digits = (count: number): bigint => 10n ** BigInt(count) - 1n;

/** Every type of Arrow, with values in the form of the builders, for engines that keep all of them exactly. */
export const ARROW_SAMPLES: readonly ArrowSample[] = [
  ['null', dataTypes.null(), [null, null]],
  ['bool', dataTypes.bool(), [true, false, true]],
  ['int8', dataTypes.int8(), [-128, 0, 127]],
  ['int16', dataTypes.int16(), [-32_768, 0, 32_767]],
  ['int32', dataTypes.int32(), [-(2 ** 31), 0, 2 ** 31 - 1]],
  ['int64', dataTypes.int64(), INT64],
  ['uint8', dataTypes.uint8(), [0, 255]],
  ['uint16', dataTypes.uint16(), [0, 65_535]],
  ['uint32', dataTypes.uint32(), [0, 2 ** 32 - 1]],
  ['uint64', dataTypes.uint64(), [0n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n]],
  ['half float', { typeId: TypeId.Float, precision: FloatPrecision.Half }, [0.5, Number.NaN, -0, 65_504]],
  ['float32', dataTypes.float32(), [...NUMBERS.filter((value) => value !== 2 ** 53), Math.fround(0.1), 1e-45]],
  ['float64', dataTypes.float64(), [...NUMBERS, 0.1, 5e-324, Number.MAX_VALUE]],
  ['decimal(9, 2)', dataTypes.decimal(9, 2), [0n, digits(9), -digits(9), 1n]],
  ['decimal(18, 18)', dataTypes.decimal(18, 18), [0n, digits(18), -digits(18)]],
  ['decimal(19, 0)', dataTypes.decimal(19, 0), [0n, digits(19), -digits(19), -1n]],
  ['decimal(38, 10)', dataTypes.decimal(38, 10), [0n, digits(38), -digits(38), -1n, 1n]],
  ['decimal(76, 10)', dataTypes.decimal(76, 10), [0n, digits(76), -digits(76), -1n, 1n]],
  ['short decimal of 256 bits', { ...dataTypes.decimal(10, 2), bitWidth: 256 }, [digits(10), -digits(10), -1n]],
  ['utf8', dataTypes.utf8(), TEXTS],
  ['large utf8', dataTypes.largeUtf8(), TEXTS],
  ['binary', dataTypes.binary(), BYTES],
  ['large binary', dataTypes.largeBinary(), BYTES],
  ['fixed-size binary', dataTypes.fixedSizeBinary(3), [Uint8Array.of(0, 128, 255), Uint8Array.of(1, 2, 3)]],
  ['date', dataTypes.date(), ['0001-01-01', '1969-12-31', '9999-12-31']],
  ['date in ms', { typeId: TypeId.Date, unit: DateUnit.Millisecond }, ['1969-12-31', '9999-12-31']],
  ...UNITS.flatMap((unit) => [
    [`time ${unit}`, dataTypes.time(unit), ['00:00:00', '23:59:59']] as const,
    [`timestamp ${unit}`, dataTypes.timestamp(unit), [-1n, 0n, 1_706_702_400_123n]] as const,
    [`instant ${unit}`, dataTypes.timestamp(unit, 'Europe/Prague'), [-1n, 1_706_702_400_123n, 2n ** 62n]] as const,
    [`duration ${unit}`, dataTypes.duration(unit), [-90n, 2n ** 63n - 1n]] as const,
  ]),
  ['months', { typeId: TypeId.Interval, unit: IntervalUnit.YearMonth }, [{ months: -14 }]],
  ['interval', dataTypes.interval(), [{ months: 1, days: -2, nanoseconds: 2n ** 62n }, { days: 3 }]],
  ['dictionary of utf8', dictionary(dataTypes.utf8()), ['b', 'a', 'b', 'žluťoučký']],
  ['dictionary of int64', dictionary(dataTypes.int64()), [5n, 7n, 5n]],
  ['list', dataTypes.list(dataTypes.int64()), [[], [2n ** 63n - 1n, null]]],
  ['large list', { ...dataTypes.list(dataTypes.utf8()), typeId: TypeId.LargeList }, [[], ['x', null, '']]],
  ['list of lists', dataTypes.list(dataTypes.list(dataTypes.decimal(20, 2))), [[[1n], null, []]]],
  ['fixed-size list', dataTypes.fixedSizeList(dataTypes.float64(), 2), [[Number.NaN, -0]]],
  [
    'struct',
    dataTypes.struct([field('a b', dataTypes.timestamp()), field('c', dataTypes.binary())]),
    [
      { 'a b': 5n, c: Uint8Array.of(1) },
      { 'a b': null, c: null },
    ],
  ],
  ['map', dataTypes.map(dataTypes.utf8(), dataTypes.uint64()), [[['x', 2n ** 64n - 1n]], []]],
  [
    'sparse union',
    union(UnionMode.Sparse),
    [
      { tag: 's', value: 'seven' },
      { tag: 'n', value: 2n ** 53n + 1n },
    ],
  ],
  ['dense union', union(UnionMode.Dense), [{ tag: 'n', value: 7n }]],
];
