import { createValueReader, sliceBatch, takeRows } from '@millrace/arrow';
import { type Json, MillraceError, type RecordBatch } from '@millrace/core';
import { type Chunk, type PartitionKey, type RowIds, sliceRowIds, type TableShape, takeRowIds } from './snapshot.ts';

/** Rows that have no place yet. */
export interface NewRows {
  readonly batch: RecordBatch;
  readonly rowIds: RowIds;
}

/**
 * Makes chunks of new rows: one per partition key where the table has partition columns, otherwise spread over the buckets.
 *
 * @param spread `evenly` cuts the rows into runs of equal size, as for a table that is put whole; `round_robin` gives each batch to the
 * next bucket, as for batches that are appended.
 */
export function makeChunks(request: {
  readonly table: string;
  readonly shape: TableShape;
  readonly rows: readonly NewRows[];
  readonly partitionCount: number;
  readonly spread: 'evenly' | 'round_robin';
  /** How many chunks the table has already. */
  readonly chunkCount: number;
}): readonly Chunk[] {
  const { shape, rows, partitionCount } = request;
  const filled = rows.filter(({ batch }) => batch.numRows > 0);
  if (shape.partitionColumns.length > 0)
    return filled.flatMap((part) => splitByKey(request.table, shape.partitionColumns, part, partitionCount));
  if (request.spread === 'evenly') return spreadEvenly(filled, partitionCount);
  return filled.map((part, index) => ({ ...part, bucket: (request.chunkCount + index) % partitionCount }));
}

/** Some rows of a chunk as a chunk of their own, in the same place. */
export function takeChunk(chunk: Chunk, rows: Uint32Array): Chunk {
  return {
    ...chunk,
    batch: { ...takeRows(chunk.batch, rows), schema: chunk.batch.schema },
    rowIds: takeRowIds(chunk.rowIds, rows),
  };
}

/** A text that is equal for equal partition keys. */
export function partitionKeyText(key: PartitionKey, columns: readonly string[]): string {
  return JSON.stringify(columns.map((column) => key[column] ?? null));
}

function spreadEvenly(rows: readonly NewRows[], partitionCount: number): readonly Chunk[] {
  const total = rows.reduce((sum, { batch }) => sum + batch.numRows, 0);
  const share = Math.max(1, Math.ceil(total / partitionCount));
  const chunks: Chunk[] = [];
  let placed = 0;
  for (const { batch, rowIds } of rows) {
    for (let start = 0; start < batch.numRows; ) {
      const bucket = Math.floor(placed / share);
      const end = Math.min(batch.numRows, start + (bucket + 1) * share - placed);
      const whole = start === 0 && end === batch.numRows;
      chunks.push({
        batch: whole ? batch : { ...sliceBatch(batch, start, end), schema: batch.schema },
        rowIds: whole ? rowIds : sliceRowIds(rowIds, start, end),
        bucket,
      });
      placed += end - start;
      start = end;
    }
  }
  return chunks;
}

function splitByKey(
  table: string,
  columns: readonly string[],
  { batch, rowIds }: NewRows,
  partitionCount: number,
): readonly Chunk[] {
  const readers = columns.map((name) => {
    const ordinal = batch.schema.fields.findIndex((field) => field.name === name);
    const read = createValueReader(batch.data.children[ordinal]!);
    return (row: number): Json => toKeyValue(table, name, read(row));
  });
  const groups = new Map<string, { readonly key: PartitionKey; readonly rows: number[] }>();
  for (let row = 0; row < batch.numRows; row++) {
    const values = readers.map((read) => read(row));
    const text = JSON.stringify(values);
    const group = groups.get(text);
    if (group !== undefined) group.rows.push(row);
    else
      groups.set(text, { key: Object.fromEntries(columns.map((name, index) => [name, values[index]!])), rows: [row] });
  }
  return [...groups].map(([text, { key, rows }]) => ({
    ...(rows.length === batch.numRows
      ? { batch, rowIds }
      : { batch: { ...takeRows(batch, rows), schema: batch.schema }, rowIds: takeRowIds(rowIds, rows) }),
    key,
    bucket: bucketOf(text, partitionCount),
  }));
}

function toKeyValue(table: string, column: string, value: unknown): Json {
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return value;
    case 'number':
      if (Number.isInteger(value)) return value;
      break;
    case 'bigint':
      return value.toString();
    default:
      if (value === null) return null;
  }
  throw new MillraceError({
    code: 'unsupported',
    component: `table ${table}`,
    connector: 'memory',
    message: `column ${column} holds a value that cannot be a partition key`,
    hint: 'Partition by booleans, whole numbers, decimals, texts, dates or timestamps',
  });
}

/** Rows of one key always meet in one bucket. Source of the hash: FNV-1a. */
function bucketOf(text: string, partitionCount: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return hash % partitionCount;
}
