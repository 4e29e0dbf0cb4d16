import { type DataType, type Expr, FloatPrecision, type LiteralValue, TypeId } from '@millrace/core';
import type { SemanticsProfile } from '../semantics-profile.ts';
import type { Operand } from './translation.ts';
import { isBinary, isText, isZoned } from './value-type.ts';

/**
 * Where a literal stands among the values of an operand's type: `at` one of them, `just_below` = between `value` and the next one
 * above it, `above` or `below` all of them. So a comparison never leaves the conversion of a value to the source.
 */
export type PlacedLiteral =
  | { readonly place: 'at' | 'just_below'; readonly value: NonNullable<LiteralValue>; readonly type: DataType }
  | { readonly place: 'above' }
  | { readonly place: 'below' };

type LiteralExpr = Extract<Expr, { readonly kind: 'literal' }>;

/** Brings a literal that is not NULL to the operand's type; undefined where the engine would compare in a third type. */
export function placeLiteral(
  literal: LiteralExpr,
  { type }: Pick<Operand, 'type'>,
  profile: SemanticsProfile,
): PlacedLiteral | undefined {
  const { value } = literal;
  if (value === null) return undefined;
  const given = literal.type;
  switch (type.typeId) {
    case TypeId.Bool:
      return typeof value === 'boolean' ? { place: 'at', value, type } : undefined;
    case TypeId.Utf8:
    case TypeId.LargeUtf8:
      return typeof value === 'string' && isText(given) ? { place: 'at', value, type } : undefined;
    case TypeId.Binary:
    case TypeId.LargeBinary:
    case TypeId.FixedSizeBinary:
      return value instanceof Uint8Array && isBinary(given) && (given.byteWidth ?? type.byteWidth) === type.byteWidth
        ? { place: 'at', value, type }
        : undefined;
    case TypeId.Int:
    case TypeId.Decimal:
      return placeNumber(value, given, type);
    case TypeId.Float:
      return placeFloat(value, given, type, profile);
    case TypeId.Date:
    case TypeId.Time:
    case TypeId.Timestamp:
    case TypeId.Duration:
      return placeTime(value, given, type, profile);
    default:
      return undefined;
  }
}

/** Integers and decimals among each other; a float beside an integer that every double holds. */
function placeNumber(value: NonNullable<LiteralValue>, given: DataType, type: DataType): PlacedLiteral | undefined {
  const scale = type.typeId === TypeId.Decimal ? (type.scale ?? 0) : 0;
  if (given.typeId === TypeId.Float) {
    if (typeof value !== 'number' || type.typeId !== TypeId.Int || (type.bitWidth ?? 64) > 32) return undefined;
    if (Number.isNaN(value) || value === Number.POSITIVE_INFINITY) return { place: 'above' };
    if (value === Number.NEGATIVE_INFINITY) return { place: 'below' };
    const floor = Math.floor(value);
    return placeUnits(BigInt(floor), floor === value, type);
  }
  const isExact = given.typeId === TypeId.Int || given.typeId === TypeId.Decimal;
  if (!isExact || (typeof value !== 'number' && typeof value !== 'bigint')) return undefined;
  if (typeof value === 'number' && !Number.isInteger(value)) return undefined;
  const isOwn = given === type || (given.typeId === type.typeId && isSameNumber(given, type));
  if (isOwn) return { place: 'at', value, type };
  const growth = scale - (given.typeId === TypeId.Decimal ? (given.scale ?? 0) : 0);
  const unscaled = BigInt(value);
  if (growth >= 0) return placeUnits(unscaled * 10n ** BigInt(growth), true, type);
  const divisor = 10n ** BigInt(-growth);
  const floor = floorDivide(unscaled, divisor);
  return placeUnits(floor, floor * divisor === unscaled, type);
}

function isSameNumber(left: DataType, right: DataType): boolean {
  return (
    left.bitWidth === right.bitWidth &&
    left.isSigned === right.isSigned &&
    left.precision === right.precision &&
    left.scale === right.scale
  );
}

