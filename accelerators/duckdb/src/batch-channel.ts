import { cancelledError, type RecordBatch } from '@millrace/core';

interface Offer {
  readonly batch: RecordBatch;
  readonly taken: () => void;
}

interface Demand {
  readonly resolve: (result: IteratorResult<RecordBatch, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

type End = { readonly kind: 'complete' } | { readonly kind: 'failed'; readonly error: unknown };

/**
 * Turns batches that are pushed into a stream that is pulled. A push resolves when its batch is taken, so that the slower
 * side sets the pace; it resolves as well once the stream has ended, whatever ended it. It is iterated once.
 */
export class BatchChannel implements AsyncIterableIterator<RecordBatch, undefined, undefined> {
  readonly #offers: Offer[] = [];
  readonly #demands: Demand[] = [];
  readonly #component: string;
  readonly #signal: AbortSignal;
  #end: End | undefined;

  constructor(component: string, signal: AbortSignal) {
    this.#component = component;
    this.#signal = signal;
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Whether the stream takes no more batches, whoever ended it. */
  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  push(batch: RecordBatch): Promise<void> {
    if (this.#end) return Promise.resolve();
    const demand = this.#demands.shift();
    if (demand) {
      demand.resolve({ done: false, value: batch });
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#offers.push({ batch, taken: resolve }));
  }

  /** Ends the stream after what has been pushed. */
  complete(): void {
    this.#finish({ kind: 'complete' });
  }

  /** Ends the stream at once with an error. */
  fail(error: unknown): void {
    this.#finish({ kind: 'failed', error });
  }

  next(): Promise<IteratorResult<RecordBatch, undefined>> {
    if (this.#end?.kind === 'failed') return Promise.reject(this.#end.error);
    const offer = this.#offers.shift();
    if (offer) {
      offer.taken();
      return Promise.resolve({ done: false, value: offer.batch });
    }
    if (this.#end) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.#demands.push({ resolve, reject }));
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.complete();
    this.#dropOffers();
    return { done: true, value: undefined };
  }

  #finish(end: End): void {
    if (this.#end) return;
    this.#end = end;
    this.#signal.removeEventListener('abort', this.#onAbort);
    if (end.kind === 'failed') this.#dropOffers();
    for (const demand of this.#demands.splice(0)) {
      if (end.kind === 'failed') demand.reject(end.error);
      else demand.resolve({ done: true, value: undefined });
    }
  }

  #dropOffers(): void {
    for (const offer of this.#offers.splice(0)) offer.taken();
  }

  #onAbort = (): void => this.fail(cancelledError(this.#component, this.#signal));
}
