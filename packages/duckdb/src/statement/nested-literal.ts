import { type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import type { LiteralLike } from '@millrace/arrow';
import { type Field, MillraceError } from '@millrace/core';
import { invalidValue } from '../binding/parameter-forms.ts';
import { sqlTypeText } from '../type-mapping/to-duckdb-type.ts';
import { quoteIdentifier } from './quote-identifier.ts';

/** A value of a nested type, which is not null; `child` writes the values inside. */
export interface NestedLiteral {
  readonly field: Field;
  readonly type: DuckDBType;
  readonly value: LiteralLike;
  readonly child: (field: Field, value: LiteralLike) => string;
}

/** Lists from arrays, structs from objects, maps from arrays of `[key, value]`, unions from `{ tag, value }`. */
export function nestedLiteral(request: NestedLiteral): string {
  return `CAST(${expression(request)} AS ${sqlTypeText(request.type)})`;
}

function expression(request: NestedLiteral): string {
  const { field, type } = request;
  switch (type.typeId) {
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      return listLiteral(request);
    case DuckDBTypeId.STRUCT:
      return structLiteral(request);
    case DuckDBTypeId.MAP:
      return mapLiteral(request);
    case DuckDBTypeId.UNION:
      return unionLiteral(request);
    default:
      throw new MillraceError({
        code: 'unsupported_type',
        component: 'duckdb',
        message: `parameter ${field.name} has type ${type.toString()}, which SQL text cannot spell`,
        hint: 'Give it as text and cast it in SQL',
      });
  }
}

function listLiteral({ field, type, value, child }: NestedLiteral): string {
  const item = field.type.children?.[0];
  if (!Array.isArray(value) || item === undefined) {
    throw invalidValue(field, 'must be an array');
  }
  if (type.typeId === DuckDBTypeId.ARRAY && value.length !== type.length) {
    throw invalidValue(field, `must have ${type.length} items`);
  }
  return `[${value.map((entry: LiteralLike) => child(named(field, item), entry)).join(', ')}]`;
}

function structLiteral({ field, value, child }: NestedLiteral): string {
  const entries = plainObject(field, value);
  const members = (field.type.children ?? []).map((entry) => child(named(field, entry), entries[entry.name] ?? null));
  return `row(${members.join(', ')})`;
}

function mapLiteral({ field, value, child }: NestedLiteral): string {
  const [key, item] = field.type.children?.[0]?.type.children ?? [];
  if (!Array.isArray(value) || key === undefined || item === undefined) {
    throw invalidValue(field, 'must be an array of [key, value]');
  }
  const pairs = value as readonly (readonly [LiteralLike, LiteralLike])[];
  const keys = pairs.map(([entryKey]) => child(named(field, key), entryKey));
  const values = pairs.map(([, entryValue]) => child(named(field, item), entryValue));
  return `map([${keys.join(', ')}], [${values.join(', ')}])`;
}

function unionLiteral({ field, value, child }: NestedLiteral): string {
  const { tag, value: held } = plainObject(field, value);
  const member = field.type.children?.find(({ name }) => name === tag);
  if (member === undefined || held === undefined) {
    throw invalidValue(field, 'must be an object of the tag of a member and its value');
  }
  return `union_value(${quoteIdentifier(member.name)} := ${child(named(field, member), held)})`;
}

function plainObject(field: Field, value: LiteralLike): Readonly<Record<string, LiteralLike>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw invalidValue(field, 'must be an object');
  }
  return value as Readonly<Record<string, LiteralLike>>;
}

/** A child called by its path, for messages. */
function named(parent: Field, child: Field): Field {
  return { ...child, name: `${parent.name}.${child.name}` };
}
