import {
  type DataType,
  DateUnit,
  FloatPrecision,
  IntervalUnit,
  MillraceError,
  TypeId,
  UnionMode,
} from '@millrace/core';
import { describeType } from './schema/describe-type.ts';
import { timeWidth } from './time-width.ts';

/** The typed arrays that hold fixed-width values. */
export type FixedArray =
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** Makes one kind of {@link FixedArray}. */
export interface FixedArrayConstructor {
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): FixedArray;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): FixedArray;
}

/** Width in bits of the offsets of a text, binary or list column. */
export type OffsetWidth = 32 | 64;

/** How the buffers of a type are laid out; many types share one layout. */
export type Layout =
  | { readonly kind: 'none' }
  | { readonly kind: 'bits' }
  /** `stride` elements of `array` a row. */
  | { readonly kind: 'fixed'; readonly array: FixedArrayConstructor; readonly stride: number }
  | { readonly kind: 'bytes'; readonly offsetWidth: OffsetWidth; readonly isText: boolean }
  | { readonly kind: 'list'; readonly offsetWidth: OffsetWidth }
  | { readonly kind: 'fixed_list'; readonly listSize: number }
  | { readonly kind: 'struct' }
  | { readonly kind: 'union'; readonly isDense: boolean }
  /** Fixed-width indices, one a row, into the values of the dictionary. */
  | { readonly kind: 'dictionary'; readonly array: FixedArrayConstructor };

/**
 * The layout of a type, with the canonical array of its values: 64-bit values in BigInt64Array or BigUint64Array, half
 * floats as their bits in Uint16Array, decimals in Uint32 words, intervals in Int32 words (1, 2 or 4 a row).
 *
 * @throws MillraceError `unsupported_type` for a type id that is not in core's list.
 */
export function layoutOf(type: DataType): Layout {
  switch (type.typeId) {
    case TypeId.Null:
      return { kind: 'none' };
    case TypeId.Bool:
      return { kind: 'bits' };
    case TypeId.Int:
      return { kind: 'fixed', array: integerArray(type), stride: 1 };
    case TypeId.Float:
      return { kind: 'fixed', array: floatArray(type), stride: 1 };
    case TypeId.Decimal:
      return { kind: 'fixed', array: Uint32Array, stride: decimalWords(type) };
    case TypeId.Date:
      return { kind: 'fixed', array: type.unit === DateUnit.Millisecond ? BigInt64Array : Int32Array, stride: 1 };
    case TypeId.Time:
      return { kind: 'fixed', array: timeWidth(type) === 64 ? BigInt64Array : Int32Array, stride: 1 };
    case TypeId.Timestamp:
    case TypeId.Duration:
      return { kind: 'fixed', array: BigInt64Array, stride: 1 };
    case TypeId.Interval:
      return { kind: 'fixed', array: Int32Array, stride: intervalWords(type) };
    case TypeId.FixedSizeBinary:
      return { kind: 'fixed', array: Uint8Array, stride: type.byteWidth ?? 0 };
    case TypeId.Utf8:
      return { kind: 'bytes', offsetWidth: 32, isText: true };
    case TypeId.LargeUtf8:
      return { kind: 'bytes', offsetWidth: 64, isText: true };
    case TypeId.Binary:
      return { kind: 'bytes', offsetWidth: 32, isText: false };
    case TypeId.LargeBinary:
      return { kind: 'bytes', offsetWidth: 64, isText: false };
    case TypeId.List:
    case TypeId.Map:
      return { kind: 'list', offsetWidth: 32 };
    case TypeId.LargeList:
      return { kind: 'list', offsetWidth: 64 };
    case TypeId.FixedSizeList:
      return { kind: 'fixed_list', listSize: type.listSize ?? 0 };
    case TypeId.Struct:
      return { kind: 'struct' };
    case TypeId.Union:
      return { kind: 'union', isDense: type.mode === UnionMode.Dense };
    case TypeId.Dictionary:
      return { kind: 'dictionary', array: integerArray(type.indices ?? {}) };
    default:
      throw new MillraceError({
        code: 'unsupported_type',
        component: 'arrow',
        message: `the type ${describeType(type)} has no known layout`,
        hint: 'Convert the column to one of the types that core lists in TypeId.',
      });
  }
}

function integerArray({
  bitWidth = 32,
  isSigned = true,
}: Pick<DataType, 'bitWidth' | 'isSigned'>): FixedArrayConstructor {
  switch (bitWidth) {
    case 8:
      return isSigned ? Int8Array : Uint8Array;
    case 16:
      return isSigned ? Int16Array : Uint16Array;
    case 64:
      return isSigned ? BigInt64Array : BigUint64Array;
    default:
      return isSigned ? Int32Array : Uint32Array;
  }
}

function floatArray(type: DataType): FixedArrayConstructor {
  switch (type.precision) {
    case FloatPrecision.Half:
      return Uint16Array;
    case FloatPrecision.Single:
      return Float32Array;
    default:
      return Float64Array;
  }
}

function decimalWords(type: DataType): number {
  const bitWidth = type.bitWidth ?? 128;
  if (bitWidth === 128 || bitWidth === 256) return bitWidth / 32;
  throw new MillraceError({
    code: 'unsupported_type',
    component: 'arrow',
    message: `decimals of ${bitWidth} bits are not supported`,
    hint: 'Use decimals of 128 or 256 bits.',
  });
}

function intervalWords(type: DataType): number {
  switch (type.unit) {
    case IntervalUnit.YearMonth:
      return 1;
    case IntervalUnit.DayTime:
      return 2;
    default:
      return 4;
  }
}
