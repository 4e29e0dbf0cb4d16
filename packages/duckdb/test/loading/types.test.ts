import { type BuildValue, batchFromColumns } from '@millrace/arrow';
import {
  type DataType,
  DateUnit,
  dataTypes,
  type Field,
  FloatPrecision,
  field,
  TimeUnit,
  TypeId,
  UnionMode,
} from '@millrace/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerBatches } from '../../src/loading/batch-relation.ts';
import { loadBatches } from '../../src/loading/load-batches.ts';
import { EXTENSION, extensionMetadata } from '../../src/type-mapping/extension.ts';
import { toDuckDbType } from '../../src/type-mapping/to-duckdb-type.ts';
import { type Engine, openEngine } from './open-engine.ts';

/** Values of one Arrow type, each with the SQL that DuckDB must find equal to it. */
interface TypeCase {
  readonly name: string;
  readonly field: Field;
  readonly values: readonly (readonly [value: BuildValue, sql: string])[];
}

const d = dataTypes;
const INT64_MAX = 2n ** 63n - 1n;

function typed(name: string, type: DataType, values: TypeCase['values']): TypeCase {
  return { name, field: field('v', type), values };
}

function extension(name: string, type: DataType, values: TypeCase['values'], detail?: string): TypeCase {
  return { name, field: { ...field('v', type), metadata: extensionMetadata(name, detail) }, values };
}

const MILLION_A = 'a'.repeat(1_000_000);
const mood = { typeId: TypeId.Dictionary, indices: d.uint8(), dictionary: d.utf8(), id: 1, isOrdered: false };
const enumOf = (members: readonly string[], indices: DataType, values: readonly string[]): TypeCase =>
  extension(
    EXTENSION.enum,
    { ...mood, indices },
    values.map((value) => [value, `'${value}'`] as const),
    JSON.stringify(members),
  );
const manyMembers = (count: number): string[] => Array.from({ length: count }, (_, index) => `member ${index}`);

