import type { LiteralLike } from '@millrace/arrow';
import { type Field, type IntervalValue, TimeUnit, TypeId } from '@millrace/core';
import { type Mutant, requestMutant, valueMutant } from './mutate.ts';

/** Changes the values of one type; others stay. */
function typeMutant(
  name: string,
  found: string,
  applies: (field: Field) => boolean,
  change: (value: NonNullable<LiteralLike>) => LiteralLike,
): Mutant {
  return valueMutant(name, [found], (value, field) => (applies(field) ? change(value) : value));
}

const is =
  (typeId: number) =>
  ({ type }: Field): boolean =>
    type.typeId === typeId;

/** Connectors that lose something of a value. */
export const VALUE_MUTANTS: readonly Mutant[] = [
  requestMutant('claims comparisons of values that it forgets', ['types/low-and-high-values'], (request, table) =>
    table.schema.fields.some(({ name }) => name === 'value') ? { ...request, filters: [] } : request,
  ),
  typeMutant(
    'reads 64-bit integers through numbers',
    'types/integers',
    ({ type }) => type.bitWidth === 64 && is(TypeId.Int)({ name: '', type, nullable: true }),
    (value) => {
      const rounded = BigInt(Number(value));
      return rounded >= 2n ** 63n ? 2n ** 63n - 1n : rounded;
    },
  ),
  typeMutant(
    'cuts unsigned integers',
    'types/unsigned-integers',
    ({ type }) => type.isSigned === false,
    (value) => (typeof value === 'bigint' ? value & 0x7fffn : Number(value) & 0x7f),
  ),
  typeMutant('reads NaN as null', 'types/floats', is(TypeId.Float), (value) => (Number.isNaN(value) ? null : value)),
  typeMutant('loses the sign of zero', 'types/floats', is(TypeId.Float), (value) => (value === 0 ? 0 : value)),
  typeMutant('keeps 15 digits of floats', 'types/floats', is(TypeId.Float), (value) =>
    Number(Number(value).toPrecision(15)),
  ),
  typeMutant('loses the last digits of long decimals', 'types/decimals', is(TypeId.Decimal), (value) => {
    const unscaled = value as bigint;
    return unscaled > 10n ** 20n ? unscaled - (unscaled % 1_000n) : unscaled;
  }),
  typeMutant(
    'reads empty texts as null',
    'types/text',
    ({ name, type }) => name === 'value' && is(TypeId.Utf8)({ name, type, nullable: true }),
    (value) => (value === '' ? null : value),
  ),
  typeMutant('normalises texts', 'types/text', is(TypeId.Utf8), (value) => String(value).normalize('NFC')),
  typeMutant('trims texts', 'types/char', is(TypeId.Utf8), (value) => String(value).trimEnd()),
  typeMutant('ends binary values at a zero', 'types/binary', is(TypeId.Binary), (value) => {
    const bytes = value as Uint8Array;
    const end = bytes.indexOf(0);
    return end < 0 ? bytes : bytes.subarray(0, end);
  }),
  typeMutant('reads every boolean as true', 'types/boolean', is(TypeId.Bool), () => true),
  typeMutant('shifts old dates to the Julian calendar', 'types/date', is(TypeId.Date), (value) =>
    Number(value) < -141_427 ? Number(value) + 10 : value,
  ),
  typeMutant(
    'cuts times to milliseconds',
    'types/time',
    is(TypeId.Time),
    (value) => (BigInt(value as bigint) / 1_000n) * 1_000n,
  ),
  typeMutant(
    'shifts wall clocks by a zone',
    'types/timestamp',
    ({ type }) => type.typeId === TypeId.Timestamp && !type.timezone && type.unit === TimeUnit.Microsecond,
    (value) => {
      // Five hours, where the clock of the process would have it, in summer four.
      return (value as bigint) > 1_610_000_000_000_000n ? (value as bigint) + 3_600_000_000n : value;
    },
  ),
  typeMutant(
    'cuts instants to milliseconds',
    'types/timestamp-with-zone',
    ({ type }) => type.typeId === TypeId.Timestamp && Boolean(type.timezone),
    (value) => ((value as bigint) / 1_000n) * 1_000n,
  ),
  typeMutant('turns months into days', 'types/other-types', is(TypeId.Interval), (value) => {
    const { months, days, nanoseconds } = value as IntervalValue;
    return { months: 0, days: days + months * 30, nanoseconds };
  }),
  typeMutant('loses the nulls of lists', 'types/other-types', is(TypeId.List), (value) =>
    (value as readonly LiteralLike[]).filter((item) => item !== null),
  ),
  valueMutant('reads sevens as null', ['types/values-against-the-declared-type'], (value) =>
    value === 7 ? null : value,
  ),
  valueMutant('gives up on columns that begin with nulls', ['types/late-values'], (value, { name }) =>
    name === 'late' ? null : value,
  ),
  valueMutant('makes numbers of texts that look so', ['types/text-stays-text'], (value, { name }) =>
    name === 'digits' && Number.isFinite(Number(value)) ? String(Number(value)) : value,
  ),
];
