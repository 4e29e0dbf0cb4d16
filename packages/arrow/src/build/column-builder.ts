import { type ColumnData, type DataType, MillraceError, TypeId } from '@millrace/core';
import { layoutOf } from '../layout.ts';
import { describeType } from '../schema/describe-type.ts';
import { Rejection } from '../values/rejection.ts';
import { createBoolBuilder } from './bool-builder.ts';
import type { BuildValue } from './build-value.ts';
import { fixedBytesStore } from './byte-stores.ts';
import { createBytesBuilder } from './bytes-builder.ts';
import { createDictionaryBuilder } from './dictionary-builder.ts';
import { createFixedBuilder, type FixedStore } from './fixed-builder.ts';
import { createFixedListBuilder, createListBuilder, createMapBuilder, createStructBuilder } from './nested-builders.ts';
import { createNullBuilder } from './null-builder.ts';
import { decimalStore, floatStore, integerStore } from './number-stores.ts';
import type { RawBuilder } from './raw-builder.ts';
import { dateStore, durationStore, intervalStore, timeStore, timestampStore } from './time-stores.ts';
import { createUnionBuilder } from './union-builder.ts';

/** Builds one column, value by value, straight into raw buffers. */
export interface ColumnBuilder {
  /** Rows appended so far. */
  readonly length: number;
  /**
   * Appends one row; null and undefined are null. What is accepted for which type: {@link BuildValue}.
   *
   * @throws MillraceError `invalid_data` naming the row, never the value. The builder cannot be used any further then.
   */
  append(value: BuildValue | null | undefined): void;
  /** The column; its buffers are the builder's own memory, so the builder is at its end. */
  finish(): ColumnData;
}

const DEFAULT_CAPACITY = 1_024;

/**
 * A builder of one column of any of core's types.
 *
 * @param capacity rows to make room for at first; it grows by doubling. Default 1,024.
 * @throws MillraceError `unsupported_type` for a type id that core does not list.
 */
export function createColumnBuilder(type: DataType, capacity: number = DEFAULT_CAPACITY): ColumnBuilder {
  return guardBuilder(createRawBuilder(type, capacity), type);
}

/** The builder whose errors also name the column. */
export function createNamedColumnBuilder(name: string, type: DataType, capacity: number): ColumnBuilder {
  return guardBuilder(createRawBuilder(type, capacity), type, name);
}

function guardBuilder(raw: RawBuilder, type: DataType, name?: string): ColumnBuilder {
  let state: 'open' | 'failed' | 'finished' = 'open';
  return {
    get length() {
      return raw.length;
    },
    append(value) {
      if (state !== 'open') throw new TypeError(`the column builder has ${state}`);
      if (value === null || value === undefined) return raw.appendNull();
      const row = raw.length;
      try {
        raw.append(value);
      } catch (error) {
        state = 'failed';
        throw error instanceof Rejection ? rejected({ name, row, type, reason: error.message }) : error;
      }
    },
    finish() {
      if (state !== 'open') throw new TypeError(`the column builder has ${state}`);
      state = 'finished';
      return raw.finish();
    },
  };
}

function createRawBuilder(type: DataType, capacity: number): RawBuilder {
  const layout = layoutOf(type);
  switch (layout.kind) {
    case 'none':
      return createNullBuilder(type);
    case 'bits':
      return createBoolBuilder(type, capacity);
    case 'fixed':
      return createFixedBuilder(type, storeOf(type), capacity);
    case 'bytes':
      return createBytesBuilder(type, layout, capacity);
    case 'list':
      return type.typeId === TypeId.Map
        ? createMapBuilder(type, capacity, createRawBuilder)
        : createListBuilder(type, layout.offsetWidth, capacity, createRawBuilder);
    case 'fixed_list':
      return createFixedListBuilder(type, layout.listSize, capacity, createRawBuilder);
    case 'struct':
      return createStructBuilder(type, capacity, createRawBuilder);
    case 'union':
      return createUnionBuilder(type, capacity, createRawBuilder);
    case 'dictionary':
      return createDictionaryBuilder(type, capacity, createRawBuilder);
    default:
      return layout satisfies never;
  }
}

function storeOf(type: DataType): FixedStore {
  switch (type.typeId) {
    case TypeId.Int:
      return integerStore(type);
    case TypeId.Float:
      return floatStore(type);
    case TypeId.Decimal:
      return decimalStore(type);
    case TypeId.Date:
      return dateStore(type);
    case TypeId.Time:
      return timeStore(type);
    case TypeId.Timestamp:
      return timestampStore(type);
    case TypeId.Duration:
      return durationStore();
    case TypeId.Interval:
      return intervalStore(type);
    default:
      return fixedBytesStore(type.byteWidth ?? 0);
  }
}

interface RejectedValue {
  readonly name: string | undefined;
  readonly row: number;
  readonly type: DataType;
  readonly reason: string;
}

/** The error for a value that does not fit; rows count from 0. */
export function rejected({ name, row, type, reason }: RejectedValue): MillraceError {
  const place = name === undefined ? `row ${row}` : `column '${name}', row ${row}`;
  return new MillraceError({
    code: 'invalid_data',
    component: 'column builder',
    message: `${place}: the value ${reason} (type ${describeType(type)})`,
    hint: 'Convert the value before it is appended, or declare the column with a type that holds it.',
  });
}
