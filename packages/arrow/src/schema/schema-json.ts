import { type DataType, type Field, type Json, MillraceError, type Schema } from '@millrace/core';

/**
 * A schema as JSON: everything that {@link schemasEqual} compares, and dictionary ids, survive
 * {@link schemaFromJson} after `JSON.stringify` and `JSON.parse`.
 *
 * The form is this package's own and stable; members that a type does not have are left out.
 */
export function schemaToJson(schema: Schema): Json {
  return { fields: schema.fields.map(fieldToJson), ...metadataToJson(schema.metadata) };
}

/**
 * The schema that {@link schemaToJson} wrote, as plain objects.
 *
 * @throws MillraceError `invalid_data` when the JSON does not have that form.
 */
export function schemaFromJson(json: Json): Schema {
  const object = expectObject(json, 'schema');
  return { fields: expectArray(object.fields, 'fields').map(fieldFromJson), ...metadataFromJson(object) };
}

const NUMBER_MEMBERS = ['bitWidth', 'precision', 'scale', 'unit', 'byteWidth', 'listSize', 'mode', 'id'] as const;
const BOOLEAN_MEMBERS = ['isSigned', 'keysSorted', 'isOrdered'] as const;

type JsonObject = { readonly [key: string]: Json };
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function fieldToJson(field: Field): Json {
  return {
    name: field.name,
    type: typeToJson(field.type),
    nullable: field.nullable,
    ...metadataToJson(field.metadata),
  };
}

function fieldFromJson(json: Json): Field {
  const object = expectObject(json, 'field');
  const { name, nullable } = object;
  if (typeof name !== 'string' || typeof nullable !== 'boolean') throw malformed('field');
  return { name, type: typeFromJson(object.type), nullable, ...metadataFromJson(object) };
}

function typeToJson(type: DataType): Json {
  const json: Record<string, Json> = { typeId: type.typeId };
  for (const member of NUMBER_MEMBERS) {
    const value = type[member];
    if (typeof value === 'number') json[member] = value;
  }
  for (const member of BOOLEAN_MEMBERS) {
    const value = type[member];
    if (typeof value === 'boolean') json[member] = value;
  }
  if (type.timezone) json.timezone = type.timezone;
  if (type.typeIds) json.typeIds = Array.from(type.typeIds);
  // apache-arrow's Dictionary answers `children` with those of its values, which belong to `dictionary` alone.
  if (type.children && !type.dictionary) json.children = type.children.map(fieldToJson);
  if (type.indices) json.indices = typeToJson(type.indices);
  if (type.dictionary) json.dictionary = typeToJson(type.dictionary);
  return json;
}

function typeFromJson(json: Json | undefined): DataType {
  const object = expectObject(json, 'type');
  const { typeId } = object;
  if (typeof typeId !== 'number') throw malformed('typeId');
  const type: Mutable<DataType> = { typeId };
  for (const member of NUMBER_MEMBERS) {
    const value = object[member];
    if (typeof value === 'number') type[member] = value;
    else if (value !== undefined) throw malformed(member);
  }
  for (const member of BOOLEAN_MEMBERS) {
    const value = object[member];
    if (typeof value === 'boolean') type[member] = value;
    else if (value !== undefined) throw malformed(member);
  }
  const { timezone, typeIds, children, indices, dictionary } = object;
  if (typeof timezone === 'string') type.timezone = timezone;
  if (typeIds !== undefined) type.typeIds = expectArray(typeIds, 'typeIds').map(expectNumber);
  if (children !== undefined) type.children = expectArray(children, 'children').map(fieldFromJson);
  if (indices !== undefined) type.indices = typeFromJson(indices);
  if (dictionary !== undefined) type.dictionary = typeFromJson(dictionary);
  return type;
}

function metadataToJson(metadata: ReadonlyMap<string, string> | undefined): { readonly metadata?: Json } {
  return metadata && metadata.size > 0 ? { metadata: [...metadata].map(([key, value]) => [key, value]) } : {};
}

function metadataFromJson(object: JsonObject): { readonly metadata?: ReadonlyMap<string, string> } {
  if (object.metadata === undefined) return {};
  const metadata = new Map<string, string>();
  for (const entry of expectArray(object.metadata, 'metadata')) {
    const [key, value] = expectArray(entry, 'metadata');
    if (typeof key !== 'string' || typeof value !== 'string') throw malformed('metadata');
    metadata.set(key, value);
  }
  return { metadata };
}

function expectObject(json: Json | undefined, what: string): JsonObject {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw malformed(what);
  return json as JsonObject;
}

function expectArray(json: Json | undefined, what: string): readonly Json[] {
  if (!Array.isArray(json)) throw malformed(what);
  return json as readonly Json[];
}

function expectNumber(json: Json): number {
  if (typeof json !== 'number') throw malformed('typeIds');
  return json;
}

function malformed(what: string): MillraceError {
  return new MillraceError({
    code: 'invalid_data',
    component: 'schema JSON',
    message: `the member '${what}' is missing or has the wrong form`,
    hint: 'Read only what schemaToJson wrote.',
  });
}