/** Places a count of the type's smallest units; `isWhole` is false for a value between this count and the next. */
function placeUnits(units: bigint, isWhole: boolean, type: DataType): PlacedLiteral {
  const [low, high] = rangeOf(type);
  if (units > high || (units === high && !isWhole)) return { place: 'above' };
  if (units < low) return { place: 'below' };
  const isNumber = (type.typeId === TypeId.Int && (type.bitWidth ?? 64) <= 32) || type.typeId === TypeId.Date;
  return { place: isWhole ? 'at' : 'just_below', value: isNumber ? Number(units) : units, type };
}

function rangeOf(type: DataType): readonly [bigint, bigint] {
  if (type.typeId === TypeId.Decimal) {
    const end = 10n ** BigInt(type.precision ?? 38) - 1n;
    return [-end, end];
  }
  const bits = BigInt(type.typeId === TypeId.Int ? (type.bitWidth ?? 64) : type.typeId === TypeId.Date ? 32 : 64);
  if (type.isSigned === false) return [0n, (1n << bits) - 1n];
  return [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n];
}

/** Integers up to here, in either direction, are doubles of their own. */
const LAST_EXACT = 2 ** 53;

function placeFloat(
  value: NonNullable<LiteralValue>,
  given: DataType,
  type: DataType,
  profile: SemanticsProfile,
): PlacedLiteral | undefined {
  if (given.typeId !== TypeId.Float && given.typeId !== TypeId.Int) return undefined;
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  const number = Number(value);
  if (Number.isNaN(number)) return special(profile.nan, { place: 'above' }, number, type);
  if (!Number.isFinite(number)) {
    return special(profile.infinity, number > 0 ? { place: 'above' } : { place: 'below' }, number, type);
  }
  if (given.typeId === TypeId.Int && Math.abs(number) > LAST_EXACT) return undefined;
  // A literal of the operand's own type is rounded to it; any other must be a value of it, or the engine would widen the column.
  const single = type.precision === FloatPrecision.Single;
  const isOwn = given.typeId === TypeId.Float && given.precision === type.precision;
  const rounded = single || given.precision === FloatPrecision.Single ? Math.fround(number) : number;
  if (rounded !== number && single && !isOwn) return undefined;
  // Zero has one sign in comparisons, and not every source agrees once it has seen the other.
  return { place: 'at', value: rounded === 0 ? 0 : rounded, type };
}

function special(
  atSource: SemanticsProfile['nan'],
  absent: PlacedLiteral,
  value: number,
  type: DataType,
): PlacedLiteral | undefined {
  if (atSource === 'same') return { place: 'at', value, type };
  return atSource === 'absent' ? absent : undefined;
}

const INFINITE_DATE = 2n ** 31n - 1n;
const INFINITE_TIME = 2n ** 63n - 1n;

/** Values of one kind in whatever unit. An infinite one is the end of its own unit's range. */
function placeTime(
  value: NonNullable<LiteralValue>,
  given: DataType,
  type: DataType,
  profile: SemanticsProfile,
): PlacedLiteral | undefined {
  if (given.typeId !== type.typeId || isZoned(given) !== isZoned(type)) return undefined;
  if (typeof value !== 'bigint' && !Number.isInteger(value)) return undefined;
  const units = BigInt(value as number | bigint);
  const isDate = type.typeId === TypeId.Date;
  const end = isDate ? INFINITE_DATE : INFINITE_TIME;
  if ((isDate || type.typeId === TypeId.Timestamp) && (units >= end || units <= -end)) {
    const absent: PlacedLiteral = units > 0n ? { place: 'above' } : { place: 'below' };
    if (profile.infiniteTime !== 'same') return profile.infiniteTime === 'absent' ? absent : undefined;
    return isDate || given.unit === type.unit ? { place: 'at', value, type } : undefined;
  }
  const steps = isDate ? 0 : (type.unit ?? 0) - (given.unit ?? 0);
  const ratio = 1000n ** BigInt(Math.abs(steps));
  if (steps >= 0) return placeUnits(units * ratio, true, type);
  const floor = floorDivide(units, ratio);
  return placeUnits(floor, floor * ratio === units, type);
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value % divisor < 0n ? quotient - 1n : quotient;
}
