import duckdb, { type PreparedStatement, type Value } from '@duckdb/node-bindings';
import { MillraceError } from '@millrace/core';
import type { BoundValue, QueryParameters } from '../database/duckdb-database.ts';
import { asciiLowerCase } from '../statement/ascii-lower-case.ts';
import { findParameters, parameterKey } from '../statement/parameter-use.ts';
import { typedValue } from './typed-value.ts';

/** A statement that is ready to be prepared, and the values for it. */
export interface BoundStatement {
  readonly sql: string;
  /** Binds every parameter of the prepared statement. */
  bind(statement: PreparedStatement): void;
}

/**
 * Puts a cast to its value's type around every use of a parameter.
 *
 * Without it DuckDB takes a parameter's type from what surrounds its uses. Where one use leaves the type open and another one
 * tells it, as in `typeof($1), $1::VARCHAR`, running the statement is an internal error that invalidates the whole instance; and
 * a type from the surroundings is another one than the plan was made for.
 *
 * @throws MillraceError `invalid_argument` for a parameter without a value, a value without a parameter, or a value that does not
 * fit its type.
 */
export function bindStatement(sql: string, parameters: QueryParameters = []): BoundStatement {
  const given = new Map(entriesOf(parameters));
  if (given.size === 0) {
    return { sql, bind: (statement) => checkNames(namesOf(statement), given) };
  }
  const found = findParameters(sql);
  checkNames(new Set(found.map(({ parameter }) => parameterKey(parameter))), given);
  const values = new Map<string, Value>();
  const types = new Map<string, string>();
  for (const [name, bound] of given) {
    const { value, sqlType } = typedValue(name, bound);
    values.set(asciiLowerCase(name), value);
    types.set(name, sqlType);
  }
  let text = '';
  let at = 0;
  for (const { start, end, parameter } of found) {
    text += `${sql.slice(at, start)}CAST(${sql.slice(start, end)} AS ${types.get(parameterKey(parameter))})`;
    at = end;
  }
  return { sql: text + sql.slice(at), bind: (statement) => bindValues(statement, values) };
}

function entriesOf(parameters: QueryParameters): readonly (readonly [string, BoundValue])[] {
  return isPositional(parameters)
    ? parameters.map((value, index) => [String(index + 1), value])
    : Object.entries(parameters);
}

function isPositional(parameters: QueryParameters): parameters is readonly BoundValue[] {
  return Array.isArray(parameters);
}

function bindValues(statement: PreparedStatement, values: ReadonlyMap<string, Value>): void {
  for (const [index, name] of [...namesOf(statement)].entries()) {
    const value = values.get(asciiLowerCase(name));
    if (value === undefined) {
      throw mismatch(`no value is given for parameter ${name}`);
    }
    duckdb.bind_value(statement, index + 1, value);
  }
}

function namesOf(statement: PreparedStatement): ReadonlySet<string> {
  const names = Array.from({ length: duckdb.nparams(statement) }, (_, index) =>
    duckdb.parameter_name(statement, index + 1),
  );
  return new Set(names);
}

function checkNames(used: ReadonlySet<string>, given: ReadonlyMap<string, BoundValue>): void {
  const missing = [...used].filter((name) => !given.has(name));
  const unused = [...given.keys()].filter((name) => !used.has(name));
  if (missing.length > 0) {
    throw mismatch(`no value is given for parameter ${missing.join(', ')}`);
  }
  if (unused.length > 0) {
    throw mismatch(`the statement has no parameter ${unused.join(', ')}`);
  }
}

function mismatch(message: string): MillraceError {
  return new MillraceError({
    code: 'invalid_argument',
    component: 'duckdb',
    message,
    hint: 'Give one value for each parameter: an array for ? and $1, an object for $name',
  });
}
