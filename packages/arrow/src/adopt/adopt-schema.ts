import {
  type DataType,
  MillraceError,
  type Field as PlainField,
  type Schema as PlainSchema,
  TypeId,
} from '@millrace/core';
import {
  type DataType as ArrowType,
  Binary,
  Bool,
  Date_,
  Decimal,
  Dictionary,
  Duration,
  Field,
  FixedSizeBinary,
  FixedSizeList,
  Float,
  Int,
  Interval,
  LargeBinary,
  LargeList,
  LargeUtf8,
  List,
  Map_,
  Null,
  Schema,
  Struct,
  Time,
  Timestamp,
  Union,
  Utf8,
} from 'apache-arrow';
import { describeType } from '../schema/describe-type.ts';
import { timeWidth } from '../time-width.ts';

const adopted = new WeakMap<PlainSchema, Schema>();

/**
 * The schema as an object of this package's own apache-arrow, metadata included.
 *
 * The same schema object always gives the same result, so that batches adopted one by one fit together. Every dictionary
 * field gets an id of its own: its declared one where that is still free.
 *
 * @throws MillraceError `unsupported_type` for a type id that core does not list.
 */
export function adoptSchema(schema: PlainSchema): Schema {
  const known = adopted.get(schema);
  if (known) return known;
  const ids = createDictionaryIds(schema);
  const result = new Schema(
    schema.fields.map((field) => adoptField(field, ids)),
    new Map(schema.metadata),
  );
  adopted.set(schema, result);
  return result;
}

/**
 * The type as an object of this package's own apache-arrow. Types of columns that belong together come from
 * {@link adoptSchema}, which keeps dictionary ids apart.
 *
 * @throws MillraceError `unsupported_type` for a type id that core does not list.
 */
export function adoptType(type: DataType): ArrowType {
  return toArrowType(type, (id) => id);
}

/** Answers with the id for a dictionary that declares `id`; undefined lets apache-arrow choose one. */
type DictionaryIds = (declared: number | undefined) => number | undefined;

function createDictionaryIds(schema: PlainSchema): DictionaryIds {
  const declaredIds = new Set<number>();
  const collect = (type: DataType): void => {
    if (type.typeId === TypeId.Dictionary && type.id !== undefined) declaredIds.add(type.id);
    if (type.dictionary) collect(type.dictionary);
    else for (const child of type.children ?? []) collect(child.type);
  };
  for (const field of schema.fields) collect(field.type);
  const used = new Set<number>();
  let next = 0;
  return (declared) => {
    let id = declared;
    if (id === undefined || used.has(id)) {
      while (used.has(next) || declaredIds.has(next)) next++;
      id = next;
    }
    used.add(id);
    return id;
  };
}

function adoptField(field: PlainField, ids: DictionaryIds): Field {
  return new Field(field.name, toArrowType(field.type, ids), field.nullable, new Map(field.metadata));
}

function toArrowType(type: DataType, ids: DictionaryIds): ArrowType {
  switch (type.typeId) {
    case TypeId.Null:
      return new Null();
    case TypeId.Bool:
      return new Bool();
    case TypeId.Int:
      return new Int((type.isSigned ?? true) as never, (type.bitWidth ?? 32) as never);
    case TypeId.Float:
      return new Float((type.precision ?? 2) as never);
    case TypeId.Decimal:
      return new Decimal(type.scale ?? 0, type.precision ?? 38, type.bitWidth ?? 128);
    case TypeId.Utf8:
      return new Utf8();
    case TypeId.LargeUtf8:
      return new LargeUtf8();
    case TypeId.Binary:
      return new Binary();
    case TypeId.LargeBinary:
      return new LargeBinary();
    case TypeId.FixedSizeBinary:
      return new FixedSizeBinary(type.byteWidth ?? 0);
    case TypeId.Date:
      return new Date_(type.unit ?? 0);
    case TypeId.Time:
      return new Time((type.unit ?? 2) as never, timeWidth(type) as never);
    case TypeId.Timestamp:
      return new Timestamp((type.unit ?? 2) as never, type.timezone || null);
    case TypeId.Duration:
      return new Duration((type.unit ?? 2) as never);
    case TypeId.Interval:
      return new Interval((type.unit ?? 2) as never);
    default:
      return toNestedType(type, ids);
  }
}

function toNestedType(type: DataType, ids: DictionaryIds): ArrowType {
  const children = (type.children ?? []).map((child) => adoptField(child, type.dictionary ? NO_IDS : ids));
  const [item] = children;
  switch (type.typeId) {
    case TypeId.Struct:
      return new Struct(children);
    case TypeId.Union:
      return new Union(
        (type.mode ?? 0) as never,
        Int32Array.from(children, (_, child) => type.typeIds?.[child] ?? child),
        children,
      );
    case TypeId.List:
      if (item) return new List(item);
      break;
    case TypeId.LargeList:
      if (item) return new LargeList(item);
      break;
    case TypeId.FixedSizeList:
      if (item) return new FixedSizeList(type.listSize ?? 0, item);
      break;
    case TypeId.Map:
      if (item) return new Map_(item as never, type.keysSorted ?? false);
      break;
    case TypeId.Dictionary:
      if (type.dictionary) return toDictionary(type, type.dictionary, ids);
      break;
    default:
  }
  throw new MillraceError({
    code: 'unsupported_type',
    component: 'arrow',
    message: `the type ${describeType(type)} cannot be given to apache-arrow`,
    hint: 'Use one of the types that core lists in TypeId, with all of its members.',
  });
}

function toDictionary(type: DataType, values: DataType, ids: DictionaryIds): ArrowType {
  const id = ids(type.id);
  const indices = toArrowType(type.indices ?? { typeId: TypeId.Int, bitWidth: 32, isSigned: true }, ids);
  return new Dictionary(toArrowType(values, ids), indices as never, id ?? null, type.isOrdered ?? false);
}

/** apache-arrow's Dictionary repeats the children of its values, which are adopted with the values. */
const NO_IDS: DictionaryIds = (declared) => declared;
