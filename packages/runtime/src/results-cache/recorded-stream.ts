import type { RecordBatch, Schema } from '@millrace/core';
import type { QueryStream } from '@millrace/duckdb';
import { BatchCopier } from './batch-copier.ts';

/** A whole result that was copied while it was read. */
export interface Recording {
  readonly batches: readonly RecordBatch[];
  readonly rowCount: number;
  readonly byteCount: number;
}

/** What a {@link RecordedStream} is made from. */
export interface RecordedStreamParts {
  readonly stream: QueryStream;
  /** Bytes above which nothing is recorded. */
  readonly maxBytes: number;
  /** Called at the end of a stream that delivered every row, if it was small enough. */
  readonly onComplete: (recording: Recording) => void;
}

/** Passes the batches of a query on and copies them, until they are all there or too many. */
export class RecordedStream implements QueryStream, AsyncIterableIterator<RecordBatch, undefined, undefined> {
  readonly schema: Schema;
  readonly #parts: RecordedStreamParts;
  readonly #iterator: AsyncIterator<RecordBatch>;
  readonly #copier = new BatchCopier();
  /** Undefined once nothing is recorded any more. */
  #batches: RecordBatch[] | undefined = [];
  #rowCount = 0;
  #byteCount = 0;

  constructor(parts: RecordedStreamParts) {
    this.schema = parts.stream.schema;
    this.#parts = parts;
    this.#iterator = parts.stream[Symbol.asyncIterator]();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<RecordBatch, undefined>> {
    const step = await this.#iterator.next();
    if (step.done !== true) {
      this.#record(step.value);
      return step;
    }
    const batches = this.#batches;
    this.#batches = undefined;
    if (batches) this.#parts.onComplete({ batches, rowCount: this.#rowCount, byteCount: this.#byteCount });
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#batches = undefined;
    await this.#iterator.return?.();
    return { done: true, value: undefined };
  }

  async close(): Promise<void> {
    this.#batches = undefined;
    await this.#parts.stream.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #record(batch: RecordBatch): void {
    if (!this.#batches) return;
    this.#byteCount += this.#copier.measure(batch);
    if (this.#byteCount > this.#parts.maxBytes) {
      this.#batches = undefined;
      return;
    }
    this.#batches.push(this.#copier.copy(batch));
    this.#rowCount += batch.numRows;
  }
}
