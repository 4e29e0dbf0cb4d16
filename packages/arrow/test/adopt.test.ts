import {
  type ColumnData,
  type DataType,
  dataTypes,
  type Field,
  field,
  type RecordBatch,
  type Schema,
  TypeId,
} from '@millrace/core';
import * as arrow21 from 'apache-arrow';
import * as arrow17 from 'apache-arrow-17';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  adoptBatch,
  adoptSchema,
  adoptTable,
  adoptType,
  batchFromColumns,
  createLiteralReader,
  describeType,
  emptyBatch,
  type LiteralLike,
  rowArraysFromBatch,
  schemasEqual,
  sliceBatch,
  typesEqual,
  writeIpcStream,
} from '../src/index.ts';
import { columnValues, nestedSamples, scalarTypes } from './type-arbitraries.ts';

const NUM_RUNS = process.env.MILLRACE_TEST_FULL ? 200 : 5;
const samples = [...scalarTypes, ...nestedSamples];
const versions = [
  { version: '21', arrow: arrow21, reads: () => true },
  // apache-arrow 17 has no large lists, no decimals of other than 128 bits in sliced form, and cuts intervals of months,
  // days and nanoseconds in 12 bytes instead of 16.
  {
    version: '17',
    arrow: arrow17 as unknown as typeof arrow21,
    reads: (type: DataType) => !holds(type, (inner) => isUnknownTo17(inner)),
  },
];

describe.each(versions)('batches of apache-arrow $version', ({ arrow, reads }) => {
  describe.each(
    samples.filter(({ type }) => reads(type)).map((sample) => ({ name: describeType(sample.type), sample })),
  )('$name', ({ sample }) => {
    it('are read, whole and sliced, and adopted in place', async () => {
      await fc.assert(
        fc.asyncProperty(columnValues(sample), fc.nat(40), fc.nat(40), async (values, from, to) => {
          const bytes = await collect(writeIpcStream(schemaOf(sample.type), [oneColumn(sample.type, values)]));
          const [whole] = arrow.tableFromIPC(bytes).batches;
          if (!whole || values.length === 0) return;
          expect(valuesOf(whole)).toEqual(values);
          const [start, end] = cut(values.length, from, to);
          if (start === end) return;
          const slice = whole.slice(start, end);
          expect(valuesOf(slice)).toEqual(values.slice(start, end));
          const adopted = adoptBatch(slice);
          expect(valuesOf(adopted)).toEqual(values.slice(start, end));
          expect(valueBuffers(columnOf(adopted))).toEqual(valueBuffers(columnOf(slice)));
          expect(adopted).toBeInstanceOf(arrow21.RecordBatch);
        }),
        { numRuns: NUM_RUNS },
      );
    });
  });

  it('keep what apache-arrow itself reads from them', () => {
    const table = arrow.tableFromArrays({ id: Int32Array.of(1, 2, 3), name: ['a', 'b', null], at: [new Date(0)] });
    const adopted = adoptTable(table.schema, table.batches);
    expect(adopted.toArray().map((row) => ({ ...row.toJSON() }))).toEqual(
      table.toArray().map((row) => ({ ...row.toJSON() })),
    );
  });
});

describe('batches of apache-arrow without columns', () => {
  // Version 17 itself forgets the count.
  it('keep their row count', () => {
    const schema = new arrow21.Schema([]);
    const data = arrow21.makeData({ type: new arrow21.Struct([]), length: 9, nullCount: 0 });
    const adopted = adoptBatch(new arrow21.RecordBatch(schema, data));
    expect(adopted.numRows).toBe(9);
    expect(adopted.numCols).toBe(0);
    expect([...rowArraysFromBatch(adopted)]).toHaveLength(9);
  });
});

