import { isUtf8 } from 'node:buffer';
import { concatBatches, emptyBatch, projectBatch, sliceBatch, typesEqual } from '@millrace/arrow';
import { type ColumnData, type Field, isMillraceError, type RecordBatch, type Schema, TypeId } from '@millrace/core';
import { EXTENSION, extensionName, fromDuckDbType, type PlannedSelect, toLogicalType } from '@millrace/duckdb';
import type { PreparedTable } from './prepare-tables.ts';
import type { PreparedScan } from './stage-table.ts';

/** Rows of a chunk of the engine: a batch has so many, or a multiple. */
const CHUNK_ROWS = 2_048;

/** Most bytes of texts that are looked at on Node's thread. */
const MAX_BYTES = 4 * 1024 * 1024;

/** What `explain` says of a scan that has one. */
export const DIRECT_ANSWER_NOTE = 'its rows are the answer as they come, unless there are many';

/** A statement of which a scan does everything: its rows are those of the result, whose columns are columns of the scan. */
export interface DirectAnswer {
  /** The table's scan. */
  readonly scan: PreparedScan;
  /** As the engine would give it. */
  readonly schema: Schema;
  /** Rows that are wanted at most. */
  readonly limit: bigint | undefined;
  /** Where each column of the result stands in the scan's batches. */
  readonly places: readonly number[];
}

/** Types that come out of the engine as they went in, by Arrow's id. */
const KEPT_TYPES: ReadonlySet<number> = new Set<number>([
  TypeId.Bool,
  TypeId.Int,
  TypeId.Float,
  TypeId.Decimal,
  TypeId.Utf8,
  TypeId.Binary,
  TypeId.FixedSizeBinary,
  TypeId.Date,
  TypeId.Time,
  TypeId.Timestamp,
]);

/** Types by extension of which the engine keeps the values as they are. */
const KEPT_EXTENSIONS: ReadonlySet<string | undefined> = new Set([undefined, EXTENSION.json, EXTENSION.uuid]);

/**
 * Finds out whether the rows of a simple SELECT's scan are its result: the source applies every filter exactly, and each column has a type
 * that the engine would hand on unchanged.
 */
export function findDirectAnswer(
  select: PlannedSelect | undefined,
  [prepared]: readonly PreparedTable[],
): DirectAnswer | undefined {
  if (select === undefined || prepared?.access !== 'staged') return undefined;
  const { scan, table } = prepared;
  if (scan.plan === undefined || !scan.plan.applied.filters.every((degree) => degree === 'exact')) return undefined;
  const fields: Field[] = [];
  for (const { name, ordinal } of select.outputs) {
    const field = resultField(name, table.schema.fields[ordinal]!);
    if (field === undefined) return undefined;
    fields.push(field);
  }
  const places = select.outputs.map(({ ordinal }) => scan.request.projection.indexOf(ordinal));
  return { scan, schema: { fields }, limit: select.scan.limit, places };
}

/**
 * The scan's rows as batches of the result, in memory of their own. Undefined where something is not as the scan's schema says, or where
 * there is too much of it: the engine has to look at them then.
 */
