import { viewBytes } from '../reshape/view-buffer.ts';
import { reject } from '../values/rejection.ts';
import type { FixedStore } from './fixed-builder.ts';

/** The bytes of whatever holds bytes, in the same memory. */
export function toBytes(value: unknown): Uint8Array {
  if (ArrayBuffer.isView(value)) return viewBytes(value);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return reject('is not a Uint8Array');
}

/** Values of just `byteWidth` bytes. */
export function fixedBytesStore(byteWidth: number): FixedStore<Uint8Array> {
  return {
    array: Uint8Array,
    stride: byteWidth,
    store(elements, start, value) {
      const bytes = toBytes(value);
      if (bytes.length !== byteWidth) reject(`does not have ${byteWidth} bytes`);
      elements.set(bytes, start);
    },
  };
}
