import { type DataType, dataTypes, type Expr, type LiteralValue, TypeId } from '@millrace/core';
import { type Axis, axisOfPlanType, axisOfType, unitRatio } from './axis.ts';
import { isText, type Operand, valueType } from './operand.ts';
import type { PlanConstant } from './plan-constant.ts';
import { textOf } from './plan-json.ts';

export type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge' | 'distinct' | 'not_distinct';

const FLIPPED: Readonly<Record<Comparison, Comparison>> = {
  eq: 'eq',
  ne: 'ne',
  lt: 'gt',
  le: 'ge',
  gt: 'lt',
  ge: 'le',
  distinct: 'distinct',
  not_distinct: 'not_distinct',
};

/** The comparison that holds with its sides exchanged. */
export function flipComparison(comparison: Comparison): Comparison {
  return FLIPPED[comparison];
}

/** A truth value of the vocabulary. */
export function predicate(name: Extract<Expr, { kind: 'call' }>['function'], args: readonly Expr[]): Expr {
  return { kind: 'call', function: name, args, type: dataTypes.bool() };
}

/**
 * Compares an operand with a constant in the operand's own type and unit, or returns undefined where that is not exact.
 *
 * A constant between two values of the column moves to the neighbour that keeps the answer: `price < 1.234` on a column
 * with two decimals is `price <= 1.23`. So no cast of the column remains, which might raise.
 */
export function compareWithConstant(
  comparison: Comparison,
  operand: Operand,
  constant: PlanConstant,
): Expr | undefined {
  if (constant.value === null) {
    if (comparison === 'not_distinct') return predicate('is_null', [operand.expr]);
    return comparison === 'distinct' ? predicate('is_not_null', [operand.expr]) : undefined;
  }
  if (!operand.ordered && isRange(comparison)) return undefined;
  const type = valueType(operand.expr.type);
  const source = axisOfType(type);
  if (source === undefined) return compareAsIs(comparison, operand, constant);
  const bounds = placeConstant(operand, source, constant);
  return bounds === undefined ? undefined : compareOnAxis(comparison, operand, bounds);
}

/** Compares two operands, or returns undefined where their types are not the same to every reader. */
export function compareOperands(comparison: Comparison, left: Operand, right: Operand): Expr | undefined {
  if (left.typed === undefined || right.typed === undefined) return undefined;
  if (!isSameType(valueType(left.typed.type), valueType(right.typed.type))) return undefined;
  if (isRange(comparison) && left.typed.type.typeId === TypeId.Bool) return undefined;
  return predicate(comparison, [left.typed, right.typed]);
}

/** The literal that equals the constant in the operand's type, or undefined where there is none. */
export function literalFor(operand: Operand, constant: PlanConstant): Expr | undefined {
  const equality = compareWithConstant('eq', operand, constant);
  return equality?.kind === 'call' && equality.function === 'eq' ? equality.args[1] : undefined;
}

function isRange(comparison: Comparison): boolean {
  return comparison === 'lt' || comparison === 'le' || comparison === 'gt' || comparison === 'ge';
}

/** The largest value of the column not above the constant, the smallest not below, in the column's units. */
interface Bounds {
  readonly floor: bigint;
  readonly ceiling: bigint;
}

function placeConstant(operand: Operand, source: Axis, constant: PlanConstant): Bounds | undefined {
  const { value } = constant;
  if (typeof value === 'number') return source.units === 1n ? placeFloat(value) : undefined;
  const target = axisOfPlanType(constant.type);
  if (typeof value !== 'bigint' || target === undefined || isInfinite(constant, target)) return undefined;
  if (operand.floored) {
    const ratio = unitRatio(source, target);
    return ratio === undefined ? undefined : { floor: value * ratio, ceiling: value * ratio };
  }
  const ratio = unitRatio(target, source);
  if (ratio === undefined) return undefined;
  const floor = floorDivide(value, ratio);
  return { floor, ceiling: floor * ratio === value ? floor : floor + 1n };
}

function placeFloat(value: number): Bounds | undefined {
  return Number.isFinite(value) ? { floor: BigInt(Math.floor(value)), ceiling: BigInt(Math.ceil(value)) } : undefined;
}

/** Infinite dates and timestamps are the ends of the integer range; sources spell them in ways of their own. */
function isInfinite(constant: PlanConstant, axis: Axis): boolean {
  if (axis.kind !== 'local' && axis.kind !== 'instant') return false;
  const end = textOf(constant.type, 'id') === 'DATE' ? 2n ** 31n - 1n : 2n ** 63n - 1n;
  return constant.value === end || constant.value === -end;
}

