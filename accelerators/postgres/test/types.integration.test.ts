import { batchFromRows, createLiteralReader, schemasEqual, sliceBatch } from '@millrace/arrow';
import {
  type ColumnData,
  type DataType,
  DateUnit,
  dataTypes,
  FloatPrecision,
  field,
  IntervalUnit,
  type RecordBatch,
  type Schema,
  TimeUnit,
  TypeId,
  UnionMode,
} from '@millrace/core';
import { missingPostgres, type PostgresDatabase, serviceTitle, sharedPostgres } from '@millrace/services';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accelerate, type Given, reach, refresh, scanAll } from './accelerate.ts';

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
const TEXTS = ['', 'a', 'a ', 'žluťoučký kůň', '😀', 'é\u0301', '\ufffd', 'x'.repeat(5_000)];
const BYTES = [Uint8Array.of(), Uint8Array.of(0, 255, 128), new Uint8Array(3_000).fill(7)];
const UNITS = Object.values(TimeUnit);
const digits = (count: number): bigint => 10n ** BigInt(count) - 1n;

/** Every type with values in the form of the builders. */
const SAMPLES: readonly (readonly [string, DataType, readonly unknown[]])[] = [
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

const missing = missingPostgres();
describe.skipIf(missing !== undefined)(serviceTitle('types', missing), () => {
  let database: PostgresDatabase;
  let given: Given;
  beforeAll(async () => {
    database = await (await sharedPostgres()).createDatabase();
    given = reach(database);
  });
  afterAll(async () => {
    await database?.drop();
  });

  it('each comes back as it was, beside nulls, whole and in slices', async () => {
    const names = SAMPLES.map(([title]) => title);
    const schema: Schema = { fields: SAMPLES.map(([title, type]) => field(title, type)) };
    const length = Math.max(...SAMPLES.map(([, , values]) => values.length)) + 2;
    const rows = Array.from({ length }, (_, row) =>
      SAMPLES.map(([, type, values]) => {
        // Arrow's unions have no nulls of their own.
        const absent = type.typeId === TypeId.Union ? values[0] : null;
        return row === 1 ? absent : (values[row > 1 ? row - 1 : row] ?? absent);
      }),
    );
    const batch = batchFromRows(schema, rows as never);
    const { accelerator, table } = await accelerate({ given, schema });
    expect(schemasEqual(table.schema, schema)).toBe(true);
    await refresh(table, [batch]);
    const whole = literals(await scanAll(table));
    for (const [ordinal, name] of names.entries())
      expect([name, whole.map((row) => row[ordinal])]).toEqual([name, literals([batch]).map((row) => row[ordinal])]);
    const slices = Array.from({ length: length - 1 }, (_, start) =>
      sliceBatch(batch, start, Math.min(start + 2, length)),
    );
    await refresh(table, slices);
    expect(literals(await scanAll(table))).toEqual(literals(slices));
    for (const scanned of await scanAll(table)) {
      expect(schemasEqual(scanned.schema, schema)).toBe(true);
      for (const [ordinal, { type }] of schema.fields.entries())
        expect(scanned.data.children[ordinal]?.type).toEqual(type);
    }
    await accelerator.shutdown();
  });

  it('names that no column of the server can have are kept, filtered and indexed by', async () => {
    const names = ['x'.repeat(64), 'ctid', '', 'with \0 in it', '__millrace_c0', 'quote"d'];
    const schema: Schema = { fields: names.map((name) => field(name, dataTypes.int32())) };
    const indexes = names.map((name) => ({ columns: [name], unique: false }));
    const { accelerator, table } = await accelerate({ given, schema, name: { table: 'named' }, command: { indexes } });
    await refresh(table, [batchFromRows(schema, [[0, 1, 2, 3, 4, 5]])]);
    expect(literals(await scanAll(table))).toEqual([[0, 1, 2, 3, 4, 5]]);
    await accelerator.shutdown();
  });

  it('dates and timestamps beyond the server’s fail the refresh, infinite ones do not', async () => {
    const schema: Schema = { fields: [field('d', dataTypes.date()), field('t', dataTypes.timestamp())] };
    const { accelerator, table } = await accelerate({ given, schema, name: { table: 'early' } });
    const column = (type: DataType, values: Int32Array | BigInt64Array): ColumnData => {
      return { type, length: values.length, offset: 0, nullCount: 0, values, children: [] };
    };
    const batch = (days: number[], micros: bigint[]): RecordBatch => {
      const columns = [
        column(dataTypes.date(), Int32Array.from(days)),
        column(dataTypes.timestamp(), BigInt64Array.from(micros)),
      ];
      return { schema, numRows: days.length, data: { children: columns } };
    };
    const [most, first] = [2n ** 63n - 1n, -210_866_803_200_000_000n];
    const kept = batch([2 ** 31 - 1, -(2 ** 31) + 1, -2_440_588, 0], [most, -most, first, -1n]);
    await refresh(table, [kept]);
    expect(literals(await scanAll(table))).toEqual(literals([kept]));
    for (const [days, micros] of [
      [-2_440_589, 0n],
      [-(2 ** 31), 0n],
      [0, first - 1n],
      [0, -(2n ** 63n)],
      [0, -(2n ** 62n)],
    ] as const) {
      await expect(refresh(table, [batch([days], [micros])])).rejects.toMatchObject({ code: 'invalid_data' });
      expect(literals(await scanAll(table))).toEqual(literals([kept]));
    }
    await accelerator.shutdown();
  });

  it('text that is not UTF-8 fails the refresh, also where two such texts make up a character', async () => {
    const schema: Schema = { fields: [field('t', dataTypes.utf8())] };
    const { accelerator, table } = await accelerate({ given, schema, name: { table: 'broken' } });
    const broken: readonly (readonly [number[], number[]])[] = [
      [
        [0, 1, 2],
        [0xff, 0x41],
      ],
      [
        [0, 1, 2],
        [0xc3, 0xa9],
      ],
    ];
    for (const [offsets, bytes] of broken) {
      const column: ColumnData = {
        type: dataTypes.utf8(),
        length: 2,
        offset: 0,
        nullCount: 0,
        values: Uint8Array.from(bytes),
        valueOffsets: Int32Array.from(offsets),
        children: [],
      };
      await expect(refresh(table, [{ schema, numRows: 2, data: { children: [column] } }])).rejects.toMatchObject({
        code: 'invalid_data',
      });
    }
    await accelerator.shutdown();
  });

  it('a decimal beyond its digits fails the refresh', async () => {
    const type = dataTypes.decimal(10, 0);
    const schema: Schema = { fields: [field('d', type)] };
    const { accelerator, table } = await accelerate({ given, schema, name: { table: 'long' } });
    const column: ColumnData = {
      type,
      length: 1,
      offset: 0,
      nullCount: 0,
      values: Uint32Array.of(0, 0, 1, 0),
      children: [],
    };
    await expect(refresh(table, [{ schema, numRows: 1, data: { children: [column] } }])).rejects.toMatchObject({
      code: 'invalid_data',
    });
    await accelerator.shutdown();
  });

  it('what cannot be kept is refused when the table is opened', async () => {
    const open = (schema: Schema, command = {}) => accelerate({ given, schema, command });
    await expect(open({ fields: [field('x', { typeId: 99 })] })).rejects.toMatchObject({ code: 'unsupported_type' });
    const nested = { fields: [field('x', dataTypes.list({ typeId: 99 }))] };
    await expect(open(nested)).rejects.toMatchObject({ code: 'unsupported_type' });
    const twins = { fields: [field('x', dataTypes.int8()), field('x', dataTypes.int8())] };
    await expect(open(twins)).rejects.toMatchObject({ code: 'unsupported' });
    const plain = { fields: [field('x', dataTypes.int8())] };
    await expect(open(plain, { primaryKey: ['y'] })).rejects.toMatchObject({ code: 'invalid_config' });
  });

  it('a text with the character NUL fails the refresh, and the old rows stay', async () => {
    const schema: Schema = { fields: [field('t', dataTypes.utf8())] };
    const { accelerator, table } = await accelerate({ given, schema, name: { table: 'nul' } });
    await refresh(table, [batchFromRows(schema, [['kept']])]);
    const run = () => refresh(table, [batchFromRows(schema, [['x\0y']])]);
    await expect(run()).rejects.toMatchObject({ code: 'invalid_data' });
    expect(literals(await scanAll(table))).toEqual([['kept']]);
    await accelerator.shutdown();
  });
});

function literals(batches: readonly RecordBatch[]): unknown[][] {
  return batches.flatMap(({ numRows, data }) => {
    const readers = data.children.map(createLiteralReader);
    return Array.from({ length: numRows }, (_, row) =>
      readers.map((read) => {
        const value = read(row);
        return value instanceof Uint8Array ? [...value] : value;
      }),
    );
  });
}
