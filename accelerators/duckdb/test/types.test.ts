import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchFromRows, createLiteralReader, schemasEqual } from '@millrace/arrow';
import {
  type DataType,
  DateUnit,
  dataTypes,
  type Field,
  FloatPrecision,
  field,
  type RecordBatch,
  type Schema,
  TimeUnit,
  TypeId,
  UnionMode,
} from '@millrace/core';
import { type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import { TYPE_SAMPLES } from '@millrace/test-fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Accelerated, accelerate, CONTEXT, refresh, scanAll } from './accelerate.ts';

interface Source {
  readonly title: string;
  readonly schema: { readonly fields: readonly Field[] };
  readonly batches: readonly RecordBatch[];
}

const union = (mode: number): DataType => ({
  typeId: TypeId.Union,
  mode,
  typeIds: [0, 1],
  children: [field('n', dataTypes.int64()), field('s', dataTypes.utf8())],
});

/** Types that DuckDB has in another form alone, with values in the form of the builders. */
const ARROW_SAMPLES: readonly (readonly [string, DataType, readonly unknown[]])[] = [
  ['null', dataTypes.null(), [null]],
  ['list of nulls', dataTypes.list(dataTypes.null()), [[null, null], []]],
  ['half float', { typeId: TypeId.Float, precision: FloatPrecision.Half }, [0.5, Number.NaN, -0]],
  ['large utf8', dataTypes.largeUtf8(), ['', 'a text of more than twelve bytes']],
  ['large binary', dataTypes.largeBinary(), [Uint8Array.of(), Uint8Array.of(0, 255)]],
  ['fixed-size binary', dataTypes.fixedSizeBinary(3), [Uint8Array.of(0, 128, 255)]],
  ['decimal of 256 bits', { ...dataTypes.decimal(38, 2), bitWidth: 256 }, [10n ** 38n - 1n, -1n]],
  ['date in ms', { typeId: TypeId.Date, unit: DateUnit.Millisecond }, ['1969-12-31', '9999-12-31']],
  ['time in s', dataTypes.time(TimeUnit.Second), ['23:59:59']],
  ['time in ms', dataTypes.time(TimeUnit.Millisecond), ['23:59:59.999']],
  ['instant in s', dataTypes.timestamp(TimeUnit.Second, 'UTC'), ['1969-12-31T23:59:59Z']],
  ['instant in ms, zoned', dataTypes.timestamp(TimeUnit.Millisecond, 'Europe/Prague'), [-1n, 1_706_702_400_123n]],
  ['instant in ns', dataTypes.timestamp(TimeUnit.Nanosecond, 'UTC'), [1_706_702_400_123_456_000n]],
  ['duration in s', dataTypes.duration(TimeUnit.Second), [-90n, 9_223_372_036n]],
  [
    'dictionary',
    { typeId: TypeId.Dictionary, indices: dataTypes.int8(), dictionary: dataTypes.utf8(), id: 1 },
    ['b', 'a', 'b'],
  ],
  ['large list', { ...dataTypes.list(dataTypes.int64()), typeId: TypeId.LargeList }, [[], [1n, null]]],
  ['list of instants', dataTypes.list(dataTypes.timestamp(TimeUnit.Millisecond, 'UTC')), [[-1n, null, 5n]]],
  [
    'dense union',
    union(UnionMode.Dense),
    [
      { tag: 'n', value: 7n },
      { tag: 's', value: 'seven' },
    ],
  ],
  [
    'sparse union',
    union(UnionMode.Sparse),
    [
      { tag: 's', value: 'seven' },
      { tag: 'n', value: 2n ** 53n + 1n },
    ],
  ],
];

describe.each(['memory', 'file'] as const)('types in mode %s', (mode) => {
  let folder: string;
  let engine: DuckDbDatabase;
  const sources = new Map<string, Source>();
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-types-'));
    engine = await openDatabase({ path: ':memory:', threads: 2 });
    // Holds the file open between the tests.
    await open({ table: 'first' }, { fields: [field('v', dataTypes.bool())] });
    for (const { type, values } of TYPE_SAMPLES) sources.set(type, await duckDbSource(type, values));
    for (const [title, type, values] of ARROW_SAMPLES) {
      const schema = { fields: [field('k', dataTypes.int32()), field('v', type)] };
      const nulls = type.typeId === TypeId.Union ? [] : [null];
      const rows = [...values, ...nulls].map((value, index) => [index, value]);
      sources.set(title, { title, schema, batches: [batchFromRows(schema, rows)] });
    }
  });
  afterAll(async () => {
    await engine.close();
    rmSync(folder, { recursive: true });
  });

  async function duckDbSource(type: string, values: readonly string[]): Promise<Source> {
    const rows = [...values, 'NULL'].map((value, index) => `(${index}::INTEGER, (${value})::${type})`).join(', ');
    const batches: RecordBatch[] = [];
    await using connection = await engine.connect();
    const stream = await connection.stream({ sql: `SELECT * FROM (VALUES ${rows}) c(k, v)` });
    for await (const batch of stream) batches.push(batch);
    return { title: type, schema: stream.schema, batches };
  }

  function open(name: { readonly table: string }, schema: Schema): Promise<Accelerated> {
    const file = mode === 'file' ? { file: 'types.duckdb' } : {};
    return accelerate({ folder, engine, mode, name, schema, ...file });
  }

  const titles = [...TYPE_SAMPLES.map(({ type }) => type), ...ARROW_SAMPLES.map(([title]) => title)];
  it.each(titles)('%s', async (title) => {
    const { schema, batches } = sources.get(title)!;
    const name = { table: `t${titles.indexOf(title)}` };
    const { accelerator, table } = await open(name, schema);
    await refresh(table, batches);
    const scanned = await scanAll(table);
    for (const batch of scanned) expect(batch.schema).toBe(scanned[0]!.schema);
    expect(schemasEqual(scanned[0]!.schema, table.schema)).toBe(true);
    const relation = await table.nativeRelation?.(CONTEXT);
    if (relation?.kind !== 'engine_table') throw new TypeError('the table does not live in the engine');
    const place = `"${relation.catalog}".main.${relation.table}`;
    await using connection = await engine.connect();
    expect(schemasEqual(await connection.describe(`FROM ${place}`), table.schema)).toBe(true);
    const [original, read] = [
      engine.registerBatches({ schema, batches }),
      engine.registerBatches({ schema: table.schema, batches: scanned }),
    ];
    // A column of no type becomes one of integers.
    const isSameType = /\bnulls?$/.test(title) ? 'true' : '(typeof(a.v) = typeof(b.v))';
    for (const rows of [place, read.sql])
      expect(
        await connection.rows(
          `SELECT count(*), count(*) FILTER (a.v IS DISTINCT FROM b.v OR a.v::VARCHAR IS DISTINCT FROM b.v::VARCHAR OR NOT ${isSameType})
           FROM (FROM ${original.sql}) a JOIN (FROM ${rows}) b USING (k)`,
        ),
      ).toEqual([[BigInt(batches.reduce((total, { numRows }) => total + numRows, 0)), 0n]]);
    expect(literals(scanned)).toHaveLength(batches.reduce((total, { numRows }) => total + numRows, 0));
    original.release();
    read.release();
    await accelerator.shutdown();
  });
});

/** Every value can be read. */
function literals(batches: readonly RecordBatch[]): unknown[] {
  return batches.flatMap(({ numRows, data }) => {
    const read = createLiteralReader(data.children[1]!);
    return Array.from({ length: numRows }, (_, row) => read(row));
  });
}
