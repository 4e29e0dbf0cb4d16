import {
  type ColumnData,
  type DataType,
  DateUnit,
  dataTypes,
  type Field,
  field,
  TimeUnit,
  TypeId,
  UnionMode,
} from '@millrace/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerBatches } from '../../src/loading/batch-relation.ts';
import { findScanFailure } from '../../src/loading/scan-failure.ts';
import { EXTENSION, extensionMetadata } from '../../src/type-mapping/extension.ts';
import { type Engine, openEngine } from './open-engine.ts';
import { rawBatch, rawColumn, textParts } from './raw-column.ts';

const d = dataTypes;
let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

async function scan(column: ColumnData, given: Field = field('v', column.type)): Promise<unknown[]> {
  const { sql, release } = registerBatches({ schema: { fields: [given] }, batches: [rawBatch([column], [given])] });
  try {
    return (await engine.rows(`SELECT v::VARCHAR FROM ${sql}`)).flat();
  } catch (error) {
    throw findScanFailure(error) ?? error;
  } finally {
    release();
  }
}

function extension(type: DataType, name: string, detail?: string): Field {
  return { ...field('v', type), metadata: extensionMetadata(name, detail) };
}

const words = (...values: number[]): Pick<ColumnData, 'values'> => ({ values: Int32Array.from(values) });
const longs = (...values: bigint[]): Pick<ColumnData, 'values'> => ({ values: BigInt64Array.from(values) });
const date64: DataType = { typeId: TypeId.Date, unit: DateUnit.Millisecond };
const interval = (unit: number): DataType => ({ typeId: TypeId.Interval, unit });
const text = rawColumn(d.utf8(), 2, textParts(['a', 'b']));
const dictionary: DataType = { typeId: TypeId.Dictionary, indices: d.int8(), dictionary: d.utf8(), id: 1 };
const union: DataType = {
  typeId: TypeId.Union,
  mode: UnionMode.Dense,
  typeIds: [0, 1],
  children: [field('a', d.int32()), field('b', d.utf8())],
};
const indices = (...values: number[]): Partial<ColumnData> => ({
  values: Int8Array.from(values),
  dictionary: { data: [text] },
});
const enumField = extension(dictionary, EXTENSION.enum, '["a"]');

