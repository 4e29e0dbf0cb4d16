import { Buffer } from 'node:buffer';
import type { LiteralLike } from '@millrace/arrow';
import { type DataType, FloatPrecision, TimeUnit, TypeId } from '@millrace/core';

/** Not null. */
type Present = NonNullable<LiteralLike>;

/**
 * Orders two values as the vocabulary does: text and binary by bytes, NaN equal to itself and above every number, -0 equal to 0,
 * numbers of different types by their exact value.
 *
 * @throws TypeError for a pair of types that the model does not compare.
 */
export function compareValues(left: Present, leftType: DataType, right: Present, rightType: DataType): number {
  if (isNumeric(leftType) && isNumeric(rightType)) return compareNumbers(left, leftType, right, rightType);
  if (isTemporal(leftType) && isTemporal(rightType))
    return ordered(toNanoseconds(left, leftType), toNanoseconds(right, rightType));
  if (typeof left === 'string' && typeof right === 'string')
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right);
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  throw new TypeError(`the model does not compare types ${leftType.typeId} and ${rightType.typeId}`);
}

/** Whether the model has an order for the type. */
export function isComparable(type: DataType): boolean {
  return isNumeric(type) || isTemporal(type) || COMPARABLE.has(type.typeId);
}

const COMPARABLE: ReadonlySet<number> = new Set([
  TypeId.Utf8,
  TypeId.LargeUtf8,
  TypeId.Binary,
  TypeId.LargeBinary,
  TypeId.FixedSizeBinary,
  TypeId.Bool,
]);

function isNumeric({ typeId }: DataType): boolean {
  return typeId === TypeId.Int || typeId === TypeId.Float || typeId === TypeId.Decimal;
}

function isTemporal({ typeId }: DataType): boolean {
  return typeId === TypeId.Date || typeId === TypeId.Time || typeId === TypeId.Timestamp;
}

function compareNumbers(left: Present, leftType: DataType, right: Present, rightType: DataType): number {
  if (leftType.typeId === TypeId.Float || rightType.typeId === TypeId.Float) {
    const a = toDouble(left, leftType);
    const b = toDouble(right, rightType);
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return ordered(a, b);
  }
  const scale = Math.max(leftType.scale ?? 0, rightType.scale ?? 0);
  return ordered(unscaled(left, leftType, scale), unscaled(right, rightType, scale));
}

function toDouble(value: Present, type: DataType): number {
  if (type.typeId === TypeId.Decimal) return Number(value) / 10 ** (type.scale ?? 0);
  const number = Number(value);
  return type.precision === FloatPrecision.Single ? Math.fround(number) : number;
}

function unscaled(value: Present, type: DataType, scale: number): bigint {
  return BigInt(value as number | bigint) * 10n ** BigInt(scale - (type.scale ?? 0));
}

/** The moment of a date, time or timestamp, so that units and dates compare with each other. */
function toNanoseconds(value: Present, type: DataType): bigint {
  if (type.typeId === TypeId.Date) return BigInt(Math.round(Number(value))) * 86_400_000_000_000n;
  return BigInt(value as number | bigint) * NANOSECONDS[type.unit ?? TimeUnit.Microsecond]!;
}

/** By the numbers of `TimeUnit`. */
const NANOSECONDS: readonly bigint[] = [1_000_000_000n, 1_000_000n, 1_000n, 1n];

function ordered<T extends number | bigint>(left: T, right: T): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
