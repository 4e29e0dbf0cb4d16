import { type DataType, dataTypes, field, isMillraceError, type Schema, TimeUnit, TypeId } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import {
  type BuildValue,
  batchFromColumns,
  batchFromRows,
  createColumnBuilder,
  createLiteralReader,
  createValueReader,
  describeType,
  type LiteralLike,
  rowArraysFromBatch,
  rowsFromBatch,
} from '../src/index.ts';

const micros = dataTypes.timestamp();
const instants = dataTypes.timestamp(TimeUnit.Microsecond, 'Europe/Berlin');
const dictionary = { typeId: TypeId.Dictionary, indices: dataTypes.uint8(), dictionary: dataTypes.utf8() };
const union: DataType = {
  typeId: TypeId.Union,
  mode: 1,
  children: [field('n', dataTypes.int32()), { ...field('s', dataTypes.utf8()), nullable: false }],
};
const halfFloat = { typeId: TypeId.Float, precision: 0 };
const months = { typeId: TypeId.Interval, unit: 0 };
const dayTime = { typeId: TypeId.Interval, unit: 1 };
const date64 = { typeId: TypeId.Date, unit: 1 };

describe('a builder accepts', () => {
  const accepted: readonly (readonly [DataType, BuildValue, LiteralLike])[] = [
    [dataTypes.bool(), 1, true],
    [dataTypes.bool(), 0n, false],
    [dataTypes.int8(), '-128', -128],
    [dataTypes.uint32(), 4_294_967_295n, 4_294_967_295],
    [dataTypes.int64(), -1, -1n],
    [dataTypes.int64(), -(2 ** 53) + 1, -(2n ** 53n) + 1n],
    [dataTypes.int64(), '9223372036854775807', 2n ** 63n - 1n],
    [dataTypes.uint64(), '+18446744073709551615', 2n ** 64n - 1n],
    [dataTypes.uint64(), 2 ** 53 - 1, 2n ** 53n - 1n],
    [dataTypes.float64(), '1e-3', 0.001],
    [dataTypes.float64(), '-Infinity', -Infinity],
    [dataTypes.float64(), 'nan', Number.NaN],
    [dataTypes.float64(), -0, -0],
    [dataTypes.float64(), 2n ** 60n, 2 ** 60],
    [dataTypes.float32(), 0.1, Math.fround(0.1)],
    [halfFloat, 65_504, 65_504],
    [dataTypes.decimal(10, 2), '12.5', 1250n],
    [dataTypes.decimal(10, 2), 12.5, 1250n],
    [dataTypes.decimal(10, 2), 1250n, 1250n],
    [dataTypes.decimal(38, 0), '9'.repeat(38), 10n ** 38n - 1n],
    [dataTypes.utf8(), '\u{10FFFF}\0e\u0301', '\u{10FFFF}\0e\u0301'],
    [dataTypes.utf8(), '\u{1F600}'.repeat(40), '\u{1F600}'.repeat(40)],
    [dataTypes.binary(), Uint8Array.of(0, 255, 128).buffer, Uint8Array.of(0, 255, 128)],
    [dataTypes.binary(), Buffer.from('ab'), Uint8Array.of(97, 98)],
    [dataTypes.fixedSizeBinary(2), new DataView(Uint8Array.of(1, 2, 3).buffer, 1), Uint8Array.of(2, 3)],
    [dataTypes.date(), '1969-12-31', -1],
    [dataTypes.date(), new Date('2024-02-29T00:00:00Z'), 19_782],
    [dataTypes.date(), 5n, 5],
    [date64, '1970-01-02', 1],
    [dataTypes.time(TimeUnit.Second), '23:59:59', 86_399n],
    [micros, '2024-01-31T12:00:00.123456', 1_706_702_400_123_456n],
    [micros, new Date(5), 5_000n],
    [micros, -5n, -5n],
    [instants, '2024-01-31 12:00:00+01', 1_706_698_800_000_000n],
    [dataTypes.timestamp(TimeUnit.Second), new Date(5_000), 5n],
    [dataTypes.duration(), 7n, 7n],
    [months, { months: 14 }, { months: 14, days: 0, nanoseconds: 0n }],
    [dayTime, { days: 1, nanoseconds: -2_000_000 }, { months: 0, days: 1, nanoseconds: -2_000_000n }],
    [dataTypes.interval(), { nanoseconds: '-1' }, { months: 0, days: 0, nanoseconds: -1n }],
    [dataTypes.list(dataTypes.int32()), new Set([1, 2]), [1, 2]],
    [dataTypes.list(dataTypes.int64()), BigInt64Array.of(1n, 2n), [1n, 2n]],
    [dataTypes.fixedSizeList(dataTypes.float64(), 2), Float64Array.of(1, 2), [1, 2]],
    [dataTypes.map(dataTypes.utf8(), dataTypes.int32()), new Map([['a', 1]]), [['a', 1]]],
    [
      dataTypes.map(dataTypes.utf8(), dataTypes.int32()),
      { a: 1, b: null },
      [
        ['a', 1],
        ['b', null],
      ],
    ],
    [dataTypes.struct([field('a', dataTypes.int32())]), { a: 1, more: 2 }, { a: 1 }],
    [dataTypes.struct([field('constructor', dataTypes.utf8())]), {}, { constructor: null }],
    [union, { tag: 's', value: 'x' }, { tag: 's', value: 'x' }],
    [dictionary, 'x', 'x'],
  ];

  it.each(accepted.map(([type, value, literal]) => ({ name: describeType(type), type, value, literal })))(
    '$value as $name',
    ({ type, value, literal }) => {
      expect(readBack(type, [null, value, null])[1]).toEqual(literal);
    },
  );

  it('every text of a column at its length', () => {
    const texts = Array.from({ length: 200 }, (_, length) => 'ä'.repeat(length % 3) + 'x'.repeat(length));
    expect(readBack(dataTypes.utf8(), texts)).toEqual(texts);
  });
});

