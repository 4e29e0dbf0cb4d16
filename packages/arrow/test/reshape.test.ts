import { type DataType, dataTypes, field, type RecordBatch, type Schema } from '@millrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  batchFromColumns,
  batchFromRows,
  concatBatches,
  createLiteralReader,
  describeType,
  emptyBatch,
  type LiteralLike,
  normalizeColumn,
  projectBatch,
  sliceBatch,
  takeRows,
} from '../src/index.ts';
import { columnValues, nestedSamples, nestedTypes, scalarTypes } from './type-arbitraries.ts';

const NUM_RUNS = process.env.MILLRACE_TEST_FULL ? 500 : 8;
const twoLevels = nestedSamples.flatMap((sample) => nestedTypes(sample)).filter((_, ordinal) => ordinal % 7 === 0);
const samples = [...scalarTypes, ...nestedSamples, ...twoLevels];

describe.each(samples.map((sample) => ({ name: describeType(sample.type), sample })))('$name', ({ sample }) => {
  const { type } = sample;
  const range = fc.tuple(fc.nat(40), fc.nat(40));

  it('slices, slices of slices included, as arrays do', () => {
    fc.assert(
      fc.property(columnValues(sample), range, range, (values, first, second) => {
        const [start, end] = cut(values.length, first);
        const slice = sliceBatch(oneColumn(type, values), start, end);
        expect(valuesOf(slice)).toEqual(values.slice(start, end));
        const [innerStart, innerEnd] = cut(end - start, second);
        expect(valuesOf(sliceBatch(slice, innerStart, innerEnd))).toEqual(
          values.slice(start, end).slice(innerStart, innerEnd),
        );
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it('takes rows, of slices too, as arrays do', () => {
    fc.assert(
      fc.property(columnValues(sample), range, fc.array(fc.nat(1_000), { maxLength: 60 }), (values, bounds, picks) => {
        const [start, end] = cut(values.length, bounds);
        const rows = end === start ? [] : picks.map((pick) => pick % (end - start));
        const kept = values.slice(start, end);
        const taken = takeRows(sliceBatch(oneColumn(type, values), start, end), rows);
        expect(valuesOf(taken)).toEqual(rows.map((row) => kept[row]));
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it('concatenates, slices too, as arrays do', () => {
    const part = fc.tuple(columnValues(sample), range);
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        const kept = parts.map(([values, bounds]) => ({ values, bounds: cut(values.length, bounds) }));
        const batches = kept.map(({ values, bounds }) => sliceBatch(oneColumn(type, values), ...bounds));
        const all = concatBatches(schemaOf(type), batches);
        const expected = kept.flatMap(({ values, bounds }) => values.slice(...bounds));
        expect(valuesOf(all)).toEqual(expected);
        expect(all.numRows).toBe(expected.length);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it('counts its nulls right once they are counted', () => {
    fc.assert(
      fc.property(columnValues(sample), columnValues(sample), (left, right) => {
        const { nullCount } = columnOf(concatBatches(schemaOf(type), [oneColumn(type, left), oneColumn(type, right)]));
        expect(nullCount).toBe([...left, ...right].filter((value) => value === null).length);
      }),
      { numRuns: 5 },
    );
  });
});

describe('slices', () => {
  it('share memory', () => {
    const batch = oneColumn(dataTypes.int32(), [1, 2, 3, null]);
    const [whole, slice] = [columnOf(batch), columnOf(sliceBatch(batch, 1, 3))];
    expect(slice.values?.buffer).toBe(whole.values?.buffer);
    expect(slice.offset).toBe(1);
    expect(slice.nullBitmap).toBe(whole.nullBitmap);
  });

  it('refuse rows that are not there', () => {
    const batch = oneColumn(dataTypes.int32(), [1, 2]);
    for (const [start, end] of [
      [-1, 1],
      [2, 1],
      [0, 3],
      [Number.NaN, 1],
    ]) {
      expect(() => sliceBatch(batch, start ?? 0, end ?? 0)).toThrow(RangeError);
    }
    for (const row of [-1, 2, 0.5, Number.NaN]) expect(() => takeRows(batch, [row])).toThrow(RangeError);
    expect(() => projectBatch(batch, [1])).toThrow(RangeError);
  });
});

describe('batches without columns', () => {
  const none: Schema = { fields: [] };

  it('keep their row count through every function', () => {
    const batch = batchFromColumns(none, [], 7);
    expect(batch.numRows).toBe(7);
    expect(sliceBatch(batch, 2, 5).numRows).toBe(3);
    expect(takeRows(batch, [0, 0, 6]).numRows).toBe(3);
    expect(concatBatches(none, [batch, batch]).numRows).toBe(14);
    expect(emptyBatch(none, 4).numRows).toBe(4);
    expect(projectBatch(oneColumn(dataTypes.int32(), [1, 2]), []).numRows).toBe(2);
  });
});

describe('projectBatch', () => {
  it('reorders and repeats columns and keeps the metadata of the schema', () => {
    const schema = {
      fields: [field('a', dataTypes.int32()), field('b', dataTypes.utf8())],
      metadata: new Map([['key', 'value']]),
    };
    const projected = projectBatch(batchFromRows(schema, [[1, 'x']]), [1, 0, 1]);
    expect(projected.schema.fields.map(({ name }) => name)).toEqual(['b', 'a', 'b']);
    expect(projected.schema.metadata).toBe(schema.metadata);
    expect(projected.data.children.map((column) => createLiteralReader(column)(0))).toEqual(['x', 1, 'x']);
  });
});

describe('concatBatches', () => {
  it('keeps the memory of a single batch', () => {
    const batch = oneColumn(dataTypes.int32(), [1]);
    expect(columnOf(concatBatches(batch.schema, [batch]))).toBe(columnOf(batch));
  });

  it('refuses a batch of another type', () => {
    const batch = oneColumn(dataTypes.int64(), [1n]);
    expect(() => concatBatches(schemaOf(dataTypes.int32()), [batch])).toThrow(
      expect.objectContaining({ code: 'schema_mismatch', message: expect.stringContaining("'c' is int64") }),
    );
  });

  it('shares a dictionary that is the same in all batches', () => {
    const type = { typeId: -1, indices: dataTypes.int8(), dictionary: dataTypes.utf8() };
    const batch = oneColumn(type, ['a', 'b', 'a', null]);
    const all = columnOf(concatBatches(batch.schema, [sliceBatch(batch, 1, 3), batch]));
    expect(all.dictionary?.data[0]?.values?.buffer).toBe(columnOf(batch).dictionary?.data[0]?.values?.buffer);
  });

  it('refuses dictionaries that their indices cannot tell apart together', () => {
    const type = { typeId: -1, indices: dataTypes.int8(), dictionary: dataTypes.int32() };
    const [low, high] = [0, 100].map((start) =>
      oneColumn(
        type,
        Array.from({ length: 100 }, (_, row) => start + row),
      ),
    );
    if (!low || !high) throw new TypeError('two batches');
    expect(() => concatBatches(low.schema, [low, high])).toThrow(expect.objectContaining({ code: 'invalid_data' }));
  });
});

describe('emptyBatch', () => {
  it.each(samples.map(({ type }) => ({ name: describeType(type), type })))('makes no rows of $name', ({ type }) => {
    const batch = emptyBatch(schemaOf(type));
    expect(batch.numRows).toBe(0);
    expect(columnOf(batch).length).toBe(0);
    expect(() => createLiteralReader(columnOf(batch))).not.toThrow();
  });

  it('makes rows of nulls, but not where null is not allowed', () => {
    expect(valuesOf(emptyBatch(schemaOf(dataTypes.utf8()), 2))).toEqual([null, null]);
    const strict = { fields: [{ name: 'c', type: dataTypes.utf8(), nullable: false }] };
    expect(() => emptyBatch(strict, 1)).toThrow(TypeError);
  });
});

describe('normalizeColumn', () => {
  it('answers with the same object once a column is normal, in the same memory', () => {
    const column = columnOf(oneColumn(dataTypes.int64(), [1n, 2n]));
    const normal = normalizeColumn(column);
    expect(normal.values).toBe(column.values);
    expect(normalizeColumn(normal)).toBe(normal);
  });

  it('shifts the bits of a slice and keeps its values in place', () => {
    const batch = oneColumn(dataTypes.int32(), [null, 1, null, 3, 4, null, 6, 7, null, 9]);
    const normal = normalizeColumn(columnOf(sliceBatch(batch, 3, 10)));
    expect(normal.offset).toBe(0);
    expect(normal.values?.buffer).toBe(columnOf(batch).values?.buffer);
    expect([...(normal.nullBitmap ?? [])]).toEqual([0b0101_1011]);
  });

  it('reads 64-bit values that come as pairs of 32-bit words, aligned or not', () => {
    const words = new Int32Array([0, 1, 0, -1, -1]);
    const aligned = { type: dataTypes.int64(), length: 2, offset: 0, nullCount: 0, children: [] };
    const read = createLiteralReader({ ...aligned, values: words.subarray(0, 4) });
    expect([read(0), read(1)]).toEqual([2n ** 32n, -(2n ** 32n)]);
    const shifted = createLiteralReader({ ...aligned, values: words.subarray(1, 5) });
    expect([shifted(0), shifted(1)]).toEqual([1n, -1n]);
  });

  it.each([
    { name: 'values', column: { values: new Int32Array(1) } },
    { name: 'bitmap', column: { values: new Int32Array(9), nullBitmap: new Uint8Array(1), nullCount: -1 } },
    {
      name: 'values, where not all that is missing is null',
      column: { values: new Int32Array(3), nullBitmap: Uint8Array.of(0, 1), nullCount: -1 },
    },
  ])('refuses a column whose $name is shorter than its length', ({ column }) => {
    const short = { type: dataTypes.int32(), length: 9, offset: 0, nullCount: 0, children: [], ...column };
    expect(() => normalizeColumn(short)).toThrow(expect.objectContaining({ code: 'invalid_data' }));
  });
});

describe('columns that apache-arrow lengthened by their bitmap alone', () => {
  const lengthened = { length: 4, offset: 0, nullCount: 2, nullBitmap: Uint8Array.of(0b0011), children: [] };

  it.each([
    { type: dataTypes.int16(), column: { values: Int16Array.of(1, 2) }, values: [1, 2] },
    {
      type: dataTypes.bool(),
      column: { values: new Uint8Array(0), nullBitmap: Uint8Array.of(0) },
      values: [null, null],
    },
    {
      type: dataTypes.utf8(),
      column: { values: Buffer.from('ab'), valueOffsets: Int32Array.of(0, 1, 2) },
      values: ['a', 'b'],
    },
    {
      type: dataTypes.struct([field('x', dataTypes.int8())]),
      column: {
        children: [
          { type: dataTypes.int8(), length: 2, offset: 0, nullCount: 0, values: Int8Array.of(7, 8), children: [] },
        ],
      },
      values: [{ x: 7 }, { x: 8 }],
    },
  ])('read null at their end: $type.typeId', ({ type, column, values }) => {
    const read = createLiteralReader({ type, ...lengthened, ...column });
    expect([0, 1, 2, 3].map(read)).toEqual([...values, null, null]);
  });
});

function schemaOf(type: DataType): Schema {
  return { fields: [field('c', type)] };
}

function oneColumn(type: DataType, values: readonly LiteralLike[]): RecordBatch {
  return batchFromColumns(schemaOf(type), [values]);
}

function columnOf(batch: RecordBatch) {
  const column = batch.data.children[0];
  if (!column) throw new TypeError('the batch has no column');
  return column;
}

function valuesOf(batch: RecordBatch): LiteralLike[] {
  const read = createLiteralReader(columnOf(batch));
  return Array.from({ length: batch.numRows }, (_, row) => read(row));
}

function cut(length: number, [left, right]: readonly [number, number]): [number, number] {
  const [first, second] = [left % (length + 1), right % (length + 1)];
  return first <= second ? [first, second] : [second, first];
}
