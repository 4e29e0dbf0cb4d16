import {
  type ColumnData,
  type Field,
  FloatPrecision,
  MillraceError,
  type RecordBatch,
  type Schema,
  TypeId,
} from '@millrace/core';
import { layoutOf } from '../layout.ts';
import { typesEqual } from '../schema/schemas-equal.ts';
import { appendChecked } from './batch-from-rows.ts';
import type { BuildValue } from './build-value.ts';
import { createNamedColumnBuilder } from './column-builder.ts';

const STORED_AS_VALUES: ReadonlySet<number> = new Set([TypeId.Int, TypeId.Float, TypeId.Timestamp, TypeId.Duration]);

/** A finished column, or its values: an array, or a typed array. */
export type ColumnInput = ColumnData | ArrayLike<BuildValue | null | undefined>;

/**
 * A batch from columns in the order of the schema's fields.
 *
 * A {@link ColumnData} is taken as it is, and so is the memory of a typed array that already is the type's own storage
 * (Int32Array for int32, BigInt64Array for int64, timestamps and durations, Float64Array for float64 …); other arrays go
 * through a builder.
 *
 * @param rowCount needed only where there are no columns; default the columns' length
 * @throws MillraceError `invalid_data` for columns of different lengths or types, and as of `batchFromRows`.
 */
export function batchFromColumns(schema: Schema, columns: readonly ColumnInput[], rowCount?: number): RecordBatch {
  if (columns.length !== schema.fields.length) {
    throw invalid(`${columns.length} columns were given, but the schema has ${schema.fields.length}`);
  }
  const numRows = rowCount ?? columns[0]?.length ?? 0;
  const children = schema.fields.map((field, ordinal) => toColumn(field, columns[ordinal] as ColumnInput));
  for (const [ordinal, child] of children.entries()) {
    if (child.length === numRows) continue;
    throw invalid(`column '${schema.fields[ordinal]?.name}' has ${child.length} rows instead of ${numRows}`);
  }
  return { schema, numRows, data: { children } };
}

function toColumn(field: Field, input: ColumnInput): ColumnData {
  if (isColumnData(input)) {
    if (typesEqual(field.type, input.type)) return input;
    throw invalid(`column '${field.name}' was given with another type than the schema's`);
  }
  const storage = ownStorage(field, input);
  if (storage)
    return { type: field.type, length: input.length, offset: 0, nullCount: 0, values: storage, children: [] };
  const builder = createNamedColumnBuilder(field.name, field.type, input.length);
  for (let row = 0; row < input.length; row++) appendChecked(builder, field, input[row]);
  return builder.finish();
}

/**
 * The typed array itself where it is the type's storage and every content of it is a legal value; decimals, times and
 * others that have a narrower range, and half floats and intervals, whose elements are no values, go through the builder.
 */
function ownStorage(field: Field, input: ArrayLike<unknown>): ArrayBufferView | undefined {
  const layout = layoutOf(field.type);
  if (layout.kind !== 'fixed' || !ArrayBuffer.isView(input) || !STORED_AS_VALUES.has(field.type.typeId))
    return undefined;
  if (field.type.typeId === TypeId.Float && field.type.precision === FloatPrecision.Half) return undefined;
  return input.constructor.name === layout.array.name ? input : undefined;
}

function isColumnData(input: ColumnInput): input is ColumnData {
  return 'type' in input && 'children' in input && 'offset' in input;
}

function invalid(message: string): MillraceError {
  return new MillraceError({
    code: 'invalid_data',
    component: 'batch',
    message,
    hint: 'Give one column for each field of the schema, in order, all of the same length.',
  });
}
