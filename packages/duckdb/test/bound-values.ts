import { type DataType, dataTypes, type Field, field, TimeUnit, TypeId, UnionMode } from '@millrace/core';
import fc from 'fast-check';
import type { BoundValue } from '../src/database/duckdb-database.ts';
import { EXTENSION, extensionMetadata } from '../src/type-mapping/extension.ts';

type Typed = Extract<BoundValue, { readonly type: DataType }>;
type Literal = Typed['value'];

/** A type with an arbitrary of its literals, which never yields null. */
interface TypedLiterals {
  readonly type: DataType;
  readonly metadata?: Field['metadata'];
  readonly literals: fc.Arbitrary<Literal>;
}

const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
/** Microseconds that SQL can spell. */
const MICROSECONDS = { min: -9_223_372_022_400_000_000n, max: INT64.max - 1n };

function integers(type: DataType, bits: 8 | 16 | 32, isSigned: boolean): TypedLiterals {
  const size = 2 ** bits;
  const [min, max] = isSigned ? [-size / 2, size / 2 - 1] : [0, size - 1];
  return { type, literals: fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max)) };
}

function bigints(type: DataType, min: bigint, max: bigint, ...special: readonly bigint[]): TypedLiterals {
  return { type, literals: fc.oneof(fc.bigInt({ min, max }), fc.constantFrom(min, max, ...special)) };
}

function decimals(precision: number, scale: number): TypedLiterals {
  const limit = 10n ** BigInt(precision) - 1n;
  return bigints(dataTypes.decimal(precision, scale), -limit, limit, 0n, 1n, -1n);
}

function extended(name: string, type: DataType, literals: fc.Arbitrary<Literal>, detail?: string): TypedLiterals {
  return { type, metadata: extensionMetadata(name, detail), literals };
}

const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom('', "it's", '$1', '?', '--', '/*', '\\', '\\x27', '$$', "''", '\n', 'a\0b', '\0', '2020-01-01', '5'),
);
const bytes = fc.uint8Array({ maxLength: 20 });
const intervals = fc.record({
  months: fc.integer(),
  days: fc.integer(),
  nanoseconds: fc.bigInt({ min: INT64.min / 1000n, max: INT64.max / 1000n }).map((micros) => micros * 1000n),
});

const SCALARS: readonly TypedLiterals[] = [
  { type: dataTypes.bool(), literals: fc.boolean() },
  integers(dataTypes.int8(), 8, true),
  integers(dataTypes.int16(), 16, true),
  integers(dataTypes.int32(), 32, true),
  integers(dataTypes.uint8(), 8, false),
  integers(dataTypes.uint16(), 16, false),
  integers(dataTypes.uint32(), 32, false),
  bigints(dataTypes.int64(), INT64.min, INT64.max, 2n ** 53n + 1n),
  bigints(dataTypes.uint64(), 0n, 2n ** 64n - 1n, 2n ** 53n + 1n),
  {
    type: dataTypes.float64(),
    literals: fc.oneof(
      fc.double(),
      fc.constantFrom(-0, Number.NaN, Infinity, -Infinity, 5e-324, 1.7976931348623157e308, 0.1),
    ),
  },
  { type: dataTypes.float32(), literals: fc.oneof(fc.float(), fc.constantFrom(-0, Number.NaN, Infinity, -Infinity)) },
  decimals(1, 0),
  decimals(2, 2),
  decimals(10, 2),
  decimals(18, 9),
  decimals(38, 0),
  decimals(38, 38),
  { type: dataTypes.utf8(), literals: texts },
  { type: dataTypes.largeUtf8(), literals: texts },
  { type: dataTypes.binary(), literals: bytes },
  { type: dataTypes.fixedSizeBinary(3), literals: fc.uint8Array({ minLength: 3, maxLength: 3 }) },
  {
    type: dataTypes.date(),
    literals: fc.oneof(fc.integer(), fc.constantFrom(0, 2147483647, -2147483647, 2147483646, -2147483646, -719529)),
  },
  { type: dataTypes.time(TimeUnit.Second), literals: fc.integer({ min: 0, max: 86_399 }) },
  { type: dataTypes.time(TimeUnit.Millisecond), literals: fc.integer({ min: 0, max: 86_399_999 }) },
  bigints(dataTypes.time(), 0n, 86_400_000_000n),
  bigints(dataTypes.time(TimeUnit.Nanosecond), 0n, 86_400_000_000_000n),
  bigints(
    dataTypes.timestamp(TimeUnit.Second),
    MICROSECONDS.min / 1_000_000n,
    MICROSECONDS.max / 1_000_000n,
    INT64.max,
    -INT64.max,
  ),
  bigints(
    dataTypes.timestamp(TimeUnit.Millisecond),
    MICROSECONDS.min / 1000n,
    MICROSECONDS.max / 1000n,
    INT64.max,
    -INT64.max,
  ),
  bigints(dataTypes.timestamp(), MICROSECONDS.min, MICROSECONDS.max, INT64.max, -INT64.max, 0n, -1n),
  bigints(
    dataTypes.timestamp(TimeUnit.Nanosecond),
    -9_223_286_400_000_000_000n,
    INT64.max - 1n,
    INT64.max,
    -INT64.max,
    -1n,
  ),
  bigints(dataTypes.timestamp(TimeUnit.Microsecond, 'UTC'), MICROSECONDS.min, MICROSECONDS.max, INT64.max, -INT64.max),
  bigints(dataTypes.timestamp(TimeUnit.Millisecond, 'Europe/Prague'), -(10n ** 15n), 10n ** 15n),
  { type: dataTypes.interval(), literals: intervals },
  bigints(dataTypes.duration(), INT64.min, INT64.max),
  { type: dataTypes.duration(TimeUnit.Millisecond), literals: fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }) },
  extended(EXTENSION.uuid, dataTypes.fixedSizeBinary(16), fc.uint8Array({ minLength: 16, maxLength: 16 })),
  extended(
    EXTENSION.hugeint,
    dataTypes.decimal(39, 0),
    fc.oneof(fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n - 1n }), fc.constantFrom(-(2n ** 127n), 2n ** 127n - 1n)),
  ),
  extended(
    EXTENSION.uhugeint,
    dataTypes.decimal(39, 0),
    fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), fc.constant(2n ** 128n - 1n)),
  ),
  extended(
    EXTENSION.bit,
    dataTypes.utf8(),
    fc.string({ unit: fc.constantFrom('0', '1'), minLength: 1, maxLength: 70 }),
  ),
  extended(EXTENSION.bignum, dataTypes.utf8(), fc.bigInt().map(String)),
  extended(EXTENSION.json, dataTypes.utf8(), fc.json()),
  extended(
    EXTENSION.timeWithZone,
    dataTypes.utf8(),
    fc.constantFrom('00:00:00+00', '23:59:59.999999-15:59', '12:34:56.789+05:30', '24:00:00+15:59:59'),
  ),
];

