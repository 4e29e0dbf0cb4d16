import { type DataType, FloatPrecision, TypeId } from '@millrace/core';
import type { Value } from './compiled.ts';

/** How values of a type are held and compared; `opaque` types have no comparison here. */
export type ValueForm =
  | 'null'
  | 'boolean'
  | 'integer'
  | 'long'
  | 'float'
  | 'decimal'
  | 'text'
  | 'bytes'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'opaque';

/** Classifies a type; a dictionary has the form of its values. */
export function valueForm(type: DataType): ValueForm {
  switch (type.typeId) {
    case TypeId.Null:
      return 'null';
    case TypeId.Bool:
      return 'boolean';
    case TypeId.Int:
      return type.bitWidth === 64 ? 'long' : 'integer';
    case TypeId.Float:
      return 'float';
    case TypeId.Decimal:
      return 'decimal';
    case TypeId.Utf8:
    case TypeId.LargeUtf8:
      return 'text';
    case TypeId.Binary:
    case TypeId.LargeBinary:
    case TypeId.FixedSizeBinary:
      return 'bytes';
    case TypeId.Date:
      return 'date';
    case TypeId.Time:
      return 'time';
    case TypeId.Timestamp:
      return 'timestamp';
    case TypeId.Dictionary:
      return type.dictionary === undefined ? 'opaque' : valueForm(type.dictionary);
    default:
      return 'opaque';
  }
}

/** Values of two types brought to one domain, in which `compare` and `key` work. */
export interface CommonForm {
  readonly left: (value: NonNullable<Value>) => Scalar;
  readonly right: (value: NonNullable<Value>) => Scalar;
  /** Negative, zero or positive, in the engine's order. */
  readonly compare: (left: Scalar, right: Scalar) => number;
}

/** A value that JavaScript can compare or hash directly. */
export type Scalar = boolean | number | bigint | string | Uint8Array;

/**
 * Finds the form in which two types compare exactly as the engine compares them; undefined when there is none that is known to be
 * equal (a 64-bit integer against a float goes through a rounded double there; intervals normalise; nested values nest NULLs).
 */
export function commonForm(left: DataType, right: DataType): CommonForm | undefined {
  const leftForm = valueForm(left);
  const rightForm = valueForm(right);
  if (leftForm === 'null' || rightForm === 'null') return { left: asIs, right: asIs, compare: () => 0 };
  if (isNumeric(leftForm) && isNumeric(rightForm)) return commonNumber(left, leftForm, right, rightForm);
  if (leftForm !== rightForm) return undefined;
  switch (leftForm) {
    case 'boolean':
      return { left: asIs, right: asIs, compare: (a, b) => Number(a) - Number(b) };
    case 'text':
      return { left: asIs, right: asIs, compare: (a, b) => compareText(a as string, b as string) };
    case 'bytes':
      return { left: asIs, right: asIs, compare: (a, b) => compareBytes(a as Uint8Array, b as Uint8Array) };
    case 'date':
      return { left: asIs, right: asIs, compare: (a, b) => (a as number) - (b as number) };
    case 'time':
      return left.unit === right.unit ? { left: asIs, right: asIs, compare: compareOrdered } : undefined;
    case 'timestamp':
      return left.unit === right.unit && isZoned(left) === isZoned(right)
        ? { left: asIs, right: asIs, compare: compareOrdered }
        : undefined;
    default:
      return undefined;
  }
}

/** True for a timestamp whose values are instants. */
export function isZoned(type: DataType): boolean {
  return type.timezone !== undefined && type.timezone !== null;
}

/** Orders floats as the engine does: NaN equals NaN and is above every number, -0 equals 0. */
function compareFloat(left: number, right: number): number {
  if (left < right) return -1;
  if (left > right) return 1;
  if (left === right) return 0;
  return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
}

/**
 * Orders texts by their UTF-8 bytes, which is the order of code points. UTF-16 code units order differently above U+D7FF:
 * surrogates stand for code points above every other unit.
 */
function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return codePointRank(a) - codePointRank(b);
  }
  return left.length - right.length;
}

/** Orders byte strings by unsigned bytes, a prefix first. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const difference = left[index]! - right[index]!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/**
 * A key that is equal for equal values (under SameValueZero, as `Set` and `Map` compare): numbers, bigints, texts and booleans are
 * their own keys, byte strings become text.
 */
export function scalarKey(value: Scalar): boolean | number | bigint | string {
  return value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')
    : value;
}

function commonNumber(
  left: DataType,
  leftForm: ValueForm,
  right: DataType,
  rightForm: ValueForm,
): CommonForm | undefined {
  if (leftForm === 'float' || rightForm === 'float') {
    const exactDouble = (form: ValueForm): boolean => form === 'float' || form === 'integer';
    if (!exactDouble(leftForm) || !exactDouble(rightForm)) return undefined;
    return {
      left: floatReader(left),
      right: floatReader(right),
      compare: (a, b) => compareFloat(a as number, b as number),
    };
  }
  if (leftForm === 'integer' && rightForm === 'integer')
    return { left: asIs, right: asIs, compare: (a, b) => (a as number) - (b as number) };
  const scale = Math.max(scaleOf(left), scaleOf(right));
  return { left: unscaledReader(left, scale), right: unscaledReader(right, scale), compare: compareOrdered };
}

function unscaledReader(type: DataType, scale: number): (value: NonNullable<Value>) => Scalar {
  const factor = 10n ** BigInt(scale - scaleOf(type));
  if (valueForm(type) === 'integer') return (value) => BigInt(value as number) * factor;
  return factor === 1n ? asIs : (value) => (value as bigint) * factor;
}

/** A float32 column holds float32 values, but a literal of that type may have been given as any double. */
function floatReader(type: DataType): (value: NonNullable<Value>) => Scalar {
  return type.typeId === TypeId.Float && type.precision === FloatPrecision.Single
    ? (value) => Math.fround(value as number)
    : asIs;
}

/** Digits behind the point; 0 for integers. */
export function scaleOf(type: DataType): number {
  return type.typeId === TypeId.Decimal ? (type.scale ?? 0) : 0;
}

function isNumeric(form: ValueForm): boolean {
  return form === 'integer' || form === 'long' || form === 'float' || form === 'decimal';
}

function compareOrdered(left: Scalar, right: Scalar): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function asIs(value: NonNullable<Value>): Scalar {
  return value as Scalar;
}

function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}