describe('a builder refuses', () => {
  const lone = '\uD800';
  const refused: readonly (readonly [DataType, unknown, RegExp])[] = [
    [dataTypes.null(), 1, /not null/],
    [dataTypes.bool(), 2, /boolean/],
    [dataTypes.bool(), 'true', /boolean/],
    [dataTypes.int8(), 128, /range from -128 to 127/],
    [dataTypes.uint8(), -1, /range from 0 to 255/],
    [dataTypes.int32(), 1.5, /whole/],
    [dataTypes.int32(), Number.NaN, /whole/],
    [dataTypes.int32(), '', /whole/],
    [dataTypes.int32(), '0x10', /whole/],
    [dataTypes.int32(), 2n ** 60n, /range/],
    [dataTypes.int64(), 2 ** 53, /2\^53/],
    [dataTypes.int64(), 2n ** 63n, /range/],
    [dataTypes.int64(), Infinity, /whole/],
    [dataTypes.int64(), true, /whole/],
    [dataTypes.uint64(), -1, /below 0/],
    [dataTypes.uint64(), -1n, /range/],
    [dataTypes.float64(), 2n ** 53n + 1n, /no float holds exactly/],
    [dataTypes.float64(), '1e400', /beyond the range/],
    [dataTypes.float64(), '', /not a number/],
    [dataTypes.float64(), '1 2', /not a number/],
    [dataTypes.float32(), 1e39, /beyond the range/],
    [halfFloat, 65_520, /beyond the range/],
    [dataTypes.decimal(4, 2), '100', /more than 4 digits/],
    [dataTypes.decimal(4, 2), '1.005', /behind the point/],
    [dataTypes.decimal(4, 2), 0.1 + 0.2, /behind the point/],
    [dataTypes.decimal(4, 2), 10_000n, /more than 4 digits/],
    [dataTypes.decimal(38, 0), 1e21, /2\^53/],
    [dataTypes.decimal(4, 2), Number.NaN, /decimal/],
    [dataTypes.utf8(), 5, /string/],
    [dataTypes.utf8(), lone, /lone surrogate/],
    [dataTypes.utf8(), `${'x'.repeat(50)}${lone}`, /lone surrogate/],
    [dataTypes.binary(), 'text', /Uint8Array/],
    [dataTypes.fixedSizeBinary(2), Uint8Array.of(1), /2 bytes/],
    [dataTypes.date(), '2023-02-29', /exists/],
    [dataTypes.date(), new Date(1), /midnight UTC/],
    [dataTypes.date(), new Date(Number.NaN), /invalid Date/],
    [dataTypes.date(), 1.5, /whole/],
    [dataTypes.date(), 2 ** 31, /range/],
    [dataTypes.time(), 5, /bigint/],
    [dataTypes.time(), 86_400_000_001n, /within a day/],
    [dataTypes.time(), '838:59:59', /HH:MM:SS/],
    [micros, 5, /bigint/],
    [micros, '2024-01-31T12:00:00Z', /without a zone/],
    [micros, 2n ** 63n, /range/],
    [instants, '2024-01-31T12:00:00', /no offset/],
    [dataTypes.timestamp(TimeUnit.Second), new Date(1), /milliseconds/],
    [dataTypes.timestamp(TimeUnit.Nanosecond), '9999-12-31T00:00:00', /range/],
    [dataTypes.duration(), 5, /bigint/],
    [dataTypes.interval(), {}, /months, days and nanoseconds/],
    [dataTypes.interval(), { hours: 1 }, /months, days and nanoseconds/],
    [dataTypes.interval(), { months: 0.5 }, /whole/],
    [months, { days: 1 }, /months/],
    [dayTime, { nanoseconds: 1n }, /milliseconds/],
    [dataTypes.list(dataTypes.int32()), 'ab', /array/],
    [dataTypes.list({ ...dataTypes.int32() }), [1, 'x'], /whole/],
    [{ typeId: TypeId.List, children: [{ ...field('item', dataTypes.int32()), nullable: false }] }, [null], /'item'/],
    [dataTypes.fixedSizeList(dataTypes.int32(), 2), [1], /2 elements/],
    [dataTypes.struct([field('a', dataTypes.int32())]), [1], /object/],
    [dataTypes.map(dataTypes.utf8(), dataTypes.int32()), [['a']], /\[key, value\]/],
    [dataTypes.map(dataTypes.utf8(), dataTypes.int32()), [[null, 1]], /null key/],
    [union, 'x', /tag and value/],
    [union, { tag: 'other', value: 1 }, /does not name/],
    [union, { tag: 's', value: null }, /'s' cannot be/],
  ];

  it.each(refused.map(([type, value, reason]) => ({ name: describeType(type), type, value, reason })))(
    '$value as $name',
    ({ type, value, reason }) => {
      const builder = createColumnBuilder(type);
      builder.append(null);
      const error = errorOf(() => builder.append(value as BuildValue));
      if (!isMillraceError(error)) throw error;
      expect(error.code).toBe('invalid_data');
      expect(error.message).toContain('row 1');
      expect(error.message).toMatch(reason);
      expect(() => builder.append(null)).toThrow(TypeError);
    },
  );

  it('a distinct value more than the indices can tell apart', () => {
    const builder = createColumnBuilder(dictionary);
    for (let value = 0; value < 256; value++) builder.append(`${value}`);
    builder.append('255');
    expect(() => builder.append('256')).toThrow(/255/);
  });

  it('to name the value', () => {
    const error = errorOf(() => createColumnBuilder(dataTypes.int8()).append('s3cret'));
    expect(String(error)).not.toContain('s3cret');
  });

  it('to go on once it has finished', () => {
    const builder = createColumnBuilder(dataTypes.int8());
    builder.finish();
    expect(() => builder.finish()).toThrow(TypeError);
  });
});