/** Columns whose row 1 cannot be written, each with what the error says; row 0 is sound. */
const BROKEN: readonly (readonly [name: string, column: ColumnData, says: RegExp, field?: Field])[] = [
  ['no values', rawColumn(d.int32(), 2, {}), /no buffer of values/],
  ['short values', rawColumn(d.int64(), 2, longs(1n)), /ends before its last row/],
  ['short bits', rawColumn(d.bool(), 9, { values: Uint8Array.of(1) }), /ends before its last row/],
  [
    'a short null bitmap',
    rawColumn(d.int32(), 9, { ...words(1, 2, 3, 4, 5, 6, 7, 8, 9), nullBitmap: Uint8Array.of(1), nullCount: -1 }),
    /null bitmap/,
  ],
  ['no offsets', rawColumn(d.utf8(), 2, { values: Buffer.from('ab') }), /fewer offsets/],
  [
    'falling offsets',
    rawColumn(d.utf8(), 2, { values: Buffer.from('ab'), valueOffsets: Int32Array.of(0, 2, 1) }),
    /falling offsets/,
  ],
  [
    'offsets beyond the bytes',
    rawColumn(d.utf8(), 2, { values: Buffer.from('ab'), valueOffsets: Int32Array.of(0, 1, 99) }),
    /beyond its values/,
  ],
  ['text that is not UTF-8', rawColumn(d.utf8(), 2, textParts(['a', Uint8Array.of(0xff)])), /not UTF-8 at position 1/],
  [
    'text cut within a character',
    rawColumn(d.utf8(), 2, { values: Buffer.from('ž'), valueOffsets: Int32Array.of(0, 0, 1) }),
    /not UTF-8 at position 1/,
  ],
  [
    'characters torn over two rows',
    rawColumn(d.utf8(), 3, { values: Buffer.from('xž'), valueOffsets: Int32Array.of(0, 1, 2, 3) }),
    /not UTF-8 at position 1/,
  ],
  [
    'a decimal with too many digits',
    rawColumn(d.decimal(4, 0), 2, words(9_999, 0, 0, 0, 10_000, 0, 0, 0)),
    /more than 4 digits at position 1/,
  ],
  [
    'a decimal beyond 64 bits',
    rawColumn(d.decimal(18, 0), 2, words(1, 0, 0, 0, 1, 0, 1, 0)),
    /more than 18 digits at position 1/,
  ],
  [
    'a decimal beyond 128 bits',
    rawColumn({ ...d.decimal(38, 0), bitWidth: 256 }, 2, words(1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0)),
    /outside its type's range at position 1/,
  ],
  [
    'a negative uhugeint',
    rawColumn(d.decimal(39, 0), 2, words(1, 0, 0, 0, 0, 0, 0, 0, ...Array<number>(8).fill(-1))),
    /outside its type's range at position 1/,
    extension(d.decimal(39, 0), EXTENSION.uhugeint),
  ],
  ['a date within a day', rawColumn(date64, 2, longs(86_400_000n, 1n)), /exactly/],
  ['a date within a day, far away', rawColumn(date64, 2, longs(0n, 86_400_000n * 2_000_000_000n + 1n)), /exactly/],
  [
    'an instant within a microsecond',
    rawColumn(d.timestamp(TimeUnit.Nanosecond, 'UTC'), 2, longs(-1_000n, -999n)),
    /exactly/,
  ],
  ['an instant beyond 64 bits', rawColumn(d.timestamp(TimeUnit.Second, 'UTC'), 2, longs(1n, 2n ** 50n)), /exactly/],
  ['a duration beyond 64 bits', rawColumn(d.duration(TimeUnit.Millisecond), 2, longs(1n, -(2n ** 62n))), /exactly/],
  ['an interval within a microsecond', rawColumn(d.interval(), 2, words(1, 1, 1_000, 0, 1, 1, 1_001, 0)), /exactly/],
  [
    'a geometry in network order',
    rawColumn(
      d.binary(),
      2,
      textParts([Buffer.from('0101000000000000000000f03f0000000000000040', 'hex'), Uint8Array.of(0)]),
    ),
    /little-endian WKB at position 1/,
    extension(d.binary(), EXTENSION.geometry),
  ],
  ['an index outside its dictionary', rawColumn(dictionary, 2, indices(1, 2)), /outside its dictionary at position 1/],
  ['a negative index', rawColumn(dictionary, 2, indices(0, -1)), /outside its dictionary at position 1/],
  ['no dictionary', rawColumn(dictionary, 2, { values: Int8Array.of(0, 0) }), /outside its dictionary at position 0/],
  [
    'a value outside its enum',
    rawColumn(dictionary, 2, indices(0, 1)),
    /no member of its enum at position 1/,
    enumField,
  ],
  [
    'list offsets beyond the items',
    rawColumn(d.list(d.utf8()), 2, { valueOffsets: Int32Array.of(0, 1, 3), children: [text] }),
    /beyond its values/,
  ],
  ['a list without its child', rawColumn(d.list(d.utf8()), 1, { valueOffsets: Int32Array.of(0, 0) }), /no child 1/],
  [
    'too few items in fixed-size lists',
    rawColumn(d.fixedSizeList(d.utf8(), 2), 2, { children: [text] }),
    /fewer items/,
  ],
  [
    'a short field of a struct',
    rawColumn(d.struct([field('a', d.utf8())]), 3, { children: [text] }),
    /fewer rows in field "a"/,
  ],
  [
    'a null key',
    rawColumn(d.map(d.utf8(), d.utf8()), 1, {
      valueOffsets: Int32Array.of(0, 2),
      children: [
        rawColumn(d.map(d.utf8(), d.utf8()).children![0]!.type, 2, {
          children: [rawColumn(d.utf8(), 2, textParts(['a', '']), [1]), text],
        }),
      ],
    }),
    /null key at position 1/,
  ],
  [
    'an unknown type id',
    rawColumn(union, 2, {
      typeIds: Int8Array.of(1, 7),
      valueOffsets: Int32Array.of(0, 0),
      children: [rawColumn(d.int32(), 0, words()), text],
    }),
    /unknown type id at position 1/,
  ],
  [
    'a union offset beyond its member',
    rawColumn(union, 2, {
      typeIds: Int8Array.of(1, 1),
      valueOffsets: Int32Array.of(0, 2),
      children: [rawColumn(d.int32(), 0, words()), text],
    }),
    /beyond its values at position 1/,
  ],
  [
    'another type than the schema',
    rawColumn(d.int32(), 2, words(1, 2)),
    /another type in a batch/,
    field('v', d.int64()),
  ],
  [
    'another unit than the schema',
    rawColumn(d.timestamp(), 1, longs(1n)),
    /another type in a batch/,
    field('v', d.timestamp(TimeUnit.Second)),
  ],
  [
    'a zone that the schema lacks',
    rawColumn(d.timestamp(TimeUnit.Second, 'UTC'), 1, longs(1n)),
    /another type in a batch/,
    field('v', d.timestamp(TimeUnit.Second)),
  ],
];

