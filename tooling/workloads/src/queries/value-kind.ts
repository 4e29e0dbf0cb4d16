import type { LiteralLike } from '@millrace/arrow';
import { type DataType, TypeId } from '@millrace/core';

/** What can be done with values of a type in a query. */
export type ValueKind =
  | 'boolean'
  | 'integer'
  | 'decimal'
  | 'float'
  | 'text'
  | 'bytes'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'instant';

/** @throws TypeError for types that queries are not generated over. */
export function kindOf(type: DataType): ValueKind {
  switch (type.typeId) {
    case TypeId.Bool:
      return 'boolean';
    case TypeId.Int:
      return 'integer';
    case TypeId.Decimal:
      return 'decimal';
    case TypeId.Float:
      return 'float';
    case TypeId.Utf8:
      return 'text';
    case TypeId.Binary:
      return 'bytes';
    case TypeId.Date:
      return 'date';
    case TypeId.Time:
      return 'time';
    case TypeId.Timestamp:
      return type.timezone ? 'instant' : 'timestamp';
    default:
      throw new TypeError(`queries are not generated over columns of the type id ${type.typeId}`);
  }
}

/** The engine's order of two values of one type, neither of them null: text by its UTF-8 bytes, NaN last, −0 equal to 0. */
export function compareValues(left: LiteralLike, right: LiteralLike): number {
  if (typeof left === 'string' && typeof right === 'string')
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right);
  if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  const [first, second] = [left as number | bigint, right as number | bigint];
  if (first === second) return 0;
  return first < second ? -1 : 1;
}