describe('batchFromRows', () => {
  const schema: Schema = {
    fields: [{ ...field('id', dataTypes.int64()), nullable: false }, field('name', dataTypes.utf8())],
  };

  it('takes objects, arrays and iterables of either', () => {
    class Row {
      readonly id = 3;
      get name(): string {
        return 'from a getter';
      }
    }
    function* rows() {
      yield { id: 1, name: 'a', more: true };
      yield [2n, null];
      yield new Row() as unknown as Record<string, unknown>;
    }
    expect([...rowsFromBatch(batchFromRows(schema, rows()))]).toEqual([
      { id: 1n, name: 'a' },
      { id: 2n, name: null },
      { id: 3n, name: 'from a getter' },
    ]);
  });

  it('names column and row of what does not fit', () => {
    expect(() => batchFromRows(schema, [{ id: 1 }, { id: 1, name: 5 }])).toThrow(/column 'name', row 1/);
    expect(() => batchFromRows(schema, [{ id: 1 }, { name: 'x' }])).toThrow(/column 'id', row 1: .* not nullable/);
    expect(() => batchFromRows(schema, [[1n]])).toThrow(/row 0 has 1 values/);
  });

  it('counts rows where there are no columns', () => {
    expect(batchFromRows({ fields: [] }, [{}, []]).numRows).toBe(2);
  });

  it('keeps columns of the same name apart when they come by position', () => {
    const twice = {
      fields: [field('a', dataTypes.int32()), field('a', dataTypes.utf8()), field('a_1', dataTypes.bool())],
    };
    const batch = batchFromRows(twice, [[1, 'x', true]]);
    expect([...rowsFromBatch(batch)]).toEqual([{ a: 1, a_2: 'x', a_1: true }]);
    expect([...rowArraysFromBatch(batch)]).toEqual([[1, 'x', true]]);
  });
});

