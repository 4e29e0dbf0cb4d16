import duckdb, { type PreparedStatement, type Value } from '@duckdb/node-bindings';
import { type Field, MillraceError } from '@millrace/core';
import type { BoundValue, QueryParameters } from '../database/duckdb-database.ts';
import { nativeValue } from './native-value.ts';
import { invalidValue, toText } from './parameter-forms.ts';

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
const INT128_MAX = 2n ** 127n - 1n;

/**
 * Binds every parameter of a statement.
 *
 * @throws MillraceError `invalid_argument` for a parameter without a value, a value without a parameter, or a value that does not
 * fit its type.
 */
export function bindParameters(statement: PreparedStatement, parameters: QueryParameters = []): void {
  const names = parameterNames(statement);
  const given = isPositional(parameters)
    ? new Map(parameters.map((value, index) => [String(index + 1), value]))
    : new Map(Object.entries(parameters));
  const unused = [...given.keys()].filter((name) => !names.includes(name));
  const missing = names.filter((name) => !given.has(name));
  if (unused.length > 0 || missing.length > 0) {
    throw mismatch(missing, unused);
  }
  for (const [index, name] of names.entries()) {
    duckdb.bind_value(statement, index + 1, toValue(name, given.get(name) ?? null));
  }
}

function isPositional(parameters: QueryParameters): parameters is readonly BoundValue[] {
  return Array.isArray(parameters);
}

function parameterNames(statement: PreparedStatement): readonly string[] {
  return Array.from({ length: duckdb.nparams(statement) }, (_, index) => duckdb.parameter_name(statement, index + 1));
}

function toValue(name: string, bound: BoundValue): Value {
  switch (typeof bound) {
    case 'boolean':
      return duckdb.create_bool(bound);
    case 'number':
      return isInt32(bound) ? duckdb.create_int32(bound) : duckdb.create_double(bound);
    case 'bigint':
      return integerValue(name, bound);
    case 'string':
      return duckdb.create_varchar(toText({ name }, bound));
    default:
      return objectValue(name, bound);
  }
}

function objectValue(name: string, bound: Extract<BoundValue, object | null>): Value {
  if (bound === null) {
    return duckdb.create_null_value();
  }
  if (bound instanceof Uint8Array) {
    return duckdb.create_blob(bound);
  }
  if (bound instanceof Date) {
    const milliseconds = bound.getTime();
    if (Number.isNaN(milliseconds)) {
      throw invalidValue({ name }, 'must be a valid date');
    }
    return duckdb.create_timestamp_tz({ micros: BigInt(milliseconds) * 1000n });
  }
  const field: Field = {
    name,
    type: bound.type,
    nullable: true,
    ...(bound.metadata === undefined ? {} : { metadata: bound.metadata }),
  };
  return nativeValue(field, bound.value);
}

/** Minus zero is no integer of DuckDB's. */
function isInt32(value: number): boolean {
  return (value | 0) === value && !Object.is(value, -0);
}

function integerValue(name: string, value: bigint): Value {
  if (value >= INT64_MIN && value <= INT64_MAX) {
    return duckdb.create_int64(value);
  }
  if (value < -INT128_MAX - 1n || value > 2n ** 128n - 1n) {
    throw invalidValue({ name }, 'is an integer of more than 128 bits');
  }
  return value <= INT128_MAX ? duckdb.create_hugeint(value) : duckdb.create_uhugeint(value);
}

function mismatch(missing: readonly string[], unused: readonly string[]): MillraceError {
  const message =
    missing.length > 0
      ? `no value is given for parameter ${missing.join(', ')}`
      : `the statement has no parameter ${unused.join(', ')}`;
  return new MillraceError({
    code: 'invalid_argument',
    component: 'duckdb',
    message,
    hint: 'Give one value for each parameter: an array for ? and $1, an object for $name',
  });
}
