import type { ColumnData, DataType } from '@millrace/core';
import type { OffsetWidth } from '../layout.ts';
import { reject } from '../values/rejection.ts';
import { toBytes } from './byte-stores.ts';
import { GrowableArray, GrowableValidity } from './growable-buffers.ts';
import { OffsetBuilder } from './offset-builder.ts';
import type { RawBuilder } from './raw-builder.ts';

const BYTES_PER_VALUE_GUESS = 16;
const SHORT_TEXT = 32;
const LONE_SURROGATE = /\p{Surrogate}/u;
const encoder = new TextEncoder();

/** Puts a value behind the bytes already there and returns where it ends. */
type AppendBytes = (buffer: GrowableArray, start: number, value: unknown) => number;

/** A builder of text or binary values: one growing run of bytes, cut up by offsets. */
export function createBytesBuilder(
  type: DataType,
  layout: { readonly offsetWidth: OffsetWidth; readonly isText: boolean },
  capacity: number,
): RawBuilder {
  const bytes = new GrowableArray(Uint8Array, capacity * BYTES_PER_VALUE_GUESS);
  const offsets = new OffsetBuilder(layout.offsetWidth, capacity);
  const validity = new GrowableValidity();
  const appendBytes = layout.isText ? appendText : appendBinary;
  let length = 0;
  let end = 0;
  return {
    get length() {
      return length;
    },
    append(value) {
      end = appendBytes(bytes, end, value);
      offsets.endRow(length, end);
      validity.markValid(length++);
    },
    appendNull() {
      offsets.endRow(length, end);
      validity.markNull(length++);
    },
    finish(): ColumnData {
      return {
        type,
        length,
        offset: 0,
        ...validity.finish(length),
        values: bytes.finish(end),
        valueOffsets: offsets.finish(length),
        children: [],
      };
    },
  };
}

const appendText: AppendBytes = (buffer, start, value) => {
  if (typeof value !== 'string') return reject('is not a string');
  const { length } = value;
  // No UTF-16 unit takes more than three bytes.
  const bytes = buffer.withRoomFor(start + length * 3) as Uint8Array;
  if (length <= SHORT_TEXT) {
    // A call of encodeInto costs more than a short ASCII text does.
    let index = 0;
    for (; index < length; index++) {
      const unit = value.charCodeAt(index);
      if (unit > 0x7f) break;
      bytes[start + index] = unit;
    }
    if (index === length) return start + length;
  }
  const { written } = encoder.encodeInto(value, bytes.subarray(start));
  // encodeInto would put U+FFFD in the place of a lone surrogate.
  if (written !== length && LONE_SURROGATE.test(value)) return reject('has a lone surrogate, which UTF-8 cannot hold');
  return start + written;
};

const appendBinary: AppendBytes = (buffer, start, value) => {
  const added = toBytes(value);
  const end = start + added.length;
  (buffer.withRoomFor(end) as Uint8Array).set(added, start);
  return end;
};
