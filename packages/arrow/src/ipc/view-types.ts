import { type ColumnData, type DataType, type Field, type RecordBatch, type Schema, TypeId } from '@millrace/core';
import { getBit } from '../reshape/bits.ts';
import { copyBytes } from '../reshape/copy-bytes.ts';
import { createOffsets } from '../reshape/offsets.ts';
import { viewBytes } from '../reshape/view-buffer.ts';

// Not in core's list: plugins hand out Utf8 and Binary, but files of other writers (Polars, DataFusion) hold views.
const BINARY_VIEW = 23;
const UTF8_VIEW = 24;
const VIEW_WIDTH = 16;
const INLINE_LENGTH = 12;

/** The schema with `utf8` in the place of text views and `binary` of binary views, at every depth. */
export function withoutViewTypes(schema: Schema): Schema {
  return schema.fields.some(({ type }) => holdsViews(type))
    ? { ...schema, fields: schema.fields.map(replaceField) }
    : schema;
}

/** The columns of a batch in the types of {@link withoutViewTypes}; columns without views keep their memory. */
export function withoutViews(batch: RecordBatch, schema: Schema): RecordBatch {
  const children = batch.data.children.map((column, ordinal) => {
    const type = schema.fields[ordinal]?.type ?? column.type;
    return holdsViews(column.type) ? replaceColumn(column, type) : column;
  });
  return { schema, numRows: batch.numRows, data: { children } };
}

/** Source: https://arrow.apache.org/docs/format/Columnar.html#variable-size-binary-view-layout */
interface ViewColumn extends ColumnData {
  readonly variadicBuffers?: readonly Uint8Array[];
}

function holdsViews(type: DataType): boolean {
  if (isView(type)) return true;
  return type.dictionary ? holdsViews(type.dictionary) : (type.children ?? []).some((child) => holdsViews(child.type));
}

function isView({ typeId }: DataType): boolean {
  return typeId === UTF8_VIEW || typeId === BINARY_VIEW;
}

function replaceField({ name, type, nullable, metadata }: Field): Field {
  return { name, type: replaceType(type), nullable, ...(metadata ? { metadata } : {}) };
}

function replaceType(type: DataType): DataType {
  if (!holdsViews(type)) return type;
  if (isView(type)) return { typeId: type.typeId === UTF8_VIEW ? TypeId.Utf8 : TypeId.Binary };
  const { typeId, listSize, keysSorted, mode, typeIds, indices, id, isOrdered } = type;
  const members = { listSize, keysSorted, mode, typeIds, indices, id, isOrdered };
  const present = Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
  if (type.dictionary) return { typeId, ...present, dictionary: replaceType(type.dictionary) };
  return { typeId, ...present, children: (type.children ?? []).map(replaceField) };
}

function replaceColumn(column: ColumnData, type: DataType): ColumnData {
  if (isView(column.type)) return unpackViews(column, type);
  const { length, offset, nullCount, values, valueOffsets, nullBitmap, typeIds, dictionary } = column;
  const children = column.children.map((child, ordinal) =>
    replaceColumn(child, type.children?.[ordinal]?.type ?? child.type),
  );
  const parts = { type, length, offset, nullCount, values, valueOffsets, nullBitmap, typeIds, children };
  const valueType = type.dictionary;
  if (!dictionary || !valueType) return parts;
  return { ...parts, dictionary: replaceDictionary(dictionary, valueType) };
}

const replacedDictionaries = new WeakMap<object, NonNullable<ColumnData['dictionary']>>();

/** Batches that share a dictionary go on sharing one. */
function replaceDictionary(
  dictionary: NonNullable<ColumnData['dictionary']>,
  type: DataType,
): NonNullable<ColumnData['dictionary']> {
  const known = replacedDictionaries.get(dictionary);
  if (known) return known;
  const replaced = { data: dictionary.data.map((chunk) => replaceColumn(chunk, type)) };
  replacedDictionaries.set(dictionary, replaced);
  return replaced;
}

function unpackViews(column: ViewColumn, type: DataType): ColumnData {
  const { length, offset, nullCount, nullBitmap } = column;
  const views = viewBytes(column.values);
  const words = new DataView(views.buffer, views.byteOffset, views.byteLength);
  const buffers = (column.variadicBuffers ?? []).map(viewBytes);
  // What stands in the place of a null is undefined, lengths included.
  const hasNulls = nullCount !== 0 && nullBitmap && nullBitmap.length > 0;
  const lengthOf = (row: number): number => {
    if (hasNulls && !getBit(nullBitmap, offset + row)) return 0;
    return words.getInt32(row * VIEW_WIDTH, true);
  };
  let end = 0;
  const valueOffsets = createOffsets(32, length, (row) => {
    end += lengthOf(row);
    return end;
  });
  const values = new Uint8Array(end);
  for (let row = 0, to = 0; row < length; row++) {
    const start = row * VIEW_WIDTH;
    const byteLength = lengthOf(row);
    if (byteLength <= INLINE_LENGTH) copyBytes(views, start + 4, values, to, byteLength);
    else {
      const buffer = buffers[words.getInt32(start + 8, true)];
      if (buffer) copyBytes(buffer, words.getInt32(start + 12, true), values, to, byteLength);
    }
    to += byteLength;
  }
  return { type, length, offset, nullCount, nullBitmap, values, valueOffsets, children: [] };
}
