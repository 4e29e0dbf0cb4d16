import { cancelledError, MillraceError, type RecordBatch, type Schema } from '@millrace/core';
import type { QueryStream } from '@millrace/duckdb';
import { BatchCopier } from './batch-copier.ts';
import type { CachedResult } from './cached-result.ts';

/** A result that is kept, as a stream like that of a query: every batch is a copy, which is the reader's own. */
export class ReplayedStream implements QueryStream, AsyncIterableIterator<RecordBatch, undefined, undefined> {
  readonly schema: Schema;
  readonly #signal: AbortSignal;
  readonly #copier = new BatchCopier();
  #batches: Iterator<RecordBatch> | undefined;
  #failure: MillraceError | undefined;

  constructor({ schema, batches }: CachedResult, signal: AbortSignal) {
    this.schema = schema;
    this.#batches = batches[Symbol.iterator]();
    this.#signal = signal;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<RecordBatch, undefined>> {
    if (this.#failure) throw this.#failure;
    if (this.#batches && this.#signal.aborted) throw this.#fail(cancelledError('query', this.#signal));
    const step = this.#batches?.next();
    if (step?.done === false) return { done: false, value: this.#copier.copy(step.value) };
    this.#batches = undefined;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#batches = undefined;
    return { done: true, value: undefined };
  }

  async close(): Promise<void> {
    if (!this.#batches) return;
    this.#fail(
      new MillraceError({ code: 'cancelled', component: 'query', message: 'the result was closed before its end' }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #fail(failure: MillraceError): MillraceError {
    this.#batches = undefined;
    this.#failure = failure;
    return failure;
  }
}
