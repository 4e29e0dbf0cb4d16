import { type ColumnData, type DataType, UnionMode } from '@millrace/core';
import { reject } from '../values/rejection.ts';
import { GrowableArray } from './growable-buffers.ts';
import { appendToField, type BuilderFactory } from './nested-builders.ts';
import type { RawBuilder } from './raw-builder.ts';

/**
 * A builder of unions, sparse or dense; values are `{ tag, value }` with the name of the child.
 *
 * A union has no bitmap of its own: a null row is a null of the first child that may hold one.
 */
export function createUnionBuilder(type: DataType, capacity: number, create: BuilderFactory): RawBuilder {
  const isDense = type.mode === UnionMode.Dense;
  const members = (type.children ?? []).map((field, ordinal) => ({
    field,
    id: type.typeIds?.[ordinal] ?? ordinal,
    builder: create(field.type, capacity),
  }));
  const byTag = new Map(members.map((member) => [member.field.name, member]));
  const nullable = members.find(({ field }) => field.nullable) ?? members[0];
  const typeIds = new GrowableArray(Int8Array, capacity);
  const offsets = new GrowableArray(Int32Array, isDense ? capacity : 0);
  let length = 0;

  function startRow(chosen: (typeof members)[number]): void {
    typeIds.withRoomFor(length + 1)[length] = chosen.id;
    if (isDense) offsets.withRoomFor(length + 1)[length] = chosen.builder.length;
    else for (const { builder } of members) if (builder !== chosen.builder) builder.appendNull();
    length++;
  }

  return {
    get length() {
      return length;
    },
    append(value) {
      const { tag, value: inner } = toTagged(value);
      const chosen = byTag.get(tag) ?? reject('has a tag that the union does not name');
      startRow(chosen);
      appendToField(chosen.builder, chosen.field, inner);
    },
    appendNull() {
      if (!nullable) throw new TypeError('a union type needs a child field');
      startRow(nullable);
      nullable.builder.appendNull();
    },
    finish(): ColumnData {
      return {
        type,
        length,
        offset: 0,
        nullCount: 0,
        typeIds: typeIds.finish(length) as Int8Array,
        ...(isDense ? { valueOffsets: offsets.finish(length) as Int32Array } : {}),
        children: members.map(({ builder }) => builder.finish()),
      };
    },
  };
}

function toTagged(value: unknown): { readonly tag: string; readonly value: unknown } {
  if (typeof value !== 'object' || value === null) return reject('is not an object of tag and value');
  const { tag, value: inner } = value as Readonly<Record<string, unknown>>;
  return typeof tag === 'string' ? { tag, value: inner } : reject('is not an object of tag and value');
}
