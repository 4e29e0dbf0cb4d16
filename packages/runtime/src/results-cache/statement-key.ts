import { schemaToJson } from '@millrace/arrow';
import type { Json } from '@millrace/core';
import type { BoundValue, QueryParameters } from '@millrace/duckdb';

/** Longest key, in UTF-16 units; a statement with more than that in it is not worth being remembered. */
const MAX_KEY_LENGTH = 65_536;

/**
 * A text that two statements share only if they are the same text with the same values of the same types: `1`, `1n`, `'1'` and a typed 1 are
 * four values. Undefined for what cannot be told apart, or is too long.
 */
export function toStatementKey(sql: string, parameters: QueryParameters | undefined): string | undefined {
  if (sql.length > MAX_KEY_LENGTH) return undefined;
  const values = parameters === undefined ? null : describeParameters(parameters);
  if (values === undefined) return undefined;
  const key = JSON.stringify([sql, values]);
  return key.length > MAX_KEY_LENGTH ? undefined : key;
}

function describeParameters(parameters: QueryParameters): Json | undefined {
  if (isPositional(parameters)) return describeAll(parameters, describeBound);
  const entries = Object.entries(parameters).toSorted(([left], [right]) => (left < right ? -1 : 1));
  const values = describeAll(
    entries.map(([, value]) => value),
    describeBound,
  );
  return values && { names: entries.map(([name]) => name), values };
}

function isPositional(parameters: QueryParameters): parameters is readonly BoundValue[] {
  return Array.isArray(parameters);
}

function describeBound(bound: BoundValue): Json | undefined {
  if (typeof bound !== 'object' || bound === null || bound instanceof Uint8Array || bound instanceof Date) {
    return describeValue(bound);
  }
  const { value, type, metadata } = bound;
  const field = { name: '', type, nullable: true, ...(metadata === undefined ? {} : { metadata }) };
  const described = describeValue(value);
  return described === undefined ? undefined : ['typed', schemaToJson({ fields: [field] }), described];
}

/** The value with its kind; JSON alone has one form for many of them. */
function describeValue(value: unknown): Json | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return ['number', Object.is(value, -0) ? '-0' : String(value)];
    case 'bigint':
      return ['bigint', String(value)];
    case 'object':
      return value === null ? null : describeObject(value);
    default:
      return undefined;
  }
}

function describeObject(value: object): Json | undefined {
  if (value instanceof Date) return ['date', String(value.getTime())];
  if (value instanceof Uint8Array) {
    return value.byteLength > MAX_KEY_LENGTH ? undefined : ['bytes', Buffer.from(value).toString('base64')];
  }
  if (Array.isArray(value)) {
    const items = describeAll(value, describeValue);
    return items && ['list', items];
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  const members = describeAll(Object.values(value), describeValue);
  return members && ['object', Object.keys(value), members];
}

function describeAll<T>(values: readonly T[], describe: (value: T) => Json | undefined): Json[] | undefined {
  const described = values.map(describe);
  return described.includes(undefined) ? undefined : (described as Json[]);
}
