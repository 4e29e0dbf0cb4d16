import type { DataType } from '@millrace/core';
import { reject } from '../values/rejection.ts';
import type { RawBuilder } from './raw-builder.ts';

/** A builder of the type that holds nothing but nulls. */
export function createNullBuilder(type: DataType): RawBuilder {
  let length = 0;
  return {
    get length() {
      return length;
    },
    append: () => reject('is not null'),
    appendNull() {
      length++;
    },
    finish: () => ({ type, length, offset: 0, nullCount: length, children: [] }),
  };
}