/** The table above, with names for what it lists. */
const CASES = BROKEN.map(([name, column, says, given]) => ({ name, column, says, given }));

describe('a column that breaks the format', () => {
  it.each(CASES)('fails with a code: $name', async ({ column, says, given }) => {
    await expect(scan(column, given)).rejects.toEqual(
      expect.objectContaining({
        code: expect.stringMatching(/^(invalid_data|schema_mismatch)$/),
        message: expect.stringMatching(says),
      }),
    );
  });

  it('names the way to a nested column', async () => {
    const inner = rawColumn(d.utf8(), 1, textParts([Uint8Array.of(0xff)]));
    const item = rawColumn(d.struct([field('x y', d.utf8())]), 1, { children: [inner] });
    const list = rawColumn(d.list(item.type), 1, { valueOffsets: Int32Array.of(0, 1), children: [item] });
    await expect(scan(list)).rejects.toThrow('column "v.item.x y" has text that is not UTF-8');
  });
});

describe('what lies under a null', () => {
  const HIDDEN = CASES.filter(({ column, says }) => column.length === 2 && /at position 1|exactly/.test(says.source));

  it('is tried with most of them', () => expect(HIDDEN.length).toBeGreaterThan(15));

  it.each(HIDDEN)('does not matter: $name', async ({ column, given }) => {
    const nulled = { ...column, nullBitmap: Uint8Array.of(0b01), nullCount: 1 };
    expect((await scan(nulled, given))[1]).toBeNull();
    const struct = rawColumn(d.struct([given ?? field('v', column.type)]), 2, { children: [column] }, [1]);
    expect((await scan(struct))[1]).toBeNull();
  });
});