export function answerFrom(
  answer: DirectAnswer,
  batches: readonly RecordBatch[],
  batchRowCount: number | undefined,
): readonly RecordBatch[] | undefined {
  try {
    const projected = batches.map((batch) => projectBatch(batch, answer.places));
    if (!projected.every((batch) => isAsAnnounced(batch, answer.schema))) return undefined;
    const whole = ownBatch(answer.schema, cut(projected, answer.limit));
    if (!whole.data.children.every((column) => holdsLegalValues(column, whole.numRows))) return undefined;
    return sliced(answer.schema, whole, batchRowCount);
  } catch (error) {
    // Buffers that are too short: whoever loads them says which.
    if (isMillraceError(error) || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The field of the result; undefined where the engine would change type or values. */
function resultField(name: string, field: Field): Field | undefined {
  if (!KEPT_TYPES.has(field.type.typeId) || !KEPT_EXTENSIONS.has(extensionName(field))) return undefined;
  const result = fromDuckDbType(name, toLogicalType(field));
  return typesEqual(result.type, field.type) ? result : undefined;
}

function isAsAnnounced({ numRows, data }: RecordBatch, { fields }: Schema): boolean {
  let byteCount = 0;
  for (const [place, { type }] of fields.entries()) {
    const column = data.children[place];
    if (column?.length !== numRows || !typesEqual(column.type, type)) return false;
    if (column.valueOffsets && numRows > 0)
      byteCount += Number(column.valueOffsets[numRows] ?? 0) - Number(column.valueOffsets[0] ?? 0);
  }
  return byteCount <= MAX_BYTES;
}

/** The first rows, no more than are wanted. */
function cut(batches: readonly RecordBatch[], limit: bigint | undefined): readonly RecordBatch[] {
  if (limit === undefined) return batches;
  const kept: RecordBatch[] = [];
  let rest = limit;
  for (const batch of batches) {
    const rowCount = rest < BigInt(batch.numRows) ? Number(rest) : batch.numRows;
    if (rowCount > 0) kept.push(rowCount === batch.numRows ? batch : sliceBatch(batch, 0, rowCount));
    rest -= BigInt(rowCount);
  }
  return kept;
}

/** All rows in one batch whose every buffer is new: what a source hands out may be its own, or serve its next batch. */
function ownBatch(schema: Schema, batches: readonly RecordBatch[]): RecordBatch {
  const { numRows, data } = concatBatches(schema, [...batches, emptyBatch(schema)]);
  return { schema, numRows, data: { children: data.children.map(withCountedNulls) } };
}

function withCountedNulls(column: ColumnData): ColumnData {
  const { nullBitmap, ...rest } = column;
  const nullCount = nullBitmap ? countZeros(nullBitmap, column.length) : 0;
  return nullBitmap && nullCount > 0 ? { ...column, nullCount } : { ...rest, nullCount: 0 };
}

function countZeros(bits: Uint8Array, length: number): number {
  let count = 0;
  for (let row = 0; row < length; row += 1) if (isZero(bits, row)) count += 1;
  return count;
}

function isZero(bits: Uint8Array, row: number): boolean {
  return (((bits[row >> 3] ?? 0) >> (row & 7)) & 1) === 0;
}

/** Whether the engine would take the values: text that is UTF-8, decimals within their digits. */
function holdsLegalValues(column: ColumnData, numRows: number): boolean {
  switch (column.type.typeId) {
    case TypeId.Utf8:
      return holdsText(column.values as Uint8Array, column.valueOffsets as Int32Array);
    case TypeId.Decimal:
      return holdsDecimals(column, numRows);
    default:
      return true;
  }
}

/** What lies under nulls may be anything; where that is no text, it is left to the engine. */
function holdsText(bytes: Uint8Array, offsets: Int32Array): boolean {
  if (!isUtf8(bytes)) return false;
  // Each text has to be one by itself, and not only all of them together.
  return offsets.every((start) => start >= bytes.length || ((bytes[start] ?? 0) & 0xc0) !== 0x80);
}

function holdsDecimals({ values, nullBitmap, type }: ColumnData, numRows: number): boolean {
  const words = values as Uint32Array;
  const limit = 10n ** BigInt(type.precision ?? 38);
  const halves = new BigInt64Array(words.buffer, words.byteOffset, words.length >> 1);
  for (let row = 0; row < numRows; row += 1) {
    if (nullBitmap && isZero(nullBitmap, row)) continue;
    const value = (halves[row * 2 + 1]! << 64n) | BigInt.asUintN(64, halves[row * 2]!);
    if (value >= limit || value <= -limit) return false;
  }
  return true;
}

/** In batches of as many rows as were asked for, rounded up to whole chunks. */
function sliced(schema: Schema, whole: RecordBatch, batchRowCount: number | undefined): readonly RecordBatch[] {
  if (whole.numRows === 0) return [];
  const rowCount = Math.ceil(Math.max(1, batchRowCount ?? whole.numRows) / CHUNK_ROWS) * CHUNK_ROWS;
  if (rowCount >= whole.numRows) return [whole];
  return Array.from({ length: Math.ceil(whole.numRows / rowCount) }, (_, index) => {
    const start = index * rowCount;
    return ownBatch(schema, [sliceBatch(whole, start, Math.min(start + rowCount, whole.numRows))]);
  });
}
