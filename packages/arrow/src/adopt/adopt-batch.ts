import type { ColumnData, RecordBatch as PlainBatch, Schema as PlainSchema } from '@millrace/core';
import { type DataType as ArrowType, Data, RecordBatch, type Schema, Struct, Table, Vector } from 'apache-arrow';
import { checkColumns } from '../reshape/check-columns.ts';
import { normalizeColumn } from '../reshape/normalize-column.ts';
import { adoptSchema } from './adopt-schema.ts';

type PlainDictionary = NonNullable<ColumnData['dictionary']>;

const dictionaries = new WeakMap<PlainDictionary, Vector>();

/**
 * The batch as a `RecordBatch` of this package's own apache-arrow, over the same memory.
 *
 * Any version's batches and plain objects are accepted, and read only through core's structural types. Copied are only
 * bits that do not start at a byte boundary, and buffers that are not aligned to their element width.
 *
 * @throws MillraceError `invalid_data` for buffers that do not fit, `schema_mismatch` for columns that do not fit the
 *   batch's own schema, `unsupported_type`.
 */
export function adoptBatch(batch: PlainBatch): RecordBatch {
  return adoptBatchAs(batch.schema, batch);
}

/**
 * The batches as a `Table` of this package's own apache-arrow, as of {@link adoptBatch}.
 *
 * @throws MillraceError `schema_mismatch` for a batch whose columns have other types than `schema`.
 */
export function adoptTable(schema: PlainSchema, batches: readonly PlainBatch[]): Table {
  return new Table(
    adoptSchema(schema),
    batches.map((batch) => adoptBatchAs(schema, batch)),
  );
}

/** {@link adoptBatch} with the announced schema instead of the batch's own. */
export function adoptBatchAs(plainSchema: PlainSchema, batch: PlainBatch): RecordBatch {
  checkColumns(plainSchema, batch);
  const schema = adoptSchema(plainSchema);
  const children = schema.fields.map((field, ordinal) => {
    const column = batch.data.children[ordinal] as ColumnData;
    return toData(field.type, normalizeColumn(column));
  });
  const data = new Data(new Struct(schema.fields), 0, batch.numRows, 0, undefined, children);
  return withExactSchema(new RecordBatch(schema, data), schema, data);
}

/** apache-arrow's constructor merges fields by name, which mixes up columns that share one. */
function withExactSchema(batch: RecordBatch, schema: Schema, data: Data<Struct>): RecordBatch {
  return Object.assign(batch, { schema, data });
}

function toData(type: ArrowType, column: ColumnData): Data {
  const childTypes: readonly ArrowType[] = isDictionary(type) ? [] : (type.children ?? []).map((child) => child.type);
  const children = childTypes.map((child, ordinal) => toData(child, column.children[ordinal] as ColumnData));
  const buffers = [column.valueOffsets, column.values, column.nullBitmap ?? undefined, column.typeIds];
  const dictionary = isDictionary(type) ? toVector(type.dictionary, column.dictionary ?? { data: [] }) : undefined;
  return new Data(type, 0, column.length, column.nullCount, buffers as never, children, dictionary);
}

/** A dictionary that many batches share becomes one vector, which IPC then writes once. */
function toVector(type: ArrowType, dictionary: PlainDictionary): Vector {
  const known = dictionaries.get(dictionary);
  if (known) return known;
  const chunks = dictionary.data.map((chunk) => toData(type, chunk));
  const vector = chunks.length > 0 ? new Vector(chunks) : new Vector([new Data(type, 0, 0, 0)]);
  dictionaries.set(dictionary, vector);
  return vector;
}

function isDictionary(type: ArrowType): type is ArrowType & { readonly dictionary: ArrowType } {
  return 'dictionary' in type;
}
