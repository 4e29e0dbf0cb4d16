import type { ColumnData, RecordBatch, Schema } from '@millrace/core';
import { type BatchSlice, checkWidth, ROW_GROUP_ROWS, type RunSource } from './batch-slice.ts';

/** Two row groups for each of the three threads that insert. */
const QUEUE_ROWS = 6 * ROW_GROUP_ROWS;

/** Rows of more than about 270 bytes fill the queue earlier. */
const QUEUE_BYTES = 3 << 26;

/** How long threads wait for rows that have not come yet, in milliseconds, before their statement ends. */
const MAX_WAIT_MS = 10;

interface WaitingRows {
  readonly slice: BatchSlice;
  readonly rowBytes: number;
}

/**
 * The rows of a load between the source that they are pulled from and the statements that insert them; nothing is copied, the slices
 * refer to the batches. The source is asked for no more while 737,280 rows or 192 MiB wait.
 */
export class LoadQueue {
  readonly #schema: Schema;
  readonly #waiting: WaitingRows[] = [];
  #rowCount = 0;
  #byteCount = 0;
  #failure: { readonly error: unknown } | undefined;
  #isEnded = false;
  #onArrival = (): void => undefined;
  #onRoom = (): void => undefined;
  /** Settles when the source is released; never rejects. */
  readonly #pulling: Promise<void>;

  constructor(schema: Schema, batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>) {
    this.#schema = schema;
    this.#pulling = this.#pull(batches);
  }

  /** Rows that wait. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /**
   * Waits until the queue is full or the source has ended, so that a statement has work for all its threads.
   *
   * @returns false when no rows are left.
   * @throws whatever the source threw, and MillraceError `schema_mismatch` for a batch with another number of columns.
   */
  async ready(): Promise<boolean> {
    for (;;) {
      if (this.#failure !== undefined) {
        throw this.#failure.error;
      }
      if (this.#isEnded || this.#isFull()) {
        return this.#rowCount > 0;
      }
      await new Promise<void>((resolve) => {
        this.#onArrival = resolve;
      });
    }
  }

  /**
   * The runs of one statement: whole row groups for as long as the source keeps up, and what is left when it ends. A statement that
   * goes on saves the wait of its threads for each other at its end.
   */
  runs(): RunSource {
    let waitingSince: number | undefined;
    let isOver = false;
    return {
      next: () => {
        const run = isOver ? undefined : this.#take();
        if (run !== undefined) {
          waitingSince = undefined;
          return run;
        }
        const now = performance.now();
        waitingSince ??= now;
        isOver ||= this.#isEnded || now - waitingSince >= MAX_WAIT_MS;
        return isOver ? undefined : 'later';
      },
    };
  }

  /** Asks the source for no more, and settles when it is released. */
  async close(): Promise<void> {
    this.#isEnded = true;
    this.#onRoom();
    await this.#pulling;
  }

  async #pull(batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>): Promise<void> {
    try {
      for await (const batch of batches) {
        this.#add(batch);
        while (this.#isFull() && !this.#isEnded) {
          await new Promise<void>((resolve) => {
            this.#onRoom = resolve;
          });
        }
        if (this.#isEnded) {
          return;
        }
      }
    } catch (error) {
      this.#failure = { error };
    } finally {
      this.#isEnded = true;
      this.#onArrival();
    }
  }

  #add(batch: RecordBatch): void {
    checkWidth(this.#schema, batch);
    if (batch.numRows === 0) {
      return;
    }
    const rowBytes = batchBytes(batch) / batch.numRows;
    this.#waiting.push({ slice: { batch, start: 0, end: batch.numRows }, rowBytes });
    this.#rowCount += batch.numRows;
    this.#byteCount += rowBytes * batch.numRows;
    if (this.#isFull()) {
      this.#onArrival();
    }
  }

  /** A row group, or what there is when the source has ended or no more fits; undefined when neither, or the source failed. */
  #take(): BatchSlice[] | undefined {
    const isWhole = this.#rowCount >= ROW_GROUP_ROWS || this.#isEnded || this.#isFull();
    if (!isWhole || this.#rowCount === 0 || this.#failure !== undefined) {
      return undefined;
    }
    const run: BatchSlice[] = [];
    for (let room = ROW_GROUP_ROWS, rows = this.#waiting.shift(); rows !== undefined; ) {
      const { slice, rowBytes } = rows;
      const end = Math.min(slice.end, slice.start + room);
      run.push({ ...slice, end });
      room -= end - slice.start;
      this.#rowCount -= end - slice.start;
      this.#byteCount -= rowBytes * (end - slice.start);
      if (end < slice.end) {
        this.#waiting.unshift({ slice: { ...slice, start: end }, rowBytes });
      }
      rows = room > 0 ? this.#waiting.shift() : undefined;
    }
    if (!this.#isFull()) {
      this.#onRoom();
    }
    return run;
  }

  #isFull(): boolean {
    return this.#rowCount >= QUEUE_ROWS || this.#byteCount >= QUEUE_BYTES;
  }
}

function batchBytes(batch: RecordBatch): number {
  return batch.data.children.reduce((total, column) => total + columnBytes(column), 0);
}

/** Roughly the bytes of a column's rows: of text the part that its offsets span, as slices share the whole. */
function columnBytes({ values, valueOffsets, length, children }: ColumnData): number {
  const span = valueOffsets === undefined ? 0 : Number(valueOffsets[length] ?? 0) - Number(valueOffsets[0] ?? 0);
  const own = valueOffsets === undefined ? (values?.byteLength ?? 0) : children.length === 0 ? span : length * 4;
  return children.reduce((total, child) => total + columnBytes(child), own);
}
