import { type ColumnData, type DataType, dataTypes } from '@millrace/core';
import { layoutOf } from '../layout.ts';
import { reject } from '../values/rejection.ts';
import { GrowableArray, GrowableValidity } from './growable-buffers.ts';
import type { BuilderFactory } from './nested-builders.ts';
import type { RawBuilder } from './raw-builder.ts';

/** A builder of dictionary columns; equal strings, numbers, bigints and booleans are stored once. */
export function createDictionaryBuilder(type: DataType, capacity: number, create: BuilderFactory): RawBuilder {
  const indexType = type.indices ?? dataTypes.int32();
  const layout = layoutOf(type);
  if (layout.kind !== 'dictionary' || !type.dictionary) throw new TypeError('a dictionary type needs its value type');
  const maximum = 2 ** ((indexType.bitWidth ?? 32) - (indexType.isSigned === false ? 0 : 1)) - 1;
  const isBig = layout.array.BYTES_PER_ELEMENT === 8;
  const values = create(type.dictionary, 64);
  const indices = new GrowableArray(layout.array, capacity);
  const validity = new GrowableValidity();
  const known = new Map<unknown, number>();
  let length = 0;

  function indexOf(value: unknown): number {
    const key = toKey(value);
    const index = key === undefined ? undefined : known.get(key);
    if (index !== undefined) return index;
    const added = values.length;
    if (added > maximum) reject(`is one distinct value too many for indices up to ${maximum}`);
    values.append(value);
    if (key !== undefined) known.set(key, added);
    return added;
  }

  return {
    get length() {
      return length;
    },
    append(value) {
      const index = indexOf(value);
      const elements = indices.withRoomFor(length + 1);
      (elements as { [row: number]: number | bigint })[length] = isBig ? BigInt(index) : index;
      validity.markValid(length++);
    },
    appendNull() {
      indices.withRoomFor(length + 1);
      validity.markNull(length++);
    },
    finish(): ColumnData {
      return {
        type,
        length,
        offset: 0,
        ...validity.finish(length),
        values: indices.finish(length),
        children: [],
        dictionary: { data: [values.finish()] },
      };
    },
  };
}

/** What a value is found by; undefined for objects, which are stored anew. A Map would take -0 for 0. */
function toKey(value: unknown): unknown {
  if (typeof value === 'object') return undefined;
  return Object.is(value, -0) ? NEGATIVE_ZERO : value;
}

const NEGATIVE_ZERO = Symbol('-0');
