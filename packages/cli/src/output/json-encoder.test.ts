import { batchFromRows, createValueReader } from '@millrace/arrow';
import { type DataType, dataTypes, type Field, field, TimeUnit } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { createJsonEncoder } from './json-encoder.ts';

/** The JSON text of values of a column, as they come out of a batch. */
function encode(type: DataType, values: readonly unknown[], metadata?: ReadonlyMap<string, string>): string[] {
  const column: Field = { ...field('c', type), ...(metadata ? { metadata } : {}) };
  const batch = batchFromRows(
    { fields: [column] },
    values.map((value) => [value]),
  );
  const read = createValueReader(batch.data.children[0]!);
  return values.map((_, row) => createJsonEncoder(column)(read(row)));
}

describe('values as JSON', () => {
  it('writes 64-bit integers as strings by type, small ones among them, and narrower ones as numbers', () => {
    expect(encode(dataTypes.int64(), [1n, 9007199254740993n, null])).toEqual(['"1"', '"9007199254740993"', 'null']);
    expect(encode(dataTypes.uint64(), [18446744073709551615n])).toEqual(['"18446744073709551615"']);
    expect(encode(dataTypes.int32(), [1, -2147483648])).toEqual(['1', '-2147483648']);
  });

  it('writes decimals as strings with all digits of the scale', () => {
    expect(encode(dataTypes.decimal(38, 2), ['1', '-999999999999999999999999999999999999.99'])).toEqual([
      '"1.00"',
      '"-999999999999999999999999999999999999.99"',
    ]);
  });

  it('writes floats as numbers, and what JSON has no number for as a string', () => {
    const values = [0.1, -0, 1e300, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    expect(encode(dataTypes.float64(), values)).toEqual(['0.1', '-0', '1e+300', '"NaN"', '"Infinity"', '"-Infinity"']);
  });

  it('writes text, binary, dates and times as strings', () => {
    expect(encode(dataTypes.utf8(), ['a "b"\n', ''])).toEqual([String.raw`"a \"b\"\n"`, '""']);
    expect(encode(dataTypes.binary(), [Uint8Array.of(0, 255)])).toEqual(['"AP8="']);
    expect(encode(dataTypes.date(), ['2024-02-29'])).toEqual(['"2024-02-29"']);
    expect(encode(dataTypes.timestamp(TimeUnit.Microsecond, 'UTC'), ['2024-01-31T12:00:00.123456Z'])).toEqual([
      '"2024-01-31T12:00:00.123456Z"',
    ]);
  });

  it('writes UUIDs in their usual form', () => {
    const bytes = Uint8Array.from({ length: 16 }, (_, index) => index);
    const uuid = new Map([['ARROW:extension:name', 'arrow.uuid']]);
    expect(encode(dataTypes.fixedSizeBinary(16), [bytes], uuid)).toEqual(['"00010203-0405-0607-0809-0a0b0c0d0e0f"']);
  });

  it('keeps the rules inside nested values', () => {
    const struct = dataTypes.struct([field('a', dataTypes.int64()), field('b', dataTypes.float64())]);
    expect(encode(dataTypes.list(struct), [[{ a: 1n, b: Number.NaN }, null], []])).toEqual([
      '[{"a":"1","b":"NaN"},null]',
      '[]',
    ]);
    expect(
      encode(dataTypes.map(dataTypes.utf8(), dataTypes.int64()), [
        [
          ['k', 1n],
          ['l', null],
        ],
      ]),
    ).toEqual(['[["k","1"],["l",null]]']);
  });
});