function compareOnAxis(comparison: Comparison, operand: Operand, { floor, ceiling }: Bounds): Expr | undefined {
  if (operand.floored) return compareWithDay(comparison, operand, floor);
  switch (comparison) {
    case 'lt':
      return compare('lt', operand, ceiling);
    case 'ge':
      return compare('ge', operand, ceiling);
    case 'le':
    case 'gt':
      return compare(comparison, operand, floor);
    case 'ne':
      return floor === ceiling ? compare('ne', operand, floor) : predicate('is_not_null', [operand.expr]);
    case 'eq':
    case 'distinct':
    case 'not_distinct':
      return floor === ceiling ? compare(comparison, operand, floor) : undefined;
    default:
      return comparison satisfies never;
  }
}

/** Compares the day of a timestamp: a day is the range from its first unit to the first of the next day. */
function compareWithDay(comparison: Comparison, operand: Operand, start: bigint): Expr | undefined {
  const axis = axisOfType(valueType(operand.expr.type));
  if (axis === undefined) return undefined;
  const end = start + axis.units;
  switch (comparison) {
    case 'lt':
    case 'ge':
      return compare(comparison, operand, start);
    case 'le':
      return compare('lt', operand, end);
    case 'gt':
      return compare('ge', operand, end);
    case 'eq':
      return combine('and', compare('ge', operand, start), compare('lt', operand, end));
    case 'ne':
      return combine('or', compare('lt', operand, start), compare('ge', operand, end));
    case 'distinct':
    case 'not_distinct':
      return undefined;
    default:
      return comparison satisfies never;
  }
}

function combine(name: 'and' | 'or', left: Expr | undefined, right: Expr | undefined): Expr | undefined {
  return left === undefined || right === undefined ? undefined : predicate(name, [left, right]);
}

function compare(comparison: Comparison, operand: Operand, value: bigint): Expr | undefined {
  const type = valueType(operand.expr.type);
  const literal = integerLiteral(type, value);
  return literal === undefined
    ? undefined
    : predicate(comparison, [operand.expr, { kind: 'literal', value: literal, type }]);
}

/** The form of an integer-like value in a literal, or undefined beyond the type's range. */
function integerLiteral(type: DataType, value: bigint): LiteralValue | undefined {
  switch (type.typeId) {
    case TypeId.Int: {
      const bits = type.bitWidth ?? 64;
      const wrapped = type.isSigned === false ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value);
      if (wrapped !== value) return undefined;
      return bits > 32 ? value : Number(value);
    }
    case TypeId.Date:
      return BigInt.asIntN(32, value) === value ? Number(value) : undefined;
    case TypeId.Decimal: {
      const limit = 10n ** BigInt(type.precision ?? 38);
      return value < limit && value > -limit ? value : undefined;
    }
    default:
      return BigInt.asIntN(64, value) === value ? value : undefined;
  }
}

function compareAsIs(comparison: Comparison, operand: Operand, constant: PlanConstant): Expr | undefined {
  const type = valueType(operand.expr.type);
  if (textOf(operand.planType, 'id') !== textOf(constant.type, 'id')) return undefined;
  const literal = literalOf(type, constant);
  if (literal === undefined || (isRange(comparison) && type.typeId === TypeId.Bool)) return undefined;
  return predicate(comparison, [operand.expr, literal]);
}

function literalOf(type: DataType, { type: planType, value }: PlanConstant): Expr | undefined {
  switch (textOf(planType, 'id')) {
    case 'BOOLEAN':
    case 'VARCHAR':
    case 'BLOB':
    case 'UUID':
      return { kind: 'literal', value, type };
    case 'FLOAT':
      return { kind: 'literal', value, type: dataTypes.float32() };
    case 'DOUBLE':
      return { kind: 'literal', value, type: dataTypes.float64() };
    default:
      return undefined;
  }
}

function isSameType(left: DataType, right: DataType): boolean {
  if (isText(left) && isText(right)) return true;
  return (
    left.typeId === right.typeId &&
    left.bitWidth === right.bitWidth &&
    left.isSigned === right.isSigned &&
    left.precision === right.precision &&
    left.scale === right.scale &&
    left.unit === right.unit &&
    left.byteWidth === right.byteWidth &&
    Boolean(left.timezone) === Boolean(right.timezone) &&
    left.typeId !== TypeId.Struct
  );
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value % divisor < 0n ? quotient - 1n : quotient;
}
