import {
  type BuildValue,
  batchFromRows,
  bindConjunction,
  compilePredicate,
  createBreather,
  normalizeColumn,
} from '@millrace/arrow';
import {
  type DataType,
  dataTypes,
  type Expr,
  field,
  type RecordBatch,
  type ScalarFunction,
  type Schema,
  TypeId,
} from '@millrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK_ROWS } from '../src/block-bounds.ts';
import { selectBlocks } from '../src/read-blocks.ts';

const DAY_US = 86_400_000_000n;
const DICTIONARY: DataType = {
  typeId: TypeId.Dictionary,
  indices: dataTypes.int32(),
  dictionary: dataTypes.utf8(),
  id: 1,
};

/** Values of each type by a number: those of neighbouring numbers are neighbours, and some are what goes wrong easily. */
const KINDS: readonly (readonly [string, DataType, (number: number) => BuildValue])[] = [
  ['tiny', dataTypes.int8(), (n) => (n % 256) - 128],
  ['whole', dataTypes.int32(), (n) => n - 1_000],
  ['long', dataTypes.int64(), (n) => BigInt(n) * 3_000_000_000_000_007n - 2n ** 62n],
  ['near', dataTypes.int64(), (n) => 2n ** 60n + BigInt(n)],
  ['unsigned', dataTypes.uint64(), (n) => 2n ** 63n - 500n + BigInt(n)],
  [
    'float',
    dataTypes.float64(),
    (n) => (n % 97 === 0 ? [Number.NaN, -0, 0, -1 / 0, 1 / 0][(n / 97) % 5] : n / 7 - 90)!,
  ],
  ['single', dataTypes.float32(), (n) => (n % 211 === 0 ? Number.NaN : Math.fround(n / 7 - 90))],
  ['decimal', dataTypes.decimal(38, 4), (n) => BigInt(n - 900) * 10n ** 30n + BigInt(n % 3)],
  [
    'text',
    dataTypes.utf8(),
    (n) => (n % 5 === 0 ? `customer \u{10000}${n}` : `customer ${String(n).padStart(5, '0')}`),
  ],
  ['wide', dataTypes.utf8(), (n) => `${n % 2 === 0 ? 'x'.repeat(300) : 'x'}${n}`],
  ['binary', dataTypes.binary(), (n) => Uint8Array.of(n >> 8, n & 255)],
  ['truth', dataTypes.bool(), (n) => n % 2_000 < 1_000],
  ['day', dataTypes.date(), (n) => n * 3 - 1_000],
  ['moment', dataTypes.timestamp(), (n) => BigInt(n) * DAY_US - 1n],
  ['colour', DICTIONARY, (n) => `colour ${n % 700}`],
];
const SCHEMA: Schema = { fields: KINDS.map(([name, type]) => field(name, type)) };
const PARTITION_BY = [
  { kind: 'date_part', column: 'moment', part: 'month' },
  { kind: 'date_part', column: 'day', part: 'year' },
] as const;
const BLOCK_COUNT = 4;

/** Blocks of neighbouring numbers; the first has no null, the last nothing else, those between some. */
function blocks(): RecordBatch {
  const rows: BuildValue[][] = [];
  for (let row = 0; row < BLOCK_COUNT * BLOCK_ROWS; row++) {
    const block = Math.floor(row / BLOCK_ROWS);
    const number = block * 450 + ((row * 31) % 500);
    const isNull = block === BLOCK_COUNT - 1 || (block > 0 && row % 3 === 0);
    rows.push(KINDS.map(([, , valueAt]) => (isNull ? null : valueAt(number))));
  }
  const { numRows, data, schema } = batchFromRows(SCHEMA, rows);
  return { numRows, schema, data: { children: data.children.map(normalizeColumn) } };
}

const call = (name: ScalarFunction, ...args: Expr[]): Expr => ({
  kind: 'call',
  function: name,
  type: dataTypes.bool(),
  args,
});

/** A condition on one column, or on a part of its dates. */
const condition: fc.Arbitrary<Expr> = fc
  .record({
    kind: fc.constantFrom(...KINDS),
    name: fc.constantFrom(
      'eq',
      'ne',
      'lt',
      'le',
      'gt',
      'ge',
      'not_distinct',
      'in',
      'is_null',
      'is_not_null',
      'starts_with',
    ),
    numbers: fc.array(fc.integer({ min: -300, max: 2_300 }), { minLength: 1, maxLength: 3 }),
    nulls: fc.boolean(),
    mirrored: fc.boolean(),
  })
  .map(({ kind: [column, type, valueAt], name, numbers, nulls, mirrored }): Expr => {
    const plain = type.typeId === TypeId.Dictionary ? dataTypes.utf8() : type;
    const left: Expr = { kind: 'column', path: [column], type };
    if (name === 'is_null' || name === 'is_not_null') return call(name, left);
    const literals = numbers.map(
      (number): Expr => ({ kind: 'literal', type: plain, value: valueAt(Math.abs(number)) as string }),
    );
    const [first] = literals as [Expr];
    const withNull: Expr = { kind: 'literal', type: plain, value: null };
    if (name === 'in') return call('in', left, ...literals, ...(nulls ? [withNull] : []));
    const right = nulls && numbers[0]! % 10 === 0 ? withNull : first;
    return mirrored && name !== 'starts_with' ? call(name as 'eq', right, left) : call(name as 'eq', left, right);
  });

