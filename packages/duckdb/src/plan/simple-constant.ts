import { type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import { type DataType, isMillraceError, TimeUnit, TypeId } from '@millrace/core';
import type { BoundValue } from '../database/duckdb-database.ts';
import { toSqlLiteral } from '../statement/sql-literal.ts';
import { sqlTypeText } from '../type-mapping/to-duckdb-type.ts';
import { toLogicalType } from '../type-mapping/to-logical-type.ts';
import { axisOfPlanType } from './axis.ts';
import type { PlanConstant } from './plan-constant.ts';
import { asNode, indexOf, type PlanNode, textOf } from './plan-json.ts';

/**
 * Decimal digits that each integer type takes part with in a comparison with a decimal. UHUGEINT is left out: DuckDB has no type for it and
 * a signed one together, so that a cast of it may fail.
 */
const INTEGER_DIGITS: Readonly<Record<string, number>> = {
  TINYINT: 3,
  UTINYINT: 3,
  SMALLINT: 5,
  USMALLINT: 5,
  INTEGER: 10,
  UINTEGER: 10,
  BIGINT: 19,
  UBIGINT: 20,
  HUGEINT: 38,
};

/** DuckDB's widest decimal. */
const MAX_DIGITS = 38;

/** A double has every integer up to this one, 2^53. */
const MAX_DOUBLE_INTEGER = 2n ** 53n;

/** Half of a pair that stands alone, which cannot be bound. */
const LONE_SURROGATE = /\p{Surrogate}/u;

const INT64_LIMIT = 2n ** 63n;
const INT128_LIMIT = 2n ** 127n;

/** The type of a column as a plan would spell it. */
export function planTypeOf(type: DuckDBType): PlanNode {
  return type.typeId === DuckDBTypeId.DECIMAL
    ? { id: 'DECIMAL', type_info: { width: type.width, scale: type.scale } }
    : { id: sqlTypeText(type) };
}

/** The constant that a bound value is; undefined for NULL, values without a simple type, and whatever is wrong with a value. */
export function constantOfBound(bound: BoundValue): PlanConstant | undefined {
  switch (typeof bound) {
    case 'boolean':
      return { type: { id: 'BOOLEAN' }, value: bound };
    case 'number':
      return (bound | 0) === bound && !Object.is(bound, -0)
        ? { type: { id: 'INTEGER' }, value: BigInt(bound) }
        : { type: { id: 'DOUBLE' }, value: bound };
    case 'bigint':
      return integerConstant(bound);
    case 'string':
      return LONE_SURROGATE.test(bound) ? undefined : { type: { id: 'VARCHAR' }, value: bound };
    default:
      return constantOfObject(bound);
  }
}

/**
 * The constant as it can be compared with a column of the type, if the engine would compare both without rounding and without a cast that
 * could fail; undefined otherwise.
 */
export function comparableConstant(columnType: PlanNode, constant: PlanConstant): PlanConstant | undefined {
  const [column, given] = [textOf(columnType, 'id') ?? '', textOf(constant.type, 'id') ?? ''];
  if (constant.value === null) return undefined;
  const isColumnInteger = column in INTEGER_DIGITS;
  const isGivenInteger = given in INTEGER_DIGITS;
  if (isColumnInteger && isGivenInteger) return constant;
  if ((isColumnInteger || column === 'DECIMAL') && (isGivenInteger || given === 'DECIMAL')) {
    const [left, right] = [digitsOf(columnType), digitsOf(constant.type)];
    const scale = Math.max(left.scale, right.scale);
    const width = Math.max(left.whole, right.whole) + scale;
    if (width > MAX_DIGITS || typeof constant.value !== 'bigint') return undefined;
    const value = constant.value * 10n ** BigInt(scale - right.scale);
    return { type: { id: 'DECIMAL', type_info: { width, scale } }, value };
  }
  if (column === 'DOUBLE' && isGivenInteger && typeof constant.value === 'bigint') {
    const isExact = constant.value <= MAX_DOUBLE_INTEGER && constant.value >= -MAX_DOUBLE_INTEGER;
    return isExact ? { type: { id: 'DOUBLE' }, value: Number(constant.value) } : undefined;
  }
  return column === given ? constant : undefined;
}

function digitsOf(type: PlanNode): { readonly whole: number; readonly scale: number } {
  const digits = INTEGER_DIGITS[textOf(type, 'id') ?? ''];
  if (digits !== undefined) return { whole: digits, scale: 0 };
  const info = asNode(type.type_info);
  const [width, scale] = [indexOf(info?.width) ?? MAX_DIGITS, indexOf(info?.scale) ?? 0];
  return { whole: width - scale, scale };
}

function integerConstant(value: bigint): PlanConstant | undefined {
  if (value >= -INT64_LIMIT && value < INT64_LIMIT) return { type: { id: 'BIGINT' }, value };
  return value >= -INT128_LIMIT && value < INT128_LIMIT ? { type: { id: 'HUGEINT' }, value } : undefined;
}

function constantOfObject(bound: Extract<BoundValue, object | null>): PlanConstant | undefined {
  if (bound === null) return undefined;
  if (bound instanceof Uint8Array) return { type: { id: 'BLOB' }, value: bound };
  if (bound instanceof Date) {
    const milliseconds = bound.getTime();
    const type = { id: 'TIMESTAMP WITH TIME ZONE' };
    return Number.isNaN(milliseconds) ? undefined : { type, value: BigInt(milliseconds) * 1_000n };
  }
  const { type, value, metadata } = bound;
  if (metadata !== undefined || value === null) return undefined;
  try {
    toSqlLiteral(value, type);
  } catch (error) {
    // What is wrong with it is said by whoever binds it.
    if (isMillraceError(error)) return undefined;
    throw error;
  }
  const planType = planTypeOf(toLogicalType({ name: '', type, nullable: true }));
  const own = ownValue(type, planType, value);
  return own === undefined ? undefined : { type: planType, value: own };
}

/** The value in the form of a constant of a plan, where its unit is the type's own. */
function ownValue(type: DataType, planType: PlanNode, value: unknown): PlanConstant['value'] | undefined {
  switch (type.typeId) {
    case TypeId.Bool:
      return typeof value === 'boolean' ? value : undefined;
    case TypeId.Utf8:
      return typeof value === 'string' ? value : undefined;
    case TypeId.Binary:
      return value instanceof Uint8Array ? value : undefined;
    case TypeId.Float:
      return textOf(planType, 'id') === 'DOUBLE' && typeof value === 'number' ? value : undefined;
    case TypeId.Int:
    case TypeId.Decimal:
    case TypeId.Date:
      return axisOfPlanType(planType) === undefined ? undefined : integerOf(value);
    case TypeId.Timestamp:
      // Instants of other units are converted when they are bound.
      return type.timezone && type.unit !== TimeUnit.Microsecond ? undefined : integerOf(value);
    default:
      return undefined;
  }
}

function integerOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : undefined;
}
