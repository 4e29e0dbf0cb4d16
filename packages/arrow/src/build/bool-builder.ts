import type { ColumnData, DataType } from '@millrace/core';
import { setBit } from '../reshape/bits.ts';
import { reject } from '../values/rejection.ts';
import { GrowableArray, GrowableValidity } from './growable-buffers.ts';
import type { RawBuilder } from './raw-builder.ts';

/** A builder of booleans, one bit a row. */
export function createBoolBuilder(type: DataType, capacity: number): RawBuilder {
  const bits = new GrowableArray(Uint8Array, (capacity + 7) >> 3);
  const validity = new GrowableValidity();
  let length = 0;
  return {
    get length() {
      return length;
    },
    append(value) {
      if (toBoolean(value)) setBit(bits.withRoomFor((length >> 3) + 1) as Uint8Array, length);
      validity.markValid(length++);
    },
    appendNull() {
      validity.markNull(length++);
    },
    finish(): ColumnData {
      const values = bits.finish((length + 7) >> 3);
      return { type, length, offset: 0, ...validity.finish(length), values, children: [] };
    },
  };
}

function toBoolean(value: unknown): boolean {
  switch (value) {
    case true:
    case 1:
    case 1n:
      return true;
    case false:
    case 0:
    case 0n:
      return false;
    default:
      return reject('is not a boolean');
  }
}
