import type { LiteralLike } from '@millrace/arrow';
import { type DataType, dataTypes, type Expr, type RecordBatch, type ScalarFunction } from '@millrace/core';
import { type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EDGES } from './edge-values.ts';
import { batchOf, call, column, evaluate, literal, pairs, runInEngine } from './engine-oracle.ts';

let database: DuckDbDatabase;
beforeAll(async () => {
  database = await openDatabase({ path: ':memory:', threads: 1 });
});
afterAll(async () => {
  await database.close();
});

const bool = dataTypes.bool();
const int64 = dataTypes.int64();
const utf8 = dataTypes.utf8();
const float64 = dataTypes.float64();
const timestamp = dataTypes.timestamp();
const a = (type: DataType): Expr => column('a', type);
const b = (type: DataType): Expr => column('b', type);

async function expectEqual(expr: Expr, batch: RecordBatch): Promise<void> {
  const ours = evaluate(expr, batch);
  expect(ours, 'the expression is evaluated here').toBeDefined();
  expect(ours).toEqual(await runInEngine(database, expr, batch));
}

const COMPARISONS: readonly ScalarFunction[] = ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'distinct', 'not_distinct'];
const WIDE_PAIRS: readonly (readonly [string, string])[] = [
  ['int8', 'int64'],
  ['int64', 'uint64'],
  ['uint32', 'int32'],
  ['decimal9', 'int32'],
  ['float32', 'float64'],
  ['int32', 'float64'],
];

describe('comparisons equal the engine', () => {
  for (const [name, edge] of Object.entries(EDGES))
    it(`${name} with itself`, async () => {
      for (const comparison of COMPARISONS)
        await expectEqual(call(comparison, bool, a(edge.type), b(edge.type)), pairs(edge, edge));
      for (const value of edge.values) {
        for (const comparison of COMPARISONS)
          await expectEqual(
            call(comparison, bool, a(edge.type), literal(value as null, edge.type)),
            batchOf([{ name: 'a', ...edge }]),
          );
      }
    });
  for (const [left, right] of WIDE_PAIRS)
    it(`${left} with ${right}`, async () => {
      for (const comparison of COMPARISONS)
        await expectEqual(
          call(comparison, bool, a(EDGES[left]!.type), b(EDGES[right]!.type)),
          pairs(EDGES[left]!, EDGES[right]!),
        );
    });
  for (const [name, edge] of Object.entries(EDGES))
    it(`in, is null, coalesce and case of ${name}`, async () => {
      const batch = pairs(edge, edge);
      const list = edge.values.map((value) => literal(value as null, edge.type));
      const withoutNull = list.filter((one) => one.kind === 'literal' && one.value !== null);
      await expectEqual(call('in', bool, a(edge.type), ...list.slice(0, 3)), batch);
      await expectEqual(call('in', bool, a(edge.type), ...withoutNull.slice(1, 4)), batch);
      await expectEqual(call('not', bool, call('in', bool, a(edge.type), ...list.slice(0, 3))), batch);
      await expectEqual(call('is_null', bool, a(edge.type)), batch);
      await expectEqual(call('is_not_null', bool, a(edge.type)), batch);
      await expectEqual(call('coalesce', edge.type, a(edge.type), b(edge.type), list.at(-1)!), batch);
      await expectEqual(
        call('case', edge.type, call('is_null', bool, a(edge.type)), b(edge.type), a(edge.type)),
        batch,
      );
    });
});

describe('dictionaries', () => {
  const type: DataType = { typeId: -1, id: 7, indices: dataTypes.int8(), dictionary: utf8 };
  const batch = batchOf([{ name: 'a', type, values: ['b', null, 'a', 'b', '\u{1F600}'] }]);
  it('equal the engine where they are compared as texts', async () => {
    const asText = (expr: Expr): Expr => call('cast', utf8, expr);
    for (const comparison of ['eq', 'ne', 'distinct', 'not_distinct'] as const)
      expect(evaluate(call(comparison, bool, a(type), literal('b', utf8)), batch)).toEqual(
        await runInEngine(database, call(comparison, bool, asText(a(type)), literal('b', utf8)), batch),
      );
    await expectEqual(call('in', bool, asText(a(type)), literal('b', utf8), literal(null, utf8)), batch);
    await expectEqual(call('like', bool, asText(a(type)), literal('_', utf8), literal('', utf8)), batch);
    await expectEqual(call('is_null', bool, a(type)), batch);
  });
  it('are not ordered here, as an enumeration orders by its definition', () => {
    for (const comparison of ['lt', 'le', 'gt', 'ge'] as const)
      expect(evaluate(call(comparison, bool, a(type), literal('b', utf8)), batch)).toBeUndefined();
    const named = call('extract', int64, literal('constructor', utf8), a(timestamp));
    expect(evaluate(named, batchOf([{ name: 'a', ...EDGES.timestamp! }]))).toBeUndefined();
  });
});

