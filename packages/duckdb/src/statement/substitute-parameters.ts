import { dataTypes, type Field, MillraceError } from '@millrace/core';
import type { BoundValue, QueryParameters } from '../database/duckdb-database.ts';
import { EXTENSION, extensionMetadata } from '../type-mapping/extension.ts';
import { distinctParameters, findParameters, parameterKey } from './parameter-use.ts';
import { fieldLiteral, toSqlLiteral } from './sql-literal.ts';

const INT64_LIMIT = 2n ** 63n;
const INT128_LIMIT = 2n ** 127n;

/**
 * Puts typed literals in the place of a statement's parameters; values take the types that they are bound with, so that both
 * forms of the statement mean the same. For planning: what runs is the statement with bound values.
 *
 * @throws MillraceError `invalid_argument` for a parameter without a value, a value without a parameter or a value that does not
 * fit its type, `sql_refused` for mixed forms of parameters, and what {@link toSqlLiteral} throws.
 */
export function substituteParameters(sql: string, values: QueryParameters): string {
  const found = findParameters(sql);
  const given = isPositional(values)
    ? new Map(values.map((value, index) => [String(index + 1), value]))
    : new Map(Object.entries(values));
  checkNames(new Set(distinctParameters(found).map(parameterKey)), new Set(given.keys()));
  const literals = new Map([...given].map(([name, value]) => [name, boundLiteral(name, value)]));
  let text = '';
  let at = 0;
  for (const { start, end, parameter, afterIn } of found) {
    const literal = literals.get(parameterKey(parameter)) ?? '(NULL)';
    text += `${sql.slice(at, start)} ${afterIn ? asCall(literal) : literal} `;
    at = end;
  }
  return text + sql.slice(at);
}

function isPositional(values: QueryParameters): values is readonly BoundValue[] {
  return Array.isArray(values);
}

function checkNames(used: ReadonlySet<string>, given: ReadonlySet<string>): void {
  const missing = [...used].filter((name) => !given.has(name));
  const unused = [...given].filter((name) => !used.has(name));
  if (missing.length === 0 && unused.length === 0) return;
  throw new MillraceError({
    code: 'invalid_argument',
    component: 'sql',
    message:
      missing.length > 0
        ? `no value is given for parameter ${missing.join(', ')}`
        : `the statement has no parameter ${unused.join(', ')}`,
    hint: 'Give one value for each parameter: an array for ? and $1, an object for $name',
  });
}

/** A constant as a call of the same value and type. */
function asCall(literal: string): string {
  return /^(?:CAST|make_|ST_)/.test(literal) ? literal : `coalesce(${literal})`;
}

/** The type of a plain value is the one that it is bound with, see {@link BoundValue}. */
function boundLiteral(name: string, value: BoundValue): string {
  switch (typeof value) {
    case 'boolean':
      return toSqlLiteral(value, dataTypes.bool());
    case 'number':
      return toSqlLiteral(value, isInt32(value) ? dataTypes.int32() : dataTypes.float64());
    case 'bigint':
      return fieldLiteral(integerField(name, value), value);
    case 'string':
      return fieldLiteral({ name, type: dataTypes.utf8(), nullable: true }, value);
    default:
      return objectLiteral(name, value);
  }
}

function objectLiteral(name: string, value: Extract<BoundValue, object | null>): string {
  if (value === null) {
    return '(NULL)'; // in parentheses because the grammar has no `NULL[1]`, which a parameter in that place may mean
  }
  if (value instanceof Uint8Array) {
    return toSqlLiteral(value, dataTypes.binary());
  }
  if (value instanceof Date) {
    const milliseconds = value.getTime();
    if (Number.isNaN(milliseconds)) {
      throw new MillraceError({
        code: 'invalid_argument',
        component: 'sql',
        message: `parameter ${name} must be a valid date`,
      });
    }
    return toSqlLiteral(BigInt(milliseconds) * 1000n, dataTypes.timestamp(undefined, 'UTC'));
  }
  const { type, metadata } = value;
  return fieldLiteral({ name, type, nullable: true, ...(metadata === undefined ? {} : { metadata }) }, value.value);
}

function isInt32(value: number): boolean {
  return (value | 0) === value && !Object.is(value, -0);
}

/** BIGINT where it fits, else HUGEINT, else UHUGEINT, which refuses what does not fit either. */
function integerField(name: string, value: bigint): Field {
  if (value >= -INT64_LIMIT && value < INT64_LIMIT) {
    return { name, type: dataTypes.int64(), nullable: true };
  }
  const extension = value < INT128_LIMIT ? EXTENSION.hugeint : EXTENSION.uhugeint;
  return { name, type: dataTypes.decimal(39, 0), nullable: true, metadata: extensionMetadata(extension) };
}
