import type { ColumnData, DataType } from '@millrace/core';
import type { FixedArray, FixedArrayConstructor } from '../layout.ts';
import { GrowableArray, GrowableValidity } from './growable-buffers.ts';
import type { RawBuilder } from './raw-builder.ts';

/** How values of a type are put into memory: `stride` elements a row, written by `store` from element `start` on. */
export interface FixedStore<Elements extends FixedArray = FixedArray> {
  readonly array: FixedArrayConstructor;
  readonly stride: number;
  store(elements: Elements, start: number, value: unknown): void;
  /** The finished elements in the type's canonical array, where it is another one. */
  view?(elements: Elements): FixedArray;
}

/** A builder of fixed-width values. */
export function createFixedBuilder(type: DataType, fixed: FixedStore, capacity: number): RawBuilder {
  const { stride, store } = fixed;
  const elements = new GrowableArray(fixed.array, capacity * stride);
  const validity = new GrowableValidity();
  let length = 0;
  return {
    get length() {
      return length;
    },
    append(value) {
      store(elements.withRoomFor((length + 1) * stride), length * stride, value);
      validity.markValid(length++);
    },
    appendNull() {
      validity.markNull(length++);
    },
    finish(): ColumnData {
      const values = elements.finish(length * stride);
      return {
        type,
        length,
        offset: 0,
        ...validity.finish(length),
        values: fixed.view ? fixed.view(values) : values,
        children: [],
      };
    },
  };
}