const CASES: readonly TypeCase[] = [
  typed('null', d.null(), []),
  typed('bool', d.bool(), [
    [true, 'true'],
    [false, 'false'],
  ]),
  typed('int8', d.int8(), [
    [-128, '-128'],
    [127, '127'],
    [0, '0'],
  ]),
  typed('int16', d.int16(), [
    [-32_768, '-32768'],
    [32_767, '32767'],
  ]),
  typed('int32', d.int32(), [
    [-(2 ** 31), '-2147483648'],
    [2 ** 31 - 1, '2147483647'],
  ]),
  typed('int64', d.int64(), [
    [-(2n ** 63n), '-9223372036854775808'],
    [INT64_MAX, '9223372036854775807'],
    [2n ** 53n + 1n, '9007199254740993'],
  ]),
  typed('uint8', d.uint8(), [
    [0, '0'],
    [255, '255'],
  ]),
  typed('uint16', d.uint16(), [[65_535, '65535']]),
  typed('uint32', d.uint32(), [[2 ** 32 - 1, '4294967295']]),
  typed('uint64', d.uint64(), [
    [2n ** 64n - 1n, '18446744073709551615'],
    [0n, '0'],
  ]),
  typed('float32', d.float32(), [
    [1.5, '1.5'],
    [-0, "'-0'"],
    [Number.NaN, "'nan'"],
    [Infinity, "'inf'"],
    [-Infinity, "'-inf'"],
    [1.401298464324817e-45, '1.401298464324817e-45'],
    [3.4028234663852886e38, '3.4028234663852886e38'],
  ]),
  typed('float64', d.float64(), [
    [0.1, '0.1'],
    [-0, "'-0'"],
    [Number.NaN, "'nan'"],
    [-Infinity, "'-inf'"],
    [5e-324, '5e-324'],
    [Number.MAX_VALUE, '1.7976931348623157e308'],
  ]),
  typed('float16', { typeId: TypeId.Float, precision: FloatPrecision.Half }, [
    [1, '1'],
    [-65_504, '-65504'],
    [2 ** -24, '5.960464477539063e-08'],
    [1023 * 2 ** -24, '6.097555160522461e-05'],
    [2 ** -14, '6.103515625e-05'],
    [1 / 3 - (1 / 3 - 0.333251953125), "'0.333251953125'"],
    [-0, "'-0'"],
    [Number.NaN, "'nan'"],
    [-Infinity, "'-inf'"],
  ]),
  typed('decimal(4,2)', d.decimal(4, 2), [
    [-9999n, '-99.99'],
    [9999n, '99.99'],
    [0n, '0'],
    [-1n, '-0.01'],
  ]),
  typed('decimal(9,0)', d.decimal(9, 0), [
    [-999_999_999n, '-999999999'],
    [999_999_999n, '999999999'],
    [70_000n, '70000'],
  ]),
  typed('decimal(15,15)', d.decimal(15, 15), [[-(10n ** 15n - 1n), '-0.999999999999999']]),
  typed('decimal(18,3)', d.decimal(18, 3), [
    [-(10n ** 18n - 1n), '-999999999999999.999'],
    [10n ** 18n - 1n, '999999999999999.999'],
    [-(2n ** 32n), '-4294967.296'],
  ]),
  typed('decimal(19,0)', d.decimal(19, 0), [
    [-(10n ** 19n - 1n), '-9999999999999999999'],
    [1n, '1'],
  ]),
  typed('decimal(38,10)', d.decimal(38, 10), [
    [-(10n ** 38n - 1n), '-9999999999999999999999999999.9999999999'],
    [10n ** 38n - 1n, '9999999999999999999999999999.9999999999'],
  ]),
  typed('decimal(10,2) in 256 bits', { ...d.decimal(10, 2), bitWidth: 256 }, [
    [-9_999_999_999n, '-99999999.99'],
    [5n, '0.05'],
  ]),
  typed('decimal(38,0) in 256 bits', { ...d.decimal(38, 0), bitWidth: 256 }, [
    [-(10n ** 38n - 1n), `-${'9'.repeat(38)}`],
    [2n ** 64n, '18446744073709551616'],
  ]),
  extension(EXTENSION.hugeint, d.decimal(39, 0), [
    [-(2n ** 127n), '-170141183460469231731687303715884105728'],
    [2n ** 127n - 1n, '170141183460469231731687303715884105727'],
    [-1n, '-1'],
  ]),
  extension(EXTENSION.uhugeint, d.decimal(39, 0), [
    [2n ** 128n - 1n, '340282366920938463463374607431768211455'],
    [0n, '0'],
  ]),
  typed('utf8', d.utf8(), [
    ['', "''"],
    ['twelve bytes', "'twelve bytes'"],
    ['thirteen byte', "'thirteen byte'"],
    ['žluťoučký kůň 🐎', "'žluťoučký kůň 🐎'"],
    ['\u0000a\u0000', "chr(0) || 'a' || chr(0)"],
    [MILLION_A, "repeat('a', 1000000)"],
    ['x', "'x'"],
  ]),
  typed('large utf8', d.largeUtf8(), [
    ['', "''"],
    ['a text of more than twelve bytes', "'a text of more than twelve bytes'"],
  ]),
  typed('binary', d.binary(), [
    [new Uint8Array(0), "''::BLOB"],
    [Uint8Array.of(0, 255, 128), "'\\x00\\xFF\\x80'::BLOB"],
    [new Uint8Array(20).fill(255), "repeat('\\xFF', 20)::BLOB"],
  ]),
  typed('large binary', d.largeBinary(), [[Uint8Array.of(1, 2), "'\\x01\\x02'::BLOB"]]),
  typed('fixed-size binary', d.fixedSizeBinary(3), [[Uint8Array.of(1, 0, 254), "'\\x01\\x00\\xFE'::BLOB"]]),
  extension(EXTENSION.uuid, d.fixedSizeBinary(16), [
    [new Uint8Array(16), "'00000000-0000-0000-0000-000000000000'"],
    [new Uint8Array(16).fill(255), "'ffffffff-ffff-ffff-ffff-ffffffffffff'"],
    [Uint8Array.from({ length: 16 }, (_, i) => i * 17), "'00112233-4455-6677-8899-aabbccddeeff'"],
  ]),
  extension(EXTENSION.json, d.utf8(), [['{"a": [1, 2.50]}', `'{"a": [1, 2.50]}'::JSON`]]),
  extension(EXTENSION.bit, d.utf8(), [
    ['1', "'1'"],
    ['0110100110010110111', "'0110100110010110111'"],
  ]),
  extension(EXTENSION.bignum, d.utf8(), [
    ['0', "'0'"],
    [`-${'9'.repeat(80)}`, `'-${'9'.repeat(80)}'`],
  ]),
  extension(EXTENSION.timeWithZone, d.utf8(), [
    ['23:59:59.999999+15:59', "'23:59:59.999999+15:59'"],
    ['00:00:00-15:59:59', "'00:00:00-15:59:59'"],
  ]),
  extension(EXTENSION.geometry, d.binary(), [
    [Uint8Array.from(Buffer.from('0101000000000000000000f03f0000000000000040', 'hex')), "'POINT (1 2)'"],
  ]),
  typed('date', d.date(), [
    [0, "'1970-01-01'"],
    [-719_528, "'0001-01-01 (BC)'"],
    [2_932_896, "'9999-12-31'"],
  ]),
  typed('date in ms', { typeId: TypeId.Date, unit: DateUnit.Millisecond }, [
    ['1969-12-31', "'1969-12-31'"],
    ['9999-12-31', "'9999-12-31'"],
  ]),
  typed('time[s]', d.time(TimeUnit.Second), [
    ['00:00:00', "'00:00:00'"],
    ['23:59:59', "'23:59:59'"],
  ]),
  typed('time[ms]', d.time(TimeUnit.Millisecond), [['23:59:59.999', "'23:59:59.999'"]]),
  typed('time[us]', d.time(TimeUnit.Microsecond), [['23:59:59.999999', "'23:59:59.999999'"]]),
  typed('time[ns]', d.time(TimeUnit.Nanosecond), [['23:59:59.999999999', "'23:59:59.999999999'"]]),
  typed('timestamp[s]', d.timestamp(TimeUnit.Second), [
    [-1n, "'1969-12-31 23:59:59'"],
    [253_402_300_799n, "'9999-12-31 23:59:59'"],
  ]),
  typed('timestamp[ms]', d.timestamp(TimeUnit.Millisecond), [[-1n, "'1969-12-31 23:59:59.999'"]]),
  typed('timestamp[us]', d.timestamp(), [
    [-1n, "'1969-12-31 23:59:59.999999'"],
    [INT64_MAX, "'infinity'"],
    [-INT64_MAX, "'-infinity'"],
    [2n ** 53n + 1n, 'make_timestamp(9007199254740993)'],
  ]),
  typed('timestamp[ns]', d.timestamp(TimeUnit.Nanosecond), [
    [1_706_702_400_123_456_789n, "'2024-01-31 12:00:00.123456789'"],
    [-1n, "'1969-12-31 23:59:59.999999999'"],
  ]),
  typed('timestamp[s, UTC]', d.timestamp(TimeUnit.Second, 'UTC'), [
    [-1n, "'1969-12-31 23:59:59+00'"],
    [9_223_372_036_854n, "'294247-01-10 04:00:54+00'"],
  ]),
  typed('timestamp[ms, Europe/Prague]', d.timestamp(TimeUnit.Millisecond, 'Europe/Prague'), [
    [1_706_702_400_123n, "'2024-01-31 12:00:00.123+00'"],
    [-1n, "'1969-12-31 23:59:59.999+00'"],
    [-62_135_596_800_001n, "'0001-12-31 (BC) 23:59:59.999+00'"],
    [INT64_MAX, "'infinity'"],
    [-INT64_MAX, "'-infinity'"],
  ]),
  typed('timestamp[us, UTC]', d.timestamp(TimeUnit.Microsecond, 'UTC'), [
    [1n, "'1970-01-01 00:00:00.000001+00'"],
    [INT64_MAX, "'infinity'"],
  ]),
  typed('timestamp[ns, UTC]', d.timestamp(TimeUnit.Nanosecond, 'UTC'), [
    [1_706_702_400_123_456_000n, "'2024-01-31 12:00:00.123456+00'"],
    [-1_000n, "'1969-12-31 23:59:59.999999+00'"],
    [INT64_MAX, "'infinity'"],
  ]),
  typed('duration[s]', d.duration(TimeUnit.Second), [
    [-90n, "'-90 seconds'"],
    [9_223_372_036_854n, 'to_microseconds(9223372036854000000)'],
  ]),
  typed('duration[ms]', d.duration(TimeUnit.Millisecond), [[-1n, "'-1 milliseconds'"]]),
  typed('duration[us]', d.duration(), [
    [INT64_MAX, 'to_microseconds(9223372036854775807)'],
    [-1n, 'to_microseconds(-1)'],
  ]),
  typed('duration[ns]', d.duration(TimeUnit.Nanosecond), [
    [-5_000n, 'to_microseconds(-5)'],
    [2n ** 62n - 904n, `to_microseconds(${(2n ** 62n - 904n) / 1000n})`],
  ]),
  typed('interval', d.interval(), [
    [{ months: -14, days: 40, nanoseconds: -1_500_000n }, 'to_months(-14) + to_days(40) + to_microseconds(-1500)'],
    [{ months: 0, days: 0, nanoseconds: 0n }, 'to_days(0)'],
  ]),
  typed('list<utf8>', d.list(d.utf8()), [
    [[], '[]'],
    [['a', null, 'a text of more than twelve bytes'], "['a', NULL, 'a text of more than twelve bytes']"],
  ]),
  typed('list<list<int32>>', d.list(d.list(d.int32())), [[[[1], null, [], [2, null]], '[[1], NULL, [], [2, NULL]]']]),
  typed('large list', { ...d.list(d.int64()), typeId: TypeId.LargeList }, [
    [[1n, null], '[1, NULL]'],
    [[], '[]'],
  ]),
  typed('fixed-size list', d.fixedSizeList(d.decimal(4, 1), 3), [[[1n, null, -25n], '[0.1, NULL, -2.5]']]),
  typed('fixed-size list of lists', d.fixedSizeList(d.fixedSizeList(d.int8(), 2), 2), [
    [[[1, 2], null], '[[1, 2], NULL]'],
  ]),
  typed('list of fixed-size lists', d.list(d.fixedSizeList(d.utf8(), 2)), [
    [[['a', 'b'], null, ['c', null]], "[['a', 'b'], NULL, ['c', NULL]]"],
  ]),
  typed('struct', d.struct([field('a', d.int32()), field('B c', d.struct([field('x', d.utf8())]))]), [
    [{ a: 1, 'B c': { x: 'y' } }, "{'a': 1, 'B c': {'x': 'y'}}"],
    [{ a: null, 'B c': null }, "{'a': NULL, 'B c': NULL}"],
    [{ a: 3, 'B c': { x: null } }, "{'a': 3, 'B c': {'x': NULL}}"],
  ]),
  typed('map', d.map(d.utf8(), d.int64()), [
    [
      [
        ['a', 1n],
        ['b', null],
      ],
      "MAP {'a': 1, 'b': NULL}",
    ],
    [[], 'MAP {}'],
  ]),
  typed(
    'list of structs with a BIT',
    d.list(d.struct([{ ...field('b', d.utf8()), metadata: extensionMetadata(EXTENSION.bit) }])),
    [[[{ b: '101' }, null], "[{'b': '101'::BIT}, NULL]"]],
  ),
  typed('sparse union', unionOf(UnionMode.Sparse), [
    [{ tag: 'n', value: 7 }, 'union_value(n := 7)'],
    [{ tag: 's', value: 'text' }, "union_value(s := 'text')"],
    [{ tag: 's', value: null }, 'union_value(s := NULL::VARCHAR)'],
  ]),
  typed('dense union', unionOf(UnionMode.Dense), [
    [{ tag: 's', value: 'text' }, "union_value(s := 'text')"],
    [{ tag: 'n', value: 7 }, 'union_value(n := 7)'],
    [{ tag: 'n', value: null }, 'union_value(n := NULL::INTEGER)'],
  ]),
  typed('dictionary<utf8>', { ...mood, indices: d.int32() }, [
    ['happy', "'happy'"],
    ['a mood of more than twelve bytes', "'a mood of more than twelve bytes'"],
    ['happy', "'happy'"],
  ]),
  typed('dictionary<int64>', { ...mood, indices: d.int16(), dictionary: d.int64() }, [
    [2n ** 53n + 1n, '9007199254740993'],
    [1n, '1'],
  ]),
  enumOf(['sad', 'ok', 'so so'], d.uint8(), ['ok', 'sad']),
  enumOf(manyMembers(300), d.uint16(), ['member 299', 'member 0']),
  // DuckDB needs seconds for the text of such a type.
  ...(process.env.MILLRACE_TEST_FULL
    ? [enumOf(manyMembers(70_000), d.uint32(), ['member 69999', 'member 65536'])]
    : []),
];

