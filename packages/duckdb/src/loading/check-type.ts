import { type DataType, TypeId } from '@millrace/core';
import { type ColumnSource, columnError } from './column-source.ts';

/** The members of a type that decide how its buffers are laid out, with the value of an absent one. */
const LAYOUT: Readonly<Record<number, readonly (readonly [keyof DataType, unknown])[]>> = {
  [TypeId.Int]: [
    ['bitWidth', undefined],
    ['isSigned', undefined],
  ],
  [TypeId.Float]: [['precision', undefined]],
  [TypeId.Decimal]: [
    ['bitWidth', 128],
    ['scale', 0],
    ['precision', undefined],
  ],
  [TypeId.Date]: [['unit', 0]],
  [TypeId.Time]: [['unit', undefined]],
  [TypeId.Timestamp]: [['unit', undefined]],
  [TypeId.Duration]: [['unit', undefined]],
  [TypeId.Interval]: [['unit', undefined]],
  [TypeId.FixedSizeBinary]: [['byteWidth', undefined]],
  [TypeId.FixedSizeList]: [['listSize', undefined]],
  [TypeId.Union]: [['mode', undefined]],
};

/**
 * Throws `schema_mismatch` unless a column has the type that its field announces, as far as its layout goes.
 *
 * Names and metadata of nested fields do not count: sources disagree on whether a list's child is `item`, `element` or `l`.
 * Children are compared when their own writers are made.
 */
export function checkSameType({ column, field, path }: ColumnSource): void {
  const actual = column.type;
  const announced = field.type;
  const members = LAYOUT[announced.typeId] ?? [];
  const isSame =
    actual.typeId === announced.typeId &&
    members.every(([member, absent]) => (actual[member] ?? absent) === (announced[member] ?? absent)) &&
    hasZone(actual) === hasZone(announced);
  if (!isSame) {
    throw columnError(path, 'has another type in a batch than in its schema', 'schema_mismatch');
  }
}

function hasZone({ timezone }: DataType): boolean {
  return timezone !== null && timezone !== undefined && timezone !== '';
}