describe('plain batches', () => {
  it.each(samples.map((sample) => ({ name: describeType(sample.type), sample })))('of $name', ({ sample }) => {
    fc.assert(
      fc.property(columnValues(sample), fc.nat(40), fc.nat(40), (values, from, to) => {
        const [start, end] = cut(values.length, from, to);
        const slice = sliceBatch(oneColumn(sample.type, values), start, end);
        const adopted = adoptBatch(slice);
        expect(valuesOf(adopted)).toEqual(values.slice(start, end));
        expect(valueBuffers(columnOf(adopted))).toEqual(valueBuffers(columnOf(slice)));
        // apache-arrow's own view of validity agrees.
        const vector = adopted.getChildAt(0);
        if (sample.type.typeId === TypeId.Union) return;
        expect(values.slice(start, end).map((value) => value === null)).toEqual(
          Array.from({ length: end - start }, (_, row) => sample.type.typeId === TypeId.Null || !vector?.isValid(row)),
        );
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it('are read by apache-arrow itself', () => {
    const schema = {
      fields: [
        field('id', dataTypes.int64()),
        field('name', dataTypes.utf8()),
        field('tags', dataTypes.list(dataTypes.utf8())),
      ],
    };
    const adopted = adoptBatch(batchFromColumns(schema, [BigInt64Array.of(1n, 2n), ['x', null], [['a', null], []]]));
    expect(adopted.getChildAt(0)?.toArray()).toEqual(BigInt64Array.of(1n, 2n));
    expect([...(adopted.getChild('name') ?? [])]).toEqual(['x', null]);
    expect([...(adopted.getChild('tags')?.get(0) ?? [])]).toEqual(['a', null]);
  });

  it('keep columns of the same name apart', () => {
    const schema = { fields: [field('a', dataTypes.int32()), field('a', dataTypes.utf8())] };
    const table = adoptTable(schema, [batchFromColumns(schema, [[1], ['x']])]);
    expect(table.schema.fields.map(({ type }) => String(type))).toEqual(['Int32', 'Utf8']);
    expect([table.getChildAt(0)?.get(0), table.getChildAt(1)?.get(0)]).toEqual([1, 'x']);
  });

  it('give apache-arrow nothing but views of the same memory', () => {
    const values = Float64Array.of(1, 2, 3);
    const adopted = adoptBatch(batchFromColumns(schemaOf(dataTypes.float64()), [values]));
    expect(adopted.getChildAt(0)?.toArray().buffer).toBe(values.buffer);
  });

  it('are refused when a column is not of the type that the schema says', () => {
    const { data, numRows } = oneColumn(dataTypes.int64(), [1n]);
    expect(() => adoptBatch({ schema: schemaOf(dataTypes.utf8()), data, numRows })).toThrow(
      expect.objectContaining({ code: 'schema_mismatch' }),
    );
  });
});

describe('adoptTable', () => {
  it('makes an empty table of no batches', () => {
    const table = adoptTable(schemaOf(dataTypes.utf8()), []);
    expect([table.numRows, table.numCols]).toEqual([0, 1]);
  });

  it('counts the rows of batches without columns', () => {
    expect(adoptTable({ fields: [] }, [emptyBatch({ fields: [] }, 3), emptyBatch({ fields: [] }, 4)]).numRows).toBe(7);
  });

  it('takes batches of several versions together', () => {
    const schema = { fields: [field('id', dataTypes.int32())] };
    const batches = [arrow21, arrow17 as unknown as typeof arrow21].map(({ tableFromArrays }, ordinal) => {
      const [batch] = tableFromArrays({ id: Int32Array.of(ordinal * 2, ordinal * 2 + 1) }).batches;
      return batch as RecordBatch;
    });
    const table = adoptTable(schema, [...batches, oneColumn(dataTypes.int32(), [4, null])]);
    expect([...(table.getChildAt(0) ?? [])]).toEqual([0, 1, 2, 3, 4, null]);
  });
});

describe('adoptSchema', () => {
  it.each(samples.map(({ type }) => ({ name: describeType(type), type })))('keeps $name', ({ type }) => {
    const schema: Schema = {
      fields: [{ name: 'c', type, nullable: false, metadata: new Map([['unit', 'm']]) }],
      metadata: new Map([['origin', 'test']]),
    };
    expect(schemasEqual(adoptSchema(schema), schema)).toBe(true);
    expect(typesEqual(adoptType(type), type)).toBe(true);
  });

  it('gives every dictionary an id of its own', () => {
    const dictionary = { typeId: TypeId.Dictionary, indices: dataTypes.int32(), dictionary: dataTypes.utf8() };
    const fields: Field[] = [
      field('a', { ...dictionary, id: 0 }),
      field('b', { ...dictionary, id: 0 }),
      field('c', dictionary),
      field('d', dataTypes.list({ ...dictionary, id: 1 })),
    ];
    const ids = adoptSchema({ fields }).fields.map(
      ({ type }) => (type.children?.[0]?.type as { id?: number } | undefined)?.id ?? (type as { id?: number }).id,
    );
    expect(new Set(ids).size).toBe(4);
    expect(ids[0]).toBe(0);
    expect(ids[3]).toBe(1);
  });

  it('answers with the same object for the same schema', () => {
    const schema = schemaOf(dataTypes.utf8());
    expect(adoptSchema(schema)).toBe(adoptSchema(schema));
  });

  it('refuses types that core does not list', () => {
    expect(() => adoptType({ typeId: 22 })).toThrow(expect.objectContaining({ code: 'unsupported_type' }));
  });
});

function isUnknownTo17(type: DataType): boolean {
  if (type.typeId === TypeId.LargeList) return true;
  return type.typeId === TypeId.Interval && type.unit === 2;
}

function holds(type: DataType, matches: (type: DataType) => boolean): boolean {
  const inner = [...(type.children ?? []).map((child) => child.type), ...(type.dictionary ? [type.dictionary] : [])];
  return matches(type) || inner.some((child) => holds(child, matches));
}

/** The memory that holds values: everything but bitmaps, which a slice may have to shift. */
function valueBuffers(column: ColumnData): unknown[] {
  const isBits = column.type.typeId === TypeId.Bool;
  return [
    isBits || !column.values?.byteLength ? undefined : column.values.buffer,
    column.valueOffsets?.length ? column.valueOffsets.buffer : undefined,
    column.typeIds?.length ? column.typeIds.buffer : undefined,
    ...column.children.flatMap(valueBuffers),
    ...(column.dictionary?.data ?? []).flatMap(valueBuffers),
  ].filter((buffer) => buffer !== undefined);
}

function schemaOf(type: DataType): Schema {
  return { fields: [field('c', type)] };
}

function oneColumn(type: DataType, values: readonly LiteralLike[]): RecordBatch {
  return batchFromColumns(schemaOf(type), [values]);
}

function columnOf(batch: RecordBatch): ColumnData {
  const column = batch.data.children[0];
  if (!column) throw new TypeError('the batch has no column');
  return column;
}

function valuesOf(batch: RecordBatch): LiteralLike[] {
  const read = createLiteralReader(columnOf(batch));
  return Array.from({ length: batch.numRows }, (_, row) => read(row));
}

function cut(length: number, left: number, right: number): [number, number] {
  const [first, second] = [left % (length + 1), right % (length + 1)];
  return first <= second ? [first, second] : [second, first];
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return new Uint8Array(Buffer.concat(parts));
}
