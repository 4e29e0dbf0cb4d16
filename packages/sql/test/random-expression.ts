import { type DataType, dataTypes, type Expr, type LiteralValue, type ScalarFunction, TypeId } from '@millrace/core';
import fc from 'fast-check';
import { SAMPLE_COLUMNS, type SampleColumn } from './sample-table.ts';

const BOOL = dataTypes.bool();
const TEXT = dataTypes.utf8();

function call(name: ScalarFunction, args: readonly Expr[], type: DataType = BOOL): Expr {
  return { kind: 'call', function: name, args, type };
}

function literal(value: LiteralValue, type: DataType): Expr {
  return { kind: 'literal', value, type };
}

function column({ name, type }: SampleColumn): Expr {
  return { kind: 'column', path: [name], type };
}

const anyColumn = fc.constantFrom(...SAMPLE_COLUMNS);
const textColumn = fc.constantFrom(...SAMPLE_COLUMNS.filter(({ type }) => type.typeId === TypeId.Utf8));
const comparison = fc.constantFrom<ScalarFunction>(
  'eq',
  'ne',
  'lt',
  'le',
  'gt',
  'ge',
  'distinct',
  'not_distinct',
  'eq',
);

function literalOf({ type, values, others = [] }: SampleColumn): fc.Arbitrary<Expr> {
  return fc.constantFrom(...values, ...others).map((value) => literal(value, type));
}

/** A literal of another type than the column's: wider, finer, a fraction, or far out of range. */
function strangerOf(source: SampleColumn): fc.Arbitrary<Expr> {
  switch (source.type.typeId) {
    case TypeId.Int:
      return fc.constantFrom(
        literal(150n, dataTypes.decimal(9, 2)),
        literal(200n, dataTypes.decimal(9, 2)),
        literal(2n ** 40n, dataTypes.int64()),
        literal(-(2n ** 40n), dataTypes.int64()),
        literal(1.5, dataTypes.float64()),
        literal(Number.NaN, dataTypes.float64()),
        literal(1, dataTypes.int8()),
      );
    case TypeId.Decimal:
      return fc.constantFrom(
        literal(1234n, dataTypes.decimal(9, 3)),
        literal(1, dataTypes.int32()),
        literal(15n, dataTypes.decimal(9, 1)),
      );
    case TypeId.Float:
      return fc.constantFrom(literal(1, dataTypes.int32()), literal(0.5, dataTypes.float32()));
    case TypeId.Timestamp:
      return fc.constantFrom(literal(1n, dataTypes.timestamp(0)), literal(1500n, dataTypes.timestamp(1)));
    default:
      return literalOf(source);
  }
}

const compareLiteral = fc
  .record({ source: anyColumn, name: comparison, isFlipped: fc.boolean() })
  .chain(({ source, name, isFlipped }) =>
    fc.oneof({ weight: 5, arbitrary: literalOf(source) }, { weight: 1, arbitrary: strangerOf(source) }).map((value) => {
      const sides = [column(source), value];
      return call(name, isFlipped ? sides.reverse() : sides);
    }),
  );

const compareColumns = fc
  .record({ left: anyColumn, right: anyColumn, name: comparison })
  .map(({ left, right, name }) =>
    left.type.typeId === right.type.typeId && left.type.typeId !== TypeId.Bool
      ? call(name, [column(left), column(right)])
      : call('is_null', [column(left)]),
  );

const member = anyColumn.chain((source) =>
  fc
    .array(
      fc.oneof(
        { weight: 9, arbitrary: literalOf(source) },
        { weight: 1, arbitrary: fc.constant(literal(null, source.type)) },
      ),
      {
        maxLength: 40,
        size: 'max',
      },
    )
    .map((items) => call('in', [column(source), ...items])),
);