describe('layouts that builders do not produce', () => {
  it('reads intervals of months, and of days and milliseconds', async () => {
    expect(await scan(rawColumn(interval(0), 2, words(-13, 1)))).toEqual(['-1 year -1 month', '1 month']);
    const rows = await scan(rawColumn(interval(1), 2, words(3, -1, -2, 86_400_000)));
    expect(rows).toEqual(['3 days -00:00:00.001', '-2 days 24:00:00']);
  });

  it('reads shared memory and views at odd places', async () => {
    const shared = new Int32Array(new SharedArrayBuffer(8));
    shared.set([7, 8]);
    expect(await scan(rawColumn(d.int32(), 2, { values: shared }))).toEqual(['7', '8']);
    const odd = new Uint8Array(17);
    odd.set(new Uint8Array(BigInt64Array.of(1n, -1_000_000n).buffer), 1);
    const column = rawColumn(d.timestamp(TimeUnit.Millisecond, 'UTC'), 2, { values: odd.subarray(1) });
    expect(await scan(column)).toEqual(['1970-01-01 00:00:00.001+00', '1969-12-31 23:43:20+00']);
    const bytes = new Uint8Array(new SharedArrayBuffer(30));
    bytes.set(Buffer.from('a text that is longer than ten'));
    const texts = rawColumn(d.utf8(), 2, { values: bytes, valueOffsets: Int32Array.of(0, 2, 30) });
    expect(await scan(texts)).toEqual(['a ', 'text that is longer than ten']);
  });

  it('reads a dictionary in chunks, with a null among its values', async () => {
    const more = rawColumn(d.utf8(), 2, textParts(['', 'a value longer than twelve']), [0]);
    const column = rawColumn(
      dictionary,
      5,
      { values: Int8Array.of(3, 2, 1, 0, 3), dictionary: { data: [text, more] } },
      [4],
    );
    expect(await scan(column)).toEqual(['a value longer than twelve', null, 'b', 'a', null]);
    expect(await scan(rawColumn(dictionary, 2, { values: Int8Array.of(9, 9) }, [0, 1]))).toEqual([null, null]);
  });

  it('reads a large dictionary of text', async () => {
    const values = Array.from({ length: 100 }, (_, index) => `${index} `.repeat(400));
    const data = [rawColumn(d.utf8(), 100, textParts(values))];
    const column = rawColumn(dictionary, 3, { values: Int8Array.of(99, 0, 99), dictionary: { data } });
    expect(await scan(column)).toEqual([values[99], values[0], values[99]]);
  });

  it('reads lists whose hidden rows hold items', async () => {
    const list = rawColumn(d.list(d.utf8()), 3, { valueOffsets: Int32Array.of(0, 1, 1, 2), children: [text] }, [0]);
    expect(await scan(list)).toEqual([null, '[]', '[b]']);
  });

  it('reads lists of many thousand items, and text of many megabytes, in one chunk', async () => {
    const items = rawColumn(
      d.int64(),
      600_000,
      { values: BigInt64Array.from({ length: 600_000 }, (_, i) => BigInt(i)) },
      [5],
    );
    const list = rawColumn(d.list(d.int64()), 3, {
      valueOffsets: Int32Array.of(0, 1, 400_000, 600_000),
      children: [items],
    });
    const { sql } = registerBatches({ schema: { fields: [field('v', list.type)] }, batches: [rawBatch([list])] });
    expect(await engine.rows(`SELECT len(v)::INTEGER, list_sum(v)::VARCHAR FROM ${sql}`)).toEqual([
      [1, '0'],
      [399_999, '79999799995'],
      [200_000, '99999900000'],
    ]);
    const texts = rawColumn(d.utf8(), 2, textParts(['x'.repeat(2 ** 24), 'ž'.repeat(2 ** 23)]));
    const big = registerBatches({ schema: { fields: [field('v', texts.type)] }, batches: [rawBatch([texts])] });
    const sums = await engine.rows(
      `SELECT length(v)::INTEGER, md5(v) = md5(repeat(left(v, 1), length(v))) FROM ${big.sql}`,
    );
    expect(sums).toEqual([
      [2 ** 24, true],
      [2 ** 23, true],
    ]);
  });

  it('makes the fields of a null struct null', async () => {
    const inner = rawColumn(d.struct([field('b', d.utf8())]), 2, { children: [text] });
    const struct = rawColumn(d.struct([field('a', inner.type)]), 2, { children: [inner] }, [0]);
    const { sql } = registerBatches({ schema: { fields: [field('v', struct.type)] }, batches: [rawBatch([struct])] });
    expect(await engine.rows(`SELECT v IS NULL, v.a IS NULL, v.a.b FROM ${sql}`)).toEqual([
      [true, true, null],
      [false, false, 'b'],
    ]);
  });
});