function unionOf(mode: number): DataType {
  return { typeId: TypeId.Union, mode, typeIds: [5, 9], children: [field('n', d.int32()), field('s', d.utf8())] };
}

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

describe.each(CASES)('$name', (testCase) => {
  const { field: column, values } = testCase;
  const isUnion = column.type.typeId === TypeId.Union;
  const nothing: readonly (readonly [BuildValue | null, string])[] = isUnion ? [] : [[null, 'NULL']];
  const rows = [...nothing, ...values, ...nothing];
  const schema = { fields: [field('i', d.int32()), column] };
  const numbers = rows.map((_, index) => index);
  const batch = batchFromColumns(schema, [numbers, rows.map(([value]) => value)]);
  const type = toDuckDbType(column);

  /** Rows that differ from their literal in value, text or hash, and rows of another type. */
  const differing = (relation: string): string => {
    const literals = rows.map(([, sql], index) => `(${index}, CAST(${sql} AS ${type}))`).join(', ');
    return `
      SELECT i, v::VARCHAR, w::VARCHAR, typeof(v) FROM ${relation} JOIN (VALUES ${literals}) AS literals(i, w) USING (i)
      WHERE v IS DISTINCT FROM w OR v::VARCHAR IS DISTINCT FROM w::VARCHAR OR hash(v) <> hash(w) OR typeof(v) <> typeof(w)`;
  };

  it('is scanned in place', async () => {
    const relation = registerBatches({ schema, batches: [batch] });
    expect(await engine.rows(differing(relation.sql))).toEqual([]);
    expect(await engine.rows(`SELECT count(*)::INTEGER FROM ${relation.sql}`)).toEqual([[rows.length]]);
    relation.release();
  });

  it('is loaded into a table of its type', async () => {
    await engine.native.run(`CREATE OR REPLACE TABLE loaded (i INTEGER, v ${type})`);
    const { connection } = engine;
    expect(await loadBatches({ connection, target: 'loaded', schema, batches: [batch, batch] })).toBe(
      BigInt(rows.length * 2),
    );
    expect(await engine.rows(differing('loaded'))).toEqual([]);
    expect(await engine.rows('SELECT count(*)::INTEGER FROM loaded')).toEqual([[rows.length * 2]]);
  });
});
