import { type Breather, normalizeColumn } from '@millrace/arrow';
import type { ColumnData, RecordBatch, Schema } from '@millrace/core';
import { datePartReader, periodReader } from './date-part.ts';
import { joinInTurns } from './join-in-turns.ts';
import { spannedBytes } from './memory-size.ts';
import { type OrderedColumn, openOrdered, openTextStart } from './ordered-column.ts';
import type { OrderKey } from './row-order.ts';
import { sortPlaces } from './sort-places.ts';
import { takeInTurns } from './take-in-turns.ts';

/** Rows that are gathered from all batches at once. */
const CHUNK_ROWS = 16_384;
/** Wider rows make chunks of fewer. */
const CHUNK_BYTES = 1 << 21;
/** Rows whose keys are read between two looks at the clock. */
const WINDOW_ROWS = 2_048;

/** What is sorted. */
export interface RowSort {
  readonly schema: Schema;
  readonly batches: readonly RecordBatch[];
  readonly order: readonly OrderKey[];
  readonly breather: Breather;
}

/**
 * The rows of all batches in an order, nulls last, as batches of few rows; others have the event loop in between. Batches that are in that order
 * are the very same. It takes 8 bytes a row and key, and 24 more a row, while it runs.
 *
 * @throws MillraceError `cancelled` by the breather.
 */
export async function* sortRows({
  schema,
  batches,
  order,
  breather,
}: RowSort): AsyncGenerator<RecordBatch, void, undefined> {
  if (order.length === 0) {
    yield* batches;
    return;
  }
  const normalized = batches.map(({ numRows, data }) => ({
    schema,
    numRows,
    data: { children: data.children.map(normalizeColumn) },
  }));
  const places = new Places(normalized);
  const keys: SortKeys[] = [];
  for (const key of order) keys.push(await readKeys(key, normalized, places, breather));
  const [first] = keys;
  if (first === undefined) return;
  const sorted = await sortPlaces({ numbers: first.numbers, compareEqual: comparison(keys, places), breather });
  if (sorted === undefined) yield* batches;
  else yield* gather({ schema, batches: normalized, places, sorted, breather });
}

/** Where the rows of batches are among all. */
class Places {
  readonly count: number;
  readonly starts: readonly number[];

  constructor(batches: readonly RecordBatch[]) {
    let count = 0;
    this.starts = batches.map(({ numRows }) => {
      count += numRows;
      return count - numRows;
    });
    this.count = count;
  }

