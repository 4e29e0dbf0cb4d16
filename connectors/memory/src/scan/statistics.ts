import { commonForm, createBreather, createLiteralReader, type LiteralLike } from '@millrace/arrow';
import type { ColumnStatistics, RecordBatch, Schema, Statistics } from '@millrace/core';
import { type ColumnData, TypeId } from '@millrace/core';
import { type ChangedRows, countRows } from '../snapshot.ts';

/** What is known of one column of one batch. Batches never change, so it is worked out once. */
interface ColumnSummary {
  readonly nullCount: number;
  readonly minimum: LiteralLike;
  readonly maximum: LiteralLike;
}

const summaries = new WeakMap<ColumnData, ColumnSummary>();

/** Rows that are looked at between two looks at the clock. */
const WINDOW_ROWS = 8192;

/** States what is certain of a result: nothing where rows were filtered away, the count alone where it was cut. */
export async function describeResult(request: {
  /** All rows of the result before offset and limit; undefined where a stage may have changed them. */
  readonly rows: readonly ChangedRows[] | undefined;
  readonly ordinals: readonly number[];
  readonly schema: Schema;
  readonly offset: bigint;
  readonly limit: bigint | undefined;
  /** An aggregate without keys has one row. */
  readonly groupless: boolean;
}): Promise<Statistics> {
  const { rows, offset, limit } = request;
  const before = rows === undefined ? (request.groupless ? 1n : undefined) : BigInt(countRows(rows));
  if (before === undefined) return {};
  const afterOffset = before > offset ? before - offset : 0n;
  const rowCount = limit !== undefined && limit < afterOffset ? limit : afterOffset;
  const counted: Statistics = { rowCount: { value: rowCount, exact: true } };
  if (rows === undefined || rowCount !== before) return counted;
  const described: (readonly [string, ColumnStatistics])[] = [];
  for (const ordinal of new Set(request.ordinals)) {
    const statistics = await describeColumn(
      rows.map(({ batch }) => batch),
      ordinal,
      request.schema,
    );
    described.push([request.schema.fields[ordinal]!.name, statistics]);
  }
  return { ...counted, columns: Object.fromEntries(described) };
}

async function describeColumn(
  batches: readonly RecordBatch[],
  ordinal: number,
  schema: Schema,
): Promise<ColumnStatistics> {
  const { type } = schema.fields[ordinal]!;
  const form = type.typeId === TypeId.Dictionary ? undefined : commonForm(type, type);
  let nullCount = 0n;
  let minimum: LiteralLike = null;
  let maximum: LiteralLike = null;
  for (const batch of batches) {
    const summary = await summarize(batch.data.children[ordinal]!);
    nullCount += BigInt(summary.nullCount);
    if (form === undefined || summary.minimum === null || summary.maximum === null) continue;
    if (minimum === null || form.compare(form.left(summary.minimum), form.left(minimum)) < 0) minimum = summary.minimum;
    if (maximum === null || form.compare(form.left(summary.maximum), form.left(maximum)) > 0) maximum = summary.maximum;
  }
  return {
    nullCount: { value: nullCount, exact: true },
    ...(minimum !== null && { minimum: { value: minimum, exact: true } }),
    ...(maximum !== null && { maximum: { value: maximum, exact: true } }),
  };
}

async function summarize(column: ColumnData): Promise<ColumnSummary> {
  const known = summaries.get(column);
  if (known !== undefined) return known;
  const breather = createBreather('statistics', NEVER_ABORTED);
  const form = column.type.typeId === TypeId.Dictionary ? undefined : commonForm(column.type, column.type);
  const read = createLiteralReader(column);
  let nullCount = 0;
  let minimum: LiteralLike = null;
  let maximum: LiteralLike = null;
  for (let row = 0; row < column.length; row++) {
    if (row % WINDOW_ROWS === 0) await breather.breathe();
    const value = read(row);
    if (value === null) nullCount += 1;
    else if (form !== undefined) {
      if (minimum === null || form.compare(form.left(value), form.left(minimum)) < 0) minimum = value;
      if (maximum === null || form.compare(form.left(value), form.left(maximum)) > 0) maximum = value;
    }
  }
  const summary = { nullCount, minimum, maximum };
  summaries.set(column, summary);
  return summary;
}

const NEVER_ABORTED = new AbortController().signal;
