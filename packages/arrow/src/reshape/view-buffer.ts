import { MillraceError } from '@millrace/core';
import type { FixedArray, FixedArrayConstructor } from '../layout.ts';

/**
 * The same memory as another kind of typed array, for example pairs of 32-bit words as BigInt64Array.
 *
 * Returns the very view where it already is of that kind, and copies only where the memory is not aligned to the element
 * width. Kinds are told apart by name, because a view from another realm (a vm context, a test runner) is no
 * `instanceof` of this one's. A Node.js Buffer becomes a plain Uint8Array, because its `slice` does not copy.
 */
export function viewBuffer(view: ArrayBufferView, array: FixedArrayConstructor): FixedArray {
  if (view.constructor.name === array.name) return view as FixedArray;
  const width = array.BYTES_PER_ELEMENT;
  const length = Math.floor(view.byteLength / width);
  if (view.byteOffset % width === 0) return new array(view.buffer, view.byteOffset, length);
  const copy = new Uint8Array(view.byteLength);
  copy.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  return new array(copy.buffer, 0, length);
}

/** {@link viewBuffer} cut to exactly `length` elements; an absent view counts as empty. */
export function viewElements(
  view: ArrayBufferView | null | undefined,
  array: FixedArrayConstructor,
  length: number,
): FixedArray {
  const elements = view ? viewBuffer(view, array) : new array(0);
  if (elements.length === length) return elements;
  if (elements.length > length) return elements.subarray(0, length);
  throw shortBuffer(elements.length, length);
}

/** The bytes of a view, in the same memory. */
export function viewBytes(view: ArrayBufferView | null | undefined): Uint8Array {
  return view ? (viewBuffer(view, Uint8Array) as Uint8Array) : EMPTY_BYTES;
}

/** The error for a column whose buffers are shorter than its length says. */
export function shortBuffer(held: number, needed: number): MillraceError {
  return new MillraceError({
    code: 'invalid_data',
    component: 'arrow',
    message: `a column's buffer holds ${held} elements where its length needs ${needed}`,
    hint: 'Fix whoever made the batch: length, offset and buffers have to agree.',
  });
}

const EMPTY_BYTES = new Uint8Array(0);
