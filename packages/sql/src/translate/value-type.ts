import { type DataType, type Field, TypeId } from '@millrace/core';

/** The type of the values: a dictionary's own, every other type itself. */
export function valueType(type: DataType): DataType {
  return type.typeId === TypeId.Dictionary && type.dictionary !== undefined ? type.dictionary : type;
}

export function isText(type: DataType): boolean {
  return type.typeId === TypeId.Utf8 || type.typeId === TypeId.LargeUtf8;
}

export function isBinary(type: DataType): boolean {
  const { typeId } = type;
  return typeId === TypeId.Binary || typeId === TypeId.LargeBinary || typeId === TypeId.FixedSizeBinary;
}

/** True for a timestamp whose values are instants. */
export function isZoned(type: DataType): boolean {
  return type.timezone !== undefined && type.timezone !== null;
}

/**
 * Tells whether values of two types compare without any conversion that could round: integers of any width, and otherwise one and
 * the same type. Nested values and intervals are not compared at all.
 */
export function isSameType(left: DataType, right: DataType): boolean {
  if (isText(left) && isText(right)) return true;
  if (isBinary(left) && isBinary(right)) return left.byteWidth === right.byteWidth;
  if (left.typeId !== right.typeId) return false;
  switch (left.typeId) {
    case TypeId.Int:
    case TypeId.Bool:
      return true;
    case TypeId.Float:
      return left.precision === right.precision;
    case TypeId.Decimal:
      return left.scale === right.scale;
    case TypeId.Date:
    case TypeId.Time:
    case TypeId.Duration:
      return left.unit === right.unit;
    case TypeId.Timestamp:
      return left.unit === right.unit && isZoned(left) === isZoned(right);
    default:
      return false;
  }
}

/** Extension types whose storage is no value that a source would compare. Source: the engine's own names for them. */
const OPAQUE_EXTENSIONS: ReadonlySet<string> = new Set([
  'millrace.bit',
  'millrace.timetz',
  'millrace.bignum',
  'geoarrow.wkb',
]);

/** True where a field's values stand for something that Arrow's type does not tell. */
export function isOpaque(field: Field): boolean {
  return OPAQUE_EXTENSIONS.has(field.metadata?.get('ARROW:extension:name') ?? '');
}