describe('logic equals the engine', () => {
  it('and, or, not', async () => {
    const batch = pairs(EDGES.bool!, EDGES.bool!);
    await expectEqual(call('and', bool, a(bool), b(bool)), batch);
    await expectEqual(call('or', bool, a(bool), b(bool)), batch);
    await expectEqual(call('not', bool, a(bool)), batch);
  });
});

describe('arithmetic equals the engine', () => {
  const integers = ['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64'];
  for (const name of integers)
    it(`of ${name}`, async () => {
      const { type } = EDGES[name]!;
      const batch = pairs(EDGES[name]!, EDGES[name]!);
      for (const operation of ['add', 'sub', 'mul', 'mod'] as const)
        await expectEqual(call(operation, type, a(type), b(type)), batch);
      if (type.isSigned) await expectEqual(call('neg', type, a(type)), batch);
    });
  for (const name of ['float32', 'float64'])
    it(`of ${name}`, async () => {
      const { type } = EDGES[name]!;
      const batch = pairs(EDGES[name]!, EDGES[name]!);
      for (const operation of ['add', 'sub', 'mul', 'div', 'mod'] as const)
        await expectEqual(call(operation, type, a(type), b(type)), batch);
      await expectEqual(call('neg', type, a(type)), batch);
    });
  it('of decimals', async () => {
    const { type } = EDGES.decimal9!;
    const batch = pairs(EDGES.decimal9!, EDGES.decimal9!);
    for (const operation of ['add', 'sub'] as const)
      await expectEqual(call(operation, dataTypes.decimal(10, 2), a(type), b(type)), batch);
    await expectEqual(call('mul', dataTypes.decimal(18, 4), a(type), b(type)), batch);
    await expectEqual(call('neg', type, a(type)), batch);
    const wide = EDGES.decimal38!;
    for (const operation of ['add', 'sub'] as const)
      await expectEqual(call(operation, wide.type, a(wide.type), b(wide.type)), pairs(wide, wide));
  });
});

describe('casts equal the engine', () => {
  const targets: readonly DataType[] = [
    bool,
    dataTypes.int8(),
    dataTypes.int16(),
    dataTypes.int32(),
    int64,
    dataTypes.uint8(),
    dataTypes.uint16(),
    dataTypes.uint32(),
    dataTypes.uint64(),
    dataTypes.float32(),
    float64,
    dataTypes.decimal(9, 2),
    dataTypes.decimal(20, 4),
    dataTypes.decimal(38, 10),
    utf8,
    dataTypes.date(),
    timestamp,
  ];
  for (const [name, edge] of Object.entries(EDGES))
    it(`from ${name}`, async () => {
      const batch = batchOf([{ name: 'a', ...edge }]);
      let known = 0;
      for (const target of targets) {
        const cast = call('cast', target, a(edge.type));
        if (evaluate(cast, batch) === undefined) continue;
        known += 1;
        await expectEqual(cast, batch);
      }
      if (!['binary', 'time', 'timestampZoned', 'timestampNanos'].includes(name)) expect(known).toBeGreaterThan(0);
    });
});

