import { type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import duckdb, { type Value } from '@duckdb/node-bindings';
import type { LiteralLike } from '@millrace/arrow';
import { type Field, MillraceError } from '@millrace/core';
import { invalidValue } from './parameter-forms.ts';

/** Makes the value of one child. */
export type ChildValue = (field: Field, value: LiteralLike) => Value;

/** A value of a nested type, which is not null. */
export interface NestedRequest {
  readonly field: Field;
  readonly type: DuckDBType;
  readonly value: LiteralLike;
  readonly child: ChildValue;
}

/** Lists from arrays, structs from objects, maps from arrays of `[key, value]`, unions from `{ tag, value }`. */
export function nestedValue(request: NestedRequest): Value {
  const { field, type } = request;
  switch (type.typeId) {
    case DuckDBTypeId.LIST:
      return duckdb.create_list_value(type.valueType.toLogicalType().logical_type, items(request));
    case DuckDBTypeId.ARRAY: {
      const values = items(request);
      if (values.length !== type.length) {
        throw invalidValue(field, `must have ${type.length} items`);
      }
      return duckdb.create_array_value(type.valueType.toLogicalType().logical_type, values);
    }
    case DuckDBTypeId.STRUCT:
      return structValue(request);
    case DuckDBTypeId.MAP:
      return mapValue(request);
    case DuckDBTypeId.UNION:
      return unionValue(request);
    default:
      throw new MillraceError({
        code: 'unsupported_type',
        component: 'duckdb',
        message: `parameter ${field.name} has type ${type.toString()}, which cannot be bound`,
        hint: 'Bind it as text and cast it in SQL',
      });
  }
}

function items({ field, value, child }: NestedRequest): readonly Value[] {
  const item = field.type.children?.[0];
  if (!Array.isArray(value) || item === undefined) {
    throw invalidValue(field, 'must be an array');
  }
  return value.map((entry: LiteralLike) => child(named(field, item), entry));
}

function structValue({ field, type, value, child }: NestedRequest): Value {
  const entries = plainObject(field, value);
  return duckdb.create_struct_value(
    type.toLogicalType().logical_type,
    (field.type.children ?? []).map((entry) => child(named(field, entry), entries[entry.name] ?? null)),
  );
}

function mapValue({ field, type, value, child }: NestedRequest): Value {
  const [key, item] = field.type.children?.[0]?.type.children ?? [];
  if (!Array.isArray(value) || key === undefined || item === undefined) {
    throw invalidValue(field, 'must be an array of [key, value]');
  }
  const pairs = value as readonly (readonly [LiteralLike, LiteralLike])[];
  return duckdb.create_map_value(
    type.toLogicalType().logical_type,
    pairs.map(([entryKey]) => child(named(field, key), entryKey)),
    pairs.map(([, entryValue]) => child(named(field, item), entryValue)),
  );
}

function unionValue({ field, type, value, child }: NestedRequest): Value {
  const { tag, value: held } = plainObject(field, value);
  const index = (field.type.children ?? []).findIndex((member) => member.name === tag);
  const member = field.type.children?.[index];
  if (member === undefined || held === undefined) {
    throw invalidValue(field, 'must be an object of the tag of a member and its value');
  }
  return duckdb.create_union_value(type.toLogicalType().logical_type, index, child(named(field, member), held));
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