const pieces = fc.array(
  fc.constantFrom('%', '_', 'a', 'A', 'b', '!', '%', '^%', '^_', '^^', '^a', 'ä', '\\', '#', "'", ' '),
  { maxLength: 4 },
);
const pattern = fc
  .record({ source: textColumn, pieces, escape: fc.constantFrom('^', '') })
  .map(({ source, pieces: all, escape: mark }) => {
    const value = literal(all.join(''), TEXT);
    return call('like', [column(source), value, literal(mark, TEXT)]);
  });
const part = fc
  .record({
    source: textColumn,
    name: fc.constantFrom<ScalarFunction>('starts_with', 'ends_with', 'contains'),
    text: fc.constantFrom('', 'a', 'A', '%', '_', 'a%', '\\', '!', 'ä', 'ss', null),
  })
  .map(({ source, name, text }) => call(name, [column(source), literal(text, TEXT)]));

/** Calls that a profile may or may not know; `upper` is on nobody's list. */
const computed = fc.oneof(
  textColumn.chain((source) =>
    fc
      .tuple(fc.constantFrom<ScalarFunction>('lower', 'upper'), comparison, literalOf(source))
      .map(([name, operator, value]) => call(operator, [call(name, [column(source)], TEXT), value])),
  ),
  fc
    .tuple(textColumn, comparison, fc.integer({ min: 0, max: 3 }))
    .map(([source, operator, length]) =>
      call(operator, [call('length', [column(source)], dataTypes.int64()), literal(BigInt(length), dataTypes.int64())]),
    ),
  fc
    .tuple(comparison, fc.integer({ min: -3, max: 9 }))
    .map(([operator, value]) =>
      call(operator, [
        call('add', [column(SAMPLE_COLUMNS[0]!), column(SAMPLE_COLUMNS[1]!)], dataTypes.int32()),
        literal(value, dataTypes.int32()),
      ]),
    ),
  fc
    .tuple(textColumn, textColumn, comparison)
    .chain(([left, right, operator]) =>
      literalOf(left).map((value) => call(operator, [call('coalesce', [column(left), column(right)], TEXT), value])),
    ),
);

const constant = fc.constantFrom(
  literal(true, BOOL),
  literal(false, BOOL),
  literal(null, BOOL),
  call('and', []),
  call('or', []),
);
const truth = fc.constant(column(SAMPLE_COLUMNS.find(({ name }) => name === 'l')!));
const nullTest = fc
  .tuple(anyColumn, fc.constantFrom<ScalarFunction>('is_null', 'is_not_null'))
  .map(([source, name]) => call(name, [column(source)]));

const leaf = fc.oneof(
  { weight: 8, arbitrary: compareLiteral },
  { weight: 2, arbitrary: compareColumns },
  { weight: 4, arbitrary: member },
  { weight: 4, arbitrary: pattern },
  { weight: 3, arbitrary: part },
  { weight: 2, arbitrary: computed },
  { weight: 2, arbitrary: nullTest },
  { weight: 1, arbitrary: truth },
  { weight: 1, arbitrary: constant },
);

function nested(depth: number): fc.Arbitrary<Expr> {
  if (depth === 0) return leaf;
  const inner = nested(depth - 1);
  return fc.oneof(
    { weight: 4, arbitrary: leaf },
    { weight: 3, arbitrary: fc.array(inner, { minLength: 1, maxLength: 3 }).map((args) => call('and', args)) },
    { weight: 3, arbitrary: fc.array(inner, { minLength: 1, maxLength: 3 }).map((args) => call('or', args)) },
    { weight: 3, arbitrary: inner.map((arg) => call('not', [arg])) },
    {
      weight: 1,
      arbitrary: fc.tuple(inner, fc.boolean()).map(([arg, value]) => call('eq', [arg, literal(value, BOOL)])),
    },
    { weight: 1, arbitrary: fc.tuple(inner, inner, inner).map((args) => call('case', args)) },
  );
}

/** Random predicates over the sample table, nested up to three levels. */
export const randomExpression: fc.Arbitrary<Expr> = nested(3);