describe('text functions equal the engine', () => {
  const texts = batchOf([{ name: 'a', ...EDGES.utf8! }]);
  it('tests of parts', async () => {
    for (const test of ['starts_with', 'ends_with', 'contains'] as const)
      await expectEqual(call(test, bool, a(utf8), b(utf8)), pairs(EDGES.utf8!, EDGES.utf8!));
  });
  it('lower, upper, length', async () => {
    await expectEqual(call('lower', utf8, a(utf8)), texts);
    await expectEqual(call('upper', utf8, a(utf8)), texts);
    await expectEqual(call('length', int64, a(utf8)), texts);
  });
  it('lower and upper of every code point', async () => {
    const values: string[] = [];
    for (let code = 1; code <= 0x1ffff; code++)
      if (code < 0xd800 || code > 0xdfff) values.push(String.fromCodePoint(code));
    const batch = batchOf([{ name: 'a', type: utf8, values }]);
    for (const mapping of ['lower', 'upper'] as const) {
      const ours = evaluate(call(mapping, utf8, a(utf8)), batch)!;
      const theirs = await runInEngine(database, call(mapping, utf8, a(utf8)), batch);
      expect(values.filter((_, index) => ours[index] !== theirs[index])).toEqual([]);
    }
  });
  it('like', async () => {
    const subjects = {
      type: utf8,
      values: [
        null,
        '',
        'abc',
        'ABC',
        'aXc',
        'a\nc',
        'a%c',
        'a_c',
        'a\\c',
        'aäc',
        'a\u{1F600}c',
        'abcabc',
        'aabcc',
        'xabcx',
      ],
    };
    const patterns = [
      null,
      '',
      '%',
      '_',
      '__',
      '%%',
      'a%',
      '%c',
      'a%c',
      'a_c',
      '%b%',
      'a%b%c',
      '_b_',
      '%_%',
      'abc',
      'a\\%c',
      'a\\_c',
      'a\\\\c',
      '%abc%abc%',
      '%a_c',
      'a__c',
      '%\u{1F600}%',
    ];
    const batch = batchOf([{ name: 'a', ...subjects }]);
    for (const pattern of patterns)
      for (const character of ['', '\\', '!', 'a'])
        await expectEqual(call('like', bool, a(utf8), literal(pattern, utf8), literal(character, utf8)), batch).catch(
          (error: unknown) => {
            throw new Error(`pattern ${JSON.stringify(pattern)} escape ${character}`, { cause: error });
          },
        );
  });
  it('substr', async () => {
    const numbers = [null, 0n, 1n, 2n, 3n, 7n, -1n, -2n, -9n, 2n ** 31n, -(2n ** 31n)];
    const values = ['hello', '', 'a\u{1F600}ä', null].flatMap((text) =>
      numbers.flatMap((start) => numbers.map((count) => [text, start, count] as const)),
    );
    const batch = batchOf([
      { name: 'a', type: utf8, values: values.map(([text]) => text) },
      { name: 'b', type: int64, values: values.map(([, start]) => start) },
      { name: 'c', type: int64, values: values.map(([, , count]) => count) },
    ]);
    await expectEqual(call('substr', utf8, a(utf8), b(int64), column('c', int64)), batch);
    await expectEqual(call('substr', utf8, a(utf8), b(int64)), batch);
  });
});

describe('dates and timestamps equal the engine', () => {
  const days = [
    null,
    -719529,
    -719163,
    -719162,
    -141428,
    -1,
    0,
    1,
    58,
    59,
    60,
    364,
    365,
    789,
    10956,
    11016,
    19000,
    19358,
    19722,
    19723,
    2932896,
    2147483647,
    -2147483647,
  ];
  const dates = batchOf([{ name: 'a', type: dataTypes.date(), values: days }]);
  const moments = batchOf([
    {
      name: 'a',
      type: timestamp,
      values: days.flatMap((day): LiteralLike[] => {
        if (day === null) return [null];
        if (Math.abs(day) === 2147483647) return [day > 0 ? 2n ** 63n - 1n : -(2n ** 63n) + 1n];
        return [0n, 1n, 43_200_123_456n, 86_399_999_999n].map((micros) => BigInt(day) * 86_400_000_000n + micros);
      }),
    },
  ]);
  const dateParts = ['year', 'month', 'day', 'quarter', 'week', 'doy', 'dow', 'isodow'];
  const timeParts = ['hour', 'minute', 'second', 'milliseconds', 'microseconds'];
  it('extract', async () => {
    for (const part of dateParts)
      await expectEqual(call('extract', int64, literal(part, utf8), a(dataTypes.date())), dates);
    for (const part of [...dateParts, ...timeParts])
      await expectEqual(call('extract', int64, literal(part, utf8), a(timestamp)), moments);
  });
  it('date_trunc', async () => {
    for (const part of ['day', 'week', 'month', 'quarter', 'year']) {
      await expectEqual(call('date_trunc', timestamp, literal(part, utf8), a(timestamp)), moments);
      await expectEqual(
        call('cast', dataTypes.date(), call('date_trunc', timestamp, literal(part, utf8), a(dataTypes.date()))),
        dates,
      );
    }
    for (const part of timeParts)
      await expectEqual(call('date_trunc', timestamp, literal(part, utf8), a(timestamp)), moments);
  });
});