  /** The batch that a place is in. */
  batchOf(place: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** One key of all rows: numbers that never fall where it rises, infinite for null, and what tells equal numbers apart. */
interface SortKeys {
  readonly numbers: Float64Array;
  readonly columns: readonly OrderedColumn[] | undefined;
}

async function readKeys(
  { ordinal, by }: OrderKey,
  batches: readonly RecordBatch[],
  { count }: Places,
  breather: Breather,
): Promise<SortKeys> {
  const numbers = new Float64Array(count);
  const columns: OrderedColumn[] = [];
  let place = 0;
  for (const { numRows, data } of batches) {
    const column = data.children[ordinal];
    const ordered = column && (by.kind === 'text' ? openTextStart(column, by.width) : openOrdered(column));
    if (!column || !ordered) throw new TypeError(`the rows cannot be ordered by column ${ordinal}`);
    columns.push(ordered);
    const read = keyReader(column, ordered, by);
    for (let row = 0; row < numRows; row++) {
      if (row % WINDOW_ROWS === 0) await breather.breathe();
      const value = read(row);
      numbers[place++] = value === undefined ? Number.POSITIVE_INFINITY : Math.min(value, Number.MAX_VALUE);
    }
  }
  const tellsApart =
    (by.kind === 'value' || by.kind === 'text') && columns.some(({ compare }) => compare !== undefined);
  return { numbers, columns: tellsApart ? columns : undefined };
}

function keyReader(
  column: ColumnData,
  { isNull, approximate }: OrderedColumn,
  by: OrderKey['by'],
): (row: number) => number | undefined {
  switch (by.kind) {
    case 'value':
    case 'text':
      return (row) => (isNull(row) ? undefined : approximate(row));
    case 'number': {
      const width = by.width * 10 ** (column.type.scale ?? 0);
      return (row) => (isNull(row) ? undefined : Math.floor(approximate(row) / width));
    }
    case 'date_trunc':
      return periodReader(column, by.unit) ?? (() => undefined);
    case 'date_part':
      return datePartReader(column, by.part) ?? (() => undefined);
  }
}

/** The order of two places whose first numbers are equal. */
function comparison(keys: readonly SortKeys[], places: Places): (left: number, right: number) => number {
  const steps = keys.flatMap(({ numbers, columns }, index) => {
    const byNumber = (left: number, right: number): number => {
      const a = numbers[left] ?? 0;
      const b = numbers[right] ?? 0;
      return a < b ? -1 : a > b ? 1 : 0;
    };
    const exactly = (left: number, right: number): number =>
      columns === undefined || numbers[left] === Number.POSITIVE_INFINITY
        ? 0
        : compareExactly(columns, places, left, right);
    return [...(index === 0 ? [] : [byNumber]), ...(columns === undefined ? [] : [exactly])];
  });
  return (left, right) => {
    for (let step = 0; step < steps.length; step++) {
      const order = steps[step]?.(left, right) ?? 0;
      if (order !== 0) return order;
    }
    return 0;
  };
}

function compareExactly(columns: readonly OrderedColumn[], places: Places, left: number, right: number): number {
  const leftBatch = places.batchOf(left);
  const rightBatch = places.batchOf(right);
  const column = columns[leftBatch];
  const other = columns[rightBatch];
  if (!column?.compare || !other) return 0;
  return column.compare(left - (places.starts[leftBatch] ?? 0), other, right - (places.starts[rightBatch] ?? 0));
}

/** Gathers rows from all batches by chunks: first those of each batch, then all of a chunk in their order. */
async function* gather({
  schema,
  batches,
  places,
  sorted,
  breather,
}: Omit<RowSort, 'order'> & { readonly places: Places; readonly sorted: Uint32Array }): AsyncGenerator<
  RecordBatch,
  void,
  undefined
> {
  const byteCount = batches.reduce((total, { data }) => total + spannedBytes(data.children), 0);
  const rowBytes = Math.max(1, byteCount / Math.max(1, places.count));
  const chunkRows = Math.max(1, Math.min(CHUNK_ROWS, Math.floor(CHUNK_BYTES / rowBytes)));
  for (let start = 0; start < sorted.length; start += chunkRows) {
    const { rows, ends, positions } = groupByBatch(sorted.subarray(start, start + chunkRows), places);
    const parts: RecordBatch[] = [];
    for (const [number, batch] of batches.entries()) {
      const taken = rows.subarray(ends[number - 1] ?? 0, ends[number]);
      if (taken.length > 0) for await (const part of takeInTurns(batch, taken, breather)) parts.push(part);
    }
    const [only] = parts;
    if (parts.length === 1 && only) yield only;
    else yield* takeInTurns(await joinInTurns(schema, parts, breather), positions, breather);
  }
}

/** The rows of places, those of one batch after the other, and where each place's row is among them. */
function groupByBatch(
  chunk: Uint32Array,
  places: Places,
): { readonly rows: Uint32Array; readonly ends: Uint32Array; readonly positions: Uint32Array } {
  const origins = new Uint32Array(chunk.length);
  const ends = new Uint32Array(places.starts.length);
  for (let index = 0; index < chunk.length; index++) {
    const origin = places.batchOf(chunk[index] ?? 0);
    origins[index] = origin;
    ends[origin] = (ends[origin] ?? 0) + 1;
  }
  for (let number = 1; number < ends.length; number++) ends[number] = (ends[number] ?? 0) + (ends[number - 1] ?? 0);
  const next = ends.slice();
  next.copyWithin(1, 0);
  next[0] = 0;
  const rows = new Uint32Array(chunk.length);
  const positions = new Uint32Array(chunk.length);
  for (let index = 0; index < chunk.length; index++) {
    const origin = origins[index] ?? 0;
    const position = next[origin] ?? 0;
    next[origin] = position + 1;
    positions[index] = position;
    rows[position] = (chunk[index] ?? 0) - (places.starts[origin] ?? 0);
  }
  return { rows, ends, positions };
}
