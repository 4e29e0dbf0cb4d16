import { cancelledError, MillraceError, type RecordBatch, type Schema } from '@millrace/core';
import type { QueryStream, StreamOutcome } from '@millrace/duckdb';

const COMPONENT = 'query engine';

/** What a stream gives out. */
export interface Answer {
  readonly schema: Schema;
  /** They become the reader's. */
  readonly batches: readonly RecordBatch[];
  readonly signal: AbortSignal | undefined;
  /** Called once, when nothing is given out any more. */
  readonly onClose: (outcome: StreamOutcome) => void;
}

/** A result that is there as a whole, as a stream like that of the engine. */
export class AnsweredStream implements QueryStream, AsyncIterableIterator<RecordBatch, undefined, undefined> {
  readonly schema: Schema;
  /** Let go once the stream has ended. */
  #answer: Answer | undefined;
  #place = 0;
  #failure: MillraceError | undefined;

  constructor(answer: Answer) {
    this.schema = answer.schema;
    this.#answer = answer;
    if (answer.signal?.aborted) this.#onAbort();
    else answer.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<RecordBatch, undefined>> {
    const batch = this.#answer?.batches[this.#place];
    if (batch !== undefined) {
      this.#place += 1;
      return { done: false, value: batch };
    }
    this.#end();
    if (this.#failure) throw this.#failure;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#end();
    return { done: true, value: undefined };
  }

  async close(): Promise<void> {
    this.#fail(
      new MillraceError({ code: 'cancelled', component: COMPONENT, message: 'the result was closed before its end' }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  readonly #onAbort = (): void => {
    this.#fail(cancelledError(COMPONENT, this.#answer?.signal));
  };

  #fail(failure: MillraceError): void {
    if (!this.#answer) return;
    this.#failure = failure;
    this.#end();
  }

  #end(): void {
    const answer = this.#answer;
    if (!answer) return;
    this.#answer = undefined;
    answer.signal?.removeEventListener('abort', this.#onAbort);
    answer.onClose(this.#place === answer.batches.length ? 'complete' : 'incomplete');
  }
}
