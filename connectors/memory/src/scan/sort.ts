import { type Breather, concatBatches, sliceBatch, takeRows } from '@millrace/arrow';
import type { RecordBatch, Schema } from '@millrace/core';
import type { KeyColumns, RowOrder } from './order.ts';

/** Rows of one sorted run, which is sorted in one go. */
const RUN_ROWS = 4096;
/** Rows of a sorted batch that the caller did not size. */
const OUTPUT_ROWS = 8192;

interface Run {
  readonly batch: RecordBatch;
  readonly keys: KeyColumns;
  next: number;
}

/** A row that has at least as many rows before it, itself included, as are wanted. */
interface Bound {
  readonly keys: KeyColumns;
  readonly row: number;
}

type IsBefore = (left: Run, right: Run) => boolean;

/**
 * Sorts a stream: sorts it in runs of 4,096 rows, then merges the runs through a heap while the result is pulled, so that no step
 * holds the event loop for long. With `keep`, no run keeps more rows than that, and rows behind the last of them are dropped unsorted,
 * which makes a top-N of it.
 */
export async function* sortRows(
  batches: AsyncIterable<RecordBatch>,
  request: {
    readonly schema: Schema;
    readonly order: RowOrder;
    /** How many rows are wanted from the front. */
    readonly keep: bigint | undefined;
    readonly maxRows: number | undefined;
    readonly breather: Breather;
  },
): AsyncGenerator<RecordBatch> {
  const { schema, order, breather } = request;
  const heap: Run[] = [];
  const isBefore: IsBefore = (left, right) => order.compare(left.keys, left.next, right.keys, right.next) < 0;
  const keep = request.keep !== undefined && request.keep < BigInt(RUN_ROWS) ? Number(request.keep) : RUN_ROWS;
  let bound: Bound | undefined;
  for await (const batch of batches) {
    for (let start = 0; start < batch.numRows; start += RUN_ROWS) {
      const part = sliceBatch(batch, start, Math.min(start + RUN_ROWS, batch.numRows));
      const run = createRun(part, order, keep, bound);
      if (run !== undefined) heap.push(run);
      if (run?.batch.numRows === keep && keep < RUN_ROWS) bound = { keys: run.keys, row: keep - 1 };
      await breather.breathe();
    }
  }
  for (let index = (heap.length >> 1) - 1; index >= 0; index--) sink(heap, index, isBefore);

  const size = Math.min(request.maxRows ?? OUTPUT_ROWS, OUTPUT_ROWS);
  while (heap.length > 0) {
    const picked = pickRows(heap, size, isBefore);
    yield { ...assemble(schema, picked), schema };
    await breather.breathe();
  }
}

/** Sorts rows, and keeps those that may be among the first `keep` of all: a row that is not before the bound has enough before it. */
function createRun(batch: RecordBatch, order: RowOrder, keep: number, bound: Bound | undefined): Run | undefined {
  const keys = order.readKeys(batch);
  const candidates = new Uint32Array(batch.numRows);
  let count = 0;
  for (let row = 0; row < batch.numRows; row++)
    if (bound === undefined || order.compare(keys, row, bound.keys, bound.row) < 0) candidates[count++] = row;
  const rows = candidates
    .subarray(0, count)
    .sort((left, right) => order.compare(keys, left, keys, right) || left - right)
    .subarray(0, keep);
  if (rows.length === 0) return undefined;
  return {
    batch: takeRows(batch, rows),
    keys: keys.map((values) => Array.from(rows, (row) => values[row]!)),
    next: 0,
  };
}

/** Takes the next rows off the runs, in order; each run gives a contiguous part. */
function pickRows(
  heap: Run[],
  size: number,
  isBefore: IsBefore,
): readonly { readonly run: Run; readonly row: number }[] {
  const picked: { readonly run: Run; readonly row: number }[] = [];
  while (heap.length > 0 && picked.length < size) {
    const run = heap[0]!;
    picked.push({ run, row: run.next++ });
    if (run.next === run.batch.numRows) {
      const last = heap.pop()!;
      if (last === run) continue;
      heap[0] = last;
    }
    sink(heap, 0, isBefore);
  }
  return picked;
}

/** Puts the parts of the runs behind each other and gathers them in their order. */
function assemble(schema: Schema, picked: readonly { readonly run: Run; readonly row: number }[]): RecordBatch {
  const parts = new Map<Run, { readonly first: number; count: number; base: number }>();
  for (const { run, row } of picked) {
    const part = parts.get(run);
    if (part === undefined) parts.set(run, { first: row, count: 1, base: 0 });
    else part.count += 1;
  }
  let base = 0;
  const slices: RecordBatch[] = [];
  for (const [run, part] of parts) {
    part.base = base;
    base += part.count;
    slices.push(sliceBatch(run.batch, part.first, part.first + part.count));
  }
  if (slices.length === 1) return slices[0]!;
  const rows = Uint32Array.from(picked, ({ run, row }) => {
    const part = parts.get(run)!;
    return part.base + row - part.first;
  });
  return takeRows(concatBatches(schema, slices), rows);
}

function sink(heap: Run[], start: number, isBefore: IsBefore): void {
  let index = start;
  for (;;) {
    let first = index;
    for (const child of [2 * index + 1, 2 * index + 2])
      if (child < heap.length && isBefore(heap[child]!, heap[first]!)) first = child;
    if (first === index) return;
    [heap[index], heap[first]] = [heap[first]!, heap[index]!];
    index = first;
  }
}
