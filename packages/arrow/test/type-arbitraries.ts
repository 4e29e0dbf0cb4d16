import { type DataType, dataTypes, type Field, field, TimeUnit, TypeId, UnionMode } from '@millrace/core';
import fc from 'fast-check';
import type { LiteralLike } from '../src/index.ts';
import { fromHalfBits } from '../src/values/half-float.ts';

/** A type, and values of it in the form of literals, without null. */
export interface TypedValues {
  readonly type: DataType;
  readonly values: fc.Arbitrary<LiteralLike>;
}

const UNITS = Object.values(TimeUnit);
const MAX_DAYS = 2_932_896; // 9999-12-31
const MIN_DAYS = -719_162; // 0001-01-01

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 8 }), fc.constant(''));
const bytes = fc.uint8Array({ maxLength: 40 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

/** Every scalar type of core's list, in every width, unit and zone. */
export const scalarTypes: readonly TypedValues[] = [
  { type: dataTypes.bool(), values: fc.boolean() },
  ...[8, 16, 32].map((bitWidth) => ({
    type: { typeId: TypeId.Int, bitWidth, isSigned: true },
    values: fc.integer({ min: -(2 ** (bitWidth - 1)), max: 2 ** (bitWidth - 1) - 1 }),
  })),
  ...[8, 16, 32].map((bitWidth) => ({
    type: { typeId: TypeId.Int, bitWidth, isSigned: false },
    values: fc.integer({ min: 0, max: 2 ** bitWidth - 1 }),
  })),
  { type: dataTypes.int64(), values: fc.oneof(int64, fc.constant(2n ** 53n + 1n)) },
  { type: dataTypes.uint64(), values: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
  { type: { typeId: TypeId.Float, precision: 0 }, values: fc.integer({ min: 0, max: 0xffff }).map(fromHalfBits) },
  { type: dataTypes.float32(), values: fc.float() },
  { type: dataTypes.float64(), values: fc.double() },
  ...[
    [1, 0],
    [9, 2],
    [18, 18],
    [38, 0],
    [38, 38],
    [39, 3],
    [76, 10],
    [5, -2],
  ].map(([precision = 1, scale = 0]) => {
    const limit = 10n ** BigInt(precision) - 1n;
    return { type: dataTypes.decimal(precision, scale), values: fc.bigInt({ min: -limit, max: limit }) };
  }),
  { type: dataTypes.utf8(), values: text },
  { type: dataTypes.largeUtf8(), values: text },
  { type: dataTypes.binary(), values: bytes },
  { type: dataTypes.largeBinary(), values: bytes },
  { type: dataTypes.fixedSizeBinary(5), values: fc.uint8Array({ minLength: 5, maxLength: 5 }) },
  { type: dataTypes.date(), values: fc.oneof(days(), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })) },
  { type: { typeId: TypeId.Date, unit: 1 }, values: days() },
  ...UNITS.map((unit) => ({
    type: dataTypes.time(unit),
    values: fc.bigInt({ min: 0n, max: 86_400n * 1_000n ** BigInt(unit) - 1n }),
  })),
  ...UNITS.flatMap((unit) => [
    { type: dataTypes.timestamp(unit), values: timestamps(unit) },
    { type: dataTypes.timestamp(unit, 'UTC'), values: timestamps(unit) },
    { type: dataTypes.duration(unit), values: int64 },
  ]),
  {
    type: { typeId: TypeId.Interval, unit: 0 },
    values: fc.record({ months: int32(), days: fc.constant(0), nanoseconds: fc.constant(0n) }),
  },
  {
    type: { typeId: TypeId.Interval, unit: 1 },
    values: fc.record({
      months: fc.constant(0),
      days: int32(),
      nanoseconds: int32().map((milliseconds) => BigInt(milliseconds) * 1_000_000n),
    }),
  },
  { type: dataTypes.interval(), values: fc.record({ months: int32(), days: int32(), nanoseconds: int64 }) },
];

/** The nested types over the given one, each built in the layouts that Arrow has. */
export function nestedTypes(inner: TypedValues): readonly TypedValues[] {
  const nullable = orNull(inner);
  const list = fc.array(nullable, { maxLength: 4 });
  const fields: readonly Field[] = [
    field('a', inner.type),
    field('__proto__', dataTypes.int32()),
    field('a b', dataTypes.utf8()),
  ];
  return [
    { type: dataTypes.list(inner.type), values: list },
    { type: { typeId: TypeId.LargeList, children: [field('item', inner.type)] }, values: list },
    { type: dataTypes.fixedSizeList(inner.type, 3), values: fc.array(nullable, { minLength: 3, maxLength: 3 }) },
    {
      type: dataTypes.struct(fields),
      values: fc
        .tuple(nullable, fc.option(int32(), { nil: null }), fc.option(text, { nil: null }))
        .map((members) => Object.fromEntries(fields.map(({ name }, ordinal) => [name, members[ordinal] ?? null]))),
    },
    {
      type: dataTypes.map(dataTypes.utf8(), inner.type),
      values: fc.array(fc.tuple(text, nullable), { maxLength: 3 }),
    },
    ...[UnionMode.Sparse, UnionMode.Dense].map((mode) => ({
      type: {
        typeId: TypeId.Union,
        mode,
        typeIds: [5, 7],
        children: [field('first', inner.type), field('second', dataTypes.int64())],
      },
      values: fc.oneof(
        fc.record({ tag: fc.constant('first'), value: nullable }),
        fc.record({ tag: fc.constant('second'), value: fc.option(int64, { nil: null }) }),
      ),
    })),
    {
      type: { typeId: TypeId.Dictionary, id: 1, indices: dataTypes.int32(), dictionary: inner.type, isOrdered: false },
      values: inner.values,
    },
  ];
}

/** A few nestings of two levels, over types of different layouts. */
export const nestedSamples: readonly TypedValues[] = scalarTypes
  .filter(({ type }) => [TypeId.Bool, TypeId.Utf8, TypeId.Int].some((typeId) => typeId === type.typeId))
  .flatMap((scalar) => nestedTypes(scalar));

/** Values of a column, about a quarter of them null. */
export function columnValues(sample: TypedValues): fc.Arbitrary<LiteralLike[]> {
  return fc.array(orNull(sample), { maxLength: 40 });
}

/** A union has no null of its own: null is a null of its first child, and reads back with that child's tag. */
function orNull({ type, values }: TypedValues): fc.Arbitrary<LiteralLike> {
  return type.typeId === TypeId.Union ? values : fc.option(values, { nil: null, freq: 4 });
}

function int32(): fc.Arbitrary<number> {
  return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
}

function days(): fc.Arbitrary<number> {
  return fc.integer({ min: MIN_DAYS, max: MAX_DAYS });
}

function timestamps(unit: number): fc.Arbitrary<bigint> {
  const perDay = 86_400n * 1_000n ** BigInt(unit);
  const range = fc.bigInt({ min: BigInt(MIN_DAYS) * perDay, max: BigInt(MAX_DAYS) * perDay });
  return unit === TimeUnit.Nanosecond ? int64 : range;
}