function asField(name: string, { type, metadata }: TypedLiterals): Field {
  return { ...field(name, type), ...(metadata === undefined ? {} : { metadata }) };
}

function nullable(literals: fc.Arbitrary<Literal>): fc.Arbitrary<Literal> {
  return fc.option(literals, { nil: null, freq: 5 });
}

const scalars: fc.Arbitrary<TypedLiterals> = fc.constantFrom(...SCALARS);

const listsOf = (items: fc.Arbitrary<TypedLiterals>): fc.Arbitrary<TypedLiterals> =>
  items.map((item) => ({
    type: { typeId: TypeId.List, children: [asField('item', item)] },
    literals: fc.array(nullable(item.literals), { maxLength: 4 }),
  }));

const arraysOf = (items: fc.Arbitrary<TypedLiterals>): fc.Arbitrary<TypedLiterals> =>
  items.map((item) => ({
    type: { typeId: TypeId.FixedSizeList, listSize: 2, children: [asField('item', item)] },
    literals: fc.array(nullable(item.literals), { minLength: 2, maxLength: 2 }),
  }));

const structsOf = (members: fc.Arbitrary<TypedLiterals>): fc.Arbitrary<TypedLiterals> =>
  fc.tuple(members, members).map(([first, second]) => ({
    type: dataTypes.struct([asField('a', first), asField('B "c\' d', second)]),
    literals: fc.record({ a: nullable(first.literals), 'B "c\' d': nullable(second.literals) }),
  }));

const mapsOf = (values: fc.Arbitrary<TypedLiterals>): fc.Arbitrary<TypedLiterals> =>
  values.map((value) => ({
    type: {
      typeId: TypeId.Map,
      keysSorted: false,
      children: [
        {
          name: 'entries',
          nullable: false,
          type: dataTypes.struct([{ ...field('key', dataTypes.int32()), nullable: false }, asField('value', value)]),
        },
      ],
    },
    literals: fc.uniqueArray(fc.tuple(fc.integer(), nullable(value.literals)), {
      maxLength: 3,
      selector: ([key]) => key,
    }),
  }));

const unionsOf = (members: fc.Arbitrary<TypedLiterals>): fc.Arbitrary<TypedLiterals> =>
  fc.tuple(members, members).map(([first, second]) => ({
    type: {
      typeId: TypeId.Union,
      mode: UnionMode.Sparse,
      typeIds: [0, 1],
      children: [asField('one', first), asField('two', second)],
    },
    literals: fc.oneof(
      first.literals.map((value) => ({ tag: 'one', value })),
      second.literals.map((value) => ({ tag: 'two', value })),
    ),
  }));

const nested = fc.oneof(listsOf(scalars), arraysOf(scalars), structsOf(scalars), mapsOf(scalars), unionsOf(scalars));
const types = fc.oneof(
  { weight: 6, arbitrary: scalars },
  { weight: 3, arbitrary: nested },
  { weight: 1, arbitrary: fc.oneof(listsOf(nested), structsOf(nested), mapsOf(nested)) },
);

/**
 * Values with a type, of every type that can be bound and spelled, now and then null. Not a decimal null: DuckDB forgets the type of
 * `CAST(NULL AS DECIMAL(…))` under arithmetic, whose value is null all the same.
 */
export const typedValues: fc.Arbitrary<Typed> = types.chain(({ type, metadata, literals }) =>
  (type.typeId === TypeId.Decimal ? literals : nullable(literals)).map((value) => ({
    value,
    type,
    ...(metadata === undefined ? {} : { metadata }),
  })),
);

/** Values of plain JavaScript. */
export const plainValues: fc.Arbitrary<BoundValue> = fc.oneof(
  fc.constantFrom(null, -0, 0, 2147483647, 2147483648, -2147483648, Number.NaN, Infinity, 2 ** 53, -1),
  fc.boolean(),
  fc.integer(),
  fc.double(),
  fc.bigInt({ min: -(2n ** 127n), max: 2n ** 128n - 1n }),
  fc.bigInt(INT64),
  texts,
  bytes,
  fc.date({ noInvalidDate: true }),
);
