import { cancelledError } from '@millrace/core';
import type { QueryStream } from '@millrace/duckdb';
import { anySignal, createLifetime } from '../lifetime.ts';

/** What goes on in an engine: none of it starts once the engine has been stopped, and stopping ends and awaits all of it. */
export class RunningWork {
  readonly #streams = new Set<QueryStream>();
  readonly #unsettled = new Set<Promise<void>>();
  readonly #lifetime: AbortController = createLifetime();

  /** Works until the given signal fires or the engine is stopped, and fails with that then. */
  async attend<T>(given: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const signal = anySignal(given ? [given, this.#lifetime.signal] : [this.#lifetime.signal]);
    if (signal.aborted) throw cancelledError('query', signal);
    const running = work(signal);
    this.await(running);
    try {
      return await running;
    } catch (error) {
      throw signal.aborted ? cancelledError('query', signal) : error;
    }
  }

  /** Lets something end in the background; stopping waits for it, however it ends. */
  await(work: Promise<unknown>): void {
    const settled = work.then(
      () => void this.#unsettled.delete(settled),
      () => void this.#unsettled.delete(settled),
    );
    this.#unsettled.add(settled);
  }

  /** A stream that is read from now on. */
  add(stream: QueryStream): void {
    this.#streams.add(stream);
  }

  /** A stream that holds nothing any more. */
  delete(stream: QueryStream): void {
    this.#streams.delete(stream);
  }

  async stop(): Promise<void> {
    this.#lifetime.abort();
    while (this.#streams.size > 0 || this.#unsettled.size > 0) {
      await Promise.allSettled([...this.#streams].map((stream) => stream.close()));
      await Promise.all(this.#unsettled);
    }
  }
}
