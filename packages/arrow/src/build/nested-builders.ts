import type { ColumnData, DataType, Field } from '@millrace/core';
import type { OffsetWidth } from '../layout.ts';
import { reject } from '../values/rejection.ts';
import { GrowableValidity } from './growable-buffers.ts';
import { createMemberReader } from './member-reader.ts';
import { OffsetBuilder } from './offset-builder.ts';
import type { RawBuilder } from './raw-builder.ts';

/** Makes the builder of a child; given by the caller, so that nested and scalar builders do not import each other. */
export type BuilderFactory = (type: DataType, capacity: number) => RawBuilder;

/** Appends a value that may be null to a child, whose field says whether it may. */
export function appendToField(builder: RawBuilder, field: Field, value: unknown): void {
  if (value !== null && value !== undefined) builder.append(value);
  else if (field.nullable) builder.appendNull();
  else reject(`is null where '${field.name}' cannot be`);
}

/** A builder of lists with 32- or 64-bit offsets. */
export function createListBuilder(
  type: DataType,
  offsetWidth: OffsetWidth,
  capacity: number,
  create: BuilderFactory,
): RawBuilder {
  const item = onlyChild(type);
  const items = create(item.type, capacity);
  return createOffsetBuilder({ type, offsetWidth, capacity, child: items }, (value) => {
    for (const element of toElements(value)) appendToField(items, item, element);
  });
}

/** A builder of maps: lists of structs of key and value. */
export function createMapBuilder(type: DataType, capacity: number, create: BuilderFactory): RawBuilder {
  const entries = onlyChild(type);
  const [key, value] = entries.type.children ?? [];
  if (!key || !value) throw new TypeError('a map type needs a struct of key and value');
  const keys = create(key.type, capacity);
  const values = create(value.type, capacity);
  const child: RawBuilder = {
    get length() {
      return keys.length;
    },
    append: () => undefined,
    appendNull: () => undefined,
    finish: () => ({
      type: entries.type,
      length: keys.length,
      offset: 0,
      nullCount: 0,
      children: [keys.finish(), values.finish()],
    }),
  };
  return createOffsetBuilder({ type, offsetWidth: 32, capacity, child }, (map) => {
    for (const [entryKey, entryValue] of toEntries(map)) {
      if (entryKey === null || entryKey === undefined) reject('has a null key');
      keys.append(entryKey);
      appendToField(values, value, entryValue);
    }
  });
}

/** A builder of lists that all have the same size. */
export function createFixedListBuilder(
  type: DataType,
  listSize: number,
  capacity: number,
  create: BuilderFactory,
): RawBuilder {
  const item = onlyChild(type);
  const items = create(item.type, capacity * listSize);
  const validity = new GrowableValidity();
  let length = 0;
  return {
    get length() {
      return length;
    },
    append(value) {
      const elements = toElements(value);
      if (elements.length !== listSize) reject(`does not have ${listSize} elements`);
      for (const element of elements) appendToField(items, item, element);
      validity.markValid(length++);
    },
    appendNull() {
      for (let element = 0; element < listSize; element++) items.appendNull();
      validity.markNull(length++);
    },
    finish(): ColumnData {
      return { type, length, offset: 0, ...validity.finish(length), children: [items.finish()] };
    },
  };
}

/** A builder of structs; under a null struct all children are null. */
export function createStructBuilder(type: DataType, capacity: number, create: BuilderFactory): RawBuilder {
  const members = (type.children ?? []).map((field) => ({
    field,
    builder: create(field.type, capacity),
    read: createMemberReader(field.name),
  }));
  const validity = new GrowableValidity();
  let length = 0;
  return {
    get length() {
      return length;
    },
    append(value) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return reject('is not an object');
      for (const { field, builder, read } of members) appendToField(builder, field, read(value));
      validity.markValid(length++);
    },
    appendNull() {
      for (const { builder } of members) builder.appendNull();
      validity.markNull(length++);
    },
    finish(): ColumnData {
      const children = members.map(({ builder }) => builder.finish());
      return { type, length, offset: 0, ...validity.finish(length), children };
    },
  };
}

interface OffsetColumn {
  readonly type: DataType;
  readonly offsetWidth: OffsetWidth;
  readonly capacity: number;
  readonly child: RawBuilder;
}

/** What lists and maps share: a row ends where its child then ends. */
function createOffsetBuilder(column: OffsetColumn, appendElements: (value: unknown) => void): RawBuilder {
  const { type, child } = column;
  const offsets = new OffsetBuilder(column.offsetWidth, column.capacity);
  const validity = new GrowableValidity();
  let length = 0;
  return {
    get length() {
      return length;
    },
    append(value) {
      appendElements(value);
      offsets.endRow(length, child.length);
      validity.markValid(length++);
    },
    appendNull() {
      offsets.endRow(length, child.length);
      validity.markNull(length++);
    },
    finish(): ColumnData {
      return {
        type,
        length,
        offset: 0,
        ...validity.finish(length),
        valueOffsets: offsets.finish(length),
        children: [child.finish()],
      };
    },
  };
}

function onlyChild(type: DataType): Field {
  const child = type.children?.[0];
  if (!child) throw new TypeError('a list or map type needs a child field');
  return child;
}

function toElements(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Set) return [...value];
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return Array.from(value as unknown as ArrayLike<unknown>);
  return reject('is not an array');
}

function toEntries(value: unknown): Iterable<readonly unknown[]> {
  if (value instanceof Map) return value;
  if (Array.isArray(value)) return value.every(isPair) ? value : reject('is not an array of [key, value]');
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) return Object.entries(value);
  return reject('is not a Map, an array of [key, value] or an object');
}

function isPair(entry: unknown): entry is readonly unknown[] {
  return Array.isArray(entry) && entry.length === 2;
}
