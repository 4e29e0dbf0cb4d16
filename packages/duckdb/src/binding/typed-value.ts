import duckdb, { type Value } from '@duckdb/node-bindings';
import type { Field } from '@millrace/core';
import type { BoundValue } from '../database/duckdb-database.ts';
import { toDuckDbType } from '../type-mapping/to-duckdb-type.ts';
import { nativeValue } from './native-value.ts';
import { invalidValue, toText } from './parameter-forms.ts';

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
const INT128_MAX = 2n ** 127n - 1n;
const INT128_MIN = -(2n ** 127n);
const UINT128_MAX = 2n ** 128n - 1n;

/** A value of DuckDB with its type as SQL spells it. */
export interface TypedValue {
  readonly value: Value;
  readonly sqlType: string;
}

/**
 * The value of a parameter and its type, by the rules of {@link BoundValue}.
 *
 * @throws MillraceError `invalid_argument` when the value does not fit its type.
 */
export function typedValue(name: string, bound: BoundValue): TypedValue {
  switch (typeof bound) {
    case 'boolean':
      return { value: duckdb.create_bool(bound), sqlType: 'BOOLEAN' };
    case 'number':
      return isInt32(bound)
        ? { value: duckdb.create_int32(bound), sqlType: 'INTEGER' }
        : { value: duckdb.create_double(bound), sqlType: 'DOUBLE' };
    case 'bigint':
      return integerValue(name, bound);
    case 'string':
      return { value: duckdb.create_varchar(toText({ name }, bound)), sqlType: 'VARCHAR' };
    default:
      return objectValue(name, bound);
  }
}

function objectValue(name: string, bound: Extract<BoundValue, object | null>): TypedValue {
  if (bound === null) {
    return { value: duckdb.create_null_value(), sqlType: '"NULL"' };
  }
  if (bound instanceof Uint8Array) {
    return { value: duckdb.create_blob(bound), sqlType: 'BLOB' };
  }
  if (bound instanceof Date) {
    return dateValue(name, bound);
  }
  const { type, metadata } = bound;
  const field: Field = { name, type, nullable: true, ...(metadata === undefined ? {} : { metadata }) };
  return { value: nativeValue(field, bound.value), sqlType: toDuckDbType(field) };
}

function dateValue(name: string, date: Date): TypedValue {
  const milliseconds = date.getTime();
  if (Number.isNaN(milliseconds)) {
    throw invalidValue({ name }, 'must be a valid date');
  }
  const value = duckdb.create_timestamp_tz({ micros: BigInt(milliseconds) * 1000n });
  return { value, sqlType: 'TIMESTAMP WITH TIME ZONE' };
}

/** Minus zero is no integer of DuckDB's. */
function isInt32(value: number): boolean {
  return (value | 0) === value && !Object.is(value, -0);
}

function integerValue(name: string, value: bigint): TypedValue {
  if (value >= INT64_MIN && value <= INT64_MAX) {
    return { value: duckdb.create_int64(value), sqlType: 'BIGINT' };
  }
  if (value >= INT128_MIN && value <= INT128_MAX) {
    return { value: duckdb.create_hugeint(value), sqlType: 'HUGEINT' };
  }
  if (value >= 0n && value <= UINT128_MAX) {
    return { value: duckdb.create_uhugeint(value), sqlType: 'UHUGEINT' };
  }
  throw invalidValue({ name }, 'is an integer of more than 128 bits');
}
