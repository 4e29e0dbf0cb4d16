import { type DataType, DateUnit, type Field, FloatPrecision, IntervalUnit, type Schema, TypeId } from '@millrace/core';
import { timeWidth } from '../time-width.ts';

/**
 * Tells whether two schemas describe the same columns: names, order, types, nullability and field metadata.
 *
 * Metadata of the schema itself is compared too; an absent map equals an empty one, and order within it does not count.
 */
export function schemasEqual(left: Schema, right: Schema): boolean {
  return left === right || (fieldListsEqual(left.fields, right.fields) && metadataEqual(left.metadata, right.metadata));
}

/**
 * Tells whether two types are the same logical type, children with names, nullability and metadata included.
 *
 * The id of a dictionary is not compared, because it only ties batches together in IPC. Absent members count as the
 * defaults that core documents.
 */
export function typesEqual(left: DataType, right: DataType): boolean {
  if (left === right) return true;
  if (left.typeId !== right.typeId) return false;
  switch (left.typeId) {
    case TypeId.Int:
      return (left.bitWidth ?? 32) === (right.bitWidth ?? 32) && (left.isSigned ?? true) === (right.isSigned ?? true);
    case TypeId.Float:
      return (left.precision ?? FloatPrecision.Double) === (right.precision ?? FloatPrecision.Double);
    case TypeId.Decimal:
      return (
        left.precision === right.precision &&
        (left.scale ?? 0) === (right.scale ?? 0) &&
        (left.bitWidth ?? 128) === (right.bitWidth ?? 128)
      );
    case TypeId.Date:
      return (left.unit ?? DateUnit.Day) === (right.unit ?? DateUnit.Day);
    case TypeId.Interval:
      return (left.unit ?? IntervalUnit.MonthDayNano) === (right.unit ?? IntervalUnit.MonthDayNano);
    case TypeId.Time:
      return left.unit === right.unit && timeWidth(left) === timeWidth(right);
    case TypeId.Duration:
      return left.unit === right.unit;
    case TypeId.Timestamp:
      return left.unit === right.unit && (left.timezone || null) === (right.timezone || null);
    case TypeId.FixedSizeBinary:
      return left.byteWidth === right.byteWidth;
    case TypeId.FixedSizeList:
      return left.listSize === right.listSize && childrenEqual(left, right);
    case TypeId.Map:
      return mapsEqual(left, right);
    case TypeId.Union:
      return (left.mode ?? 0) === (right.mode ?? 0) && typeIdsEqual(left, right) && childrenEqual(left, right);
    case TypeId.Dictionary:
      return (
        (left.isOrdered ?? false) === (right.isOrdered ?? false) &&
        optionalTypesEqual(left.indices, right.indices) &&
        optionalTypesEqual(left.dictionary, right.dictionary)
      );
    default:
      return childrenEqual(left, right);
  }
}

/** Tells whether two fields have the same name, type, nullability and metadata. */
export function fieldsEqual(left: Field, right: Field): boolean {
  return (
    left === right ||
    (left.name === right.name &&
      left.nullable === right.nullable &&
      typesEqual(left.type, right.type) &&
      metadataEqual(left.metadata, right.metadata))
  );
}

function fieldListsEqual(left: readonly Field[], right: readonly Field[]): boolean {
  return (
    left.length === right.length &&
    left.every((field, ordinal) => {
      const other = right[ordinal];
      return other !== undefined && fieldsEqual(field, other);
    })
  );
}

function childrenEqual(left: DataType, right: DataType): boolean {
  return fieldListsEqual(left.children ?? [], right.children ?? []);
}

/** The names inside a map carry no meaning (writers call them entries/key/value or otherwise), so only types count. */
function mapsEqual(left: DataType, right: DataType): boolean {
  const leftParts = left.children?.[0]?.type.children ?? [];
  const rightParts = right.children?.[0]?.type.children ?? [];
  return (
    (left.keysSorted ?? false) === (right.keysSorted ?? false) &&
    leftParts.length === rightParts.length &&
    leftParts.every((part, ordinal) => {
      const other = rightParts[ordinal];
      return (
        other !== undefined &&
        (ordinal === 0 || part.nullable === other.nullable) &&
        typesEqual(part.type, other.type) &&
        metadataEqual(part.metadata, other.metadata)
      );
    })
  );
}

function typeIdsEqual(left: DataType, right: DataType): boolean {
  const count = left.children?.length ?? 0;
  for (let child = 0; child < count; child++) {
    if ((left.typeIds?.[child] ?? child) !== (right.typeIds?.[child] ?? child)) return false;
  }
  return true;
}

function optionalTypesEqual(left: DataType | undefined, right: DataType | undefined): boolean {
  return left === undefined || right === undefined ? left === right : typesEqual(left, right);
}

function metadataEqual(
  left: ReadonlyMap<string, string> | undefined,
  right: ReadonlyMap<string, string> | undefined,
): boolean {
  if ((left?.size ?? 0) !== (right?.size ?? 0)) return false;
  for (const [key, value] of left ?? []) {
    if (right?.get(key) !== value) return false;
  }
  return true;
}