const part: fc.Arbitrary<Expr> = fc
  .record({
    of: fc.constantFrom(...PARTITION_BY),
    name: fc.constantFrom('eq', 'lt', 'ge'),
    value: fc.integer({ min: 0, max: 13 }),
  })
  .map(({ of, name, value }) => {
    const { type } = SCHEMA.fields.find((each) => each.name === of.column)!;
    const args: Expr[] = [
      { kind: 'literal', type: dataTypes.utf8(), value: of.part },
      { kind: 'column', path: [of.column], type },
    ];
    const extract: Expr = { kind: 'call', function: 'extract', type: dataTypes.int64(), args };
    const number = BigInt(of.part === 'year' ? value + 1_966 : value);
    return call(name as 'eq', extract, { kind: 'literal', type: dataTypes.int64(), value: number });
  });

const filter: fc.Arbitrary<Expr> = fc.oneof(
  { weight: 4, arbitrary: condition },
  { weight: 2, arbitrary: part },
  { weight: 1, arbitrary: fc.tuple(condition, condition).map(([left, right]) => call('or', left, right)) },
  { weight: 1, arbitrary: fc.tuple(condition, condition).map(([left, right]) => call('and', left, right)) },
  { weight: 1, arbitrary: condition.map((one) => call('not', one)) },
);

describe('blocks that filters rule out', () => {
  const breather = createBreather('test', new AbortController().signal);
  const scope = { schema: SCHEMA, partitionBy: PARTITION_BY };
  const batch = blocks();

  it('have no row that passes, whatever the type and the condition are', { timeout: 900_000 }, async () => {
    let ruledOut = 0;
    let withRows = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(filter, { minLength: 1, maxLength: 2 }), async (filters) => {
        const predicates = filters.flatMap((one) => compilePredicate(one, SCHEMA) ?? []);
        fc.pre(predicates.length === filters.length);
        const selection = await selectBlocks({ batches: [batch], filters, scope, breather });
        const passes = bindConjunction(predicates, batch);
        let passing = 0;
        for (let row = 0; row < batch.numRows; row++) passing += Number(passes(row));
        let found = 0;
        for (const selected of selection.batches) {
          const test = bindConjunction(predicates, selected);
          for (let row = 0; row < selected.numRows; row++) found += Number(test(row));
        }
        expect(found).toBe(passing);
        expect(selection.blockCount).toBe(BLOCK_COUNT);
        expect(selection.rowCount).toBe(selection.readCount * BLOCK_ROWS);
        ruledOut += BLOCK_COUNT - selection.readCount;
        withRows += Number(passing > 0 && selection.readCount < BLOCK_COUNT);
      }),
      { numRuns: process.env.MILLRACE_TEST_FULL ? 3_000 : 200 },
    );
    // Both happen often, so that the property says something.
    expect(ruledOut).toBeGreaterThan(100);
    expect(withRows).toBeGreaterThan(20);
  });

  it.each<[string, Expr, number]>([
    [
      'a comparison',
      call(
        'eq',
        { kind: 'column', path: ['whole'], type: dataTypes.int32() },
        { kind: 'literal', type: dataTypes.int32(), value: -1_000 },
      ),
      1,
    ],
    ['nulls', call('is_null', { kind: 'column', path: ['text'], type: dataTypes.utf8() }), 3],
    [
      'the beginning of a text',
      call(
        'starts_with',
        { kind: 'column', path: ['text'], type: dataTypes.utf8() },
        { kind: 'literal', type: dataTypes.utf8(), value: 'customer 0001' },
      ),
      1,
    ],
    ['a literal that is not TRUE', { kind: 'literal', type: dataTypes.bool(), value: null }, 0],
  ])('are those that %s cannot be TRUE in', async (_, expr, readCount) => {
    expect(await selectBlocks({ batches: [batch], filters: [expr], scope, breather })).toMatchObject({
      readCount,
      canRuleOut: [true],
    });
  });
});