describe('batchFromColumns', () => {
  const schema: Schema = { fields: [field('a', dataTypes.int32()), field('b', dataTypes.timestamp())] };

  it('takes the memory of typed arrays that are the storage already, and of finished columns', () => {
    const values = Int32Array.of(1, 2);
    const builder = createColumnBuilder(dataTypes.timestamp());
    for (const value of [1n, null]) builder.append(value);
    const column = builder.finish();
    const { children } = batchFromColumns(schema, [values, column]).data;
    expect(children[0]?.values).toBe(values);
    expect(children[1]).toBe(column);
  });

  it('checks typed arrays of another kind value by value', () => {
    expect(() => batchFromColumns(schema, [Float64Array.of(1, 1.5), [null, null]])).toThrow(/column 'a', row 1/);
    const time = { fields: [field('t', dataTypes.time(TimeUnit.Second))] };
    expect(() => batchFromColumns(time, [Int32Array.of(5)])).toThrow(/bigint/);
    const half = { fields: [field('h', halfFloat)] };
    expect([...rowsFromBatch(batchFromColumns(half, [Uint16Array.of(1)]))]).toEqual([{ h: 1 }]);
  });

  it('refuses columns of other lengths, numbers and types', () => {
    expect(() => batchFromColumns(schema, [[1], [1n, 2n]])).toThrow(/'b' has 2 rows instead of 1/);
    expect(() => batchFromColumns(schema, [[1]])).toThrow(/1 columns were given/);
    const column = createColumnBuilder(dataTypes.utf8()).finish();
    expect(() => batchFromColumns(schema, [column, []])).toThrow(/another type/);
  });
});

describe('readers', () => {
  it.each([
    [dataTypes.decimal(5, 2), -5n, '-0.05'],
    [dataTypes.date(), '2024-02-29', '2024-02-29'],
    [date64, 5n, '1970-01-01T00:00:00.005'],
    [date64, '0001-01-01', '0001-01-01'],
    [dataTypes.time(TimeUnit.Nanosecond), 1n, '00:00:00.000000001'],
    [micros, 123_456n, '1970-01-01T00:00:00.123456'],
    [micros, 253_402_300_799_999_999n, '9999-12-31T23:59:59.999999'],
    [instants, 0n, '1970-01-01T00:00:00Z'],
    [dataTypes.duration(), 5n, 5n],
    [dataTypes.int64(), 2n ** 53n + 1n, 2n ** 53n + 1n],
    [union, { tag: 'n', value: 5 }, 5],
    [dataTypes.list(dataTypes.date()), ['1970-01-01'], ['1970-01-01']],
  ] as const)('show %o %s as %s', (type: DataType, value, shown) => {
    const builder = createColumnBuilder(type);
    builder.append(value as BuildValue);
    expect(createValueReader(builder.finish())(0)).toEqual(shown);
  });

  it('give binary values memory of their own', () => {
    const source = Buffer.from('abc');
    const column = {
      type: dataTypes.fixedSizeBinary(3),
      length: 1,
      offset: 0,
      nullCount: 0,
      values: source,
      children: [],
    };
    const value = createValueReader(column)(0) as Uint8Array;
    source[0] = 0;
    expect(value).toEqual(Uint8Array.of(97, 98, 99));
    expect(Buffer.isBuffer(value)).toBe(false);
  });

  it('refuse text that is not UTF-8', () => {
    const column = {
      type: dataTypes.utf8(),
      length: 2,
      offset: 0,
      nullCount: 0,
      values: Uint8Array.of(0x61, 0xff),
      valueOffsets: Int32Array.of(0, 1, 2),
      children: [],
    };
    const read = createLiteralReader(column);
    expect(read(0)).toBe('a');
    expect(() => read(1)).toThrow(expect.objectContaining({ code: 'invalid_data' }));
  });

  it('refuse types that core does not list', () => {
    const column = { type: { typeId: 22 }, length: 0, offset: 0, nullCount: 0, children: [] };
    expect(() => createValueReader(column)).toThrow(expect.objectContaining({ code: 'unsupported_type' }));
  });
});

function readBack(type: DataType, values: readonly (BuildValue | null)[]): LiteralLike[] {
  const builder = createColumnBuilder(type, 1);
  for (const value of values) builder.append(value);
  const read = createLiteralReader(builder.finish());
  return values.map((_, row) => read(row));
}

function errorOf(run: () => void): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new TypeError('nothing was thrown');
}
