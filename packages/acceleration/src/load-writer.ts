import { type BatchWriter, cancelledError, type Json, type RecordBatch } from '@millrace/core';
import { createRefuse, type Origin, type Refuse } from './refuse.ts';

/** Where the rows of one writer go; made by the engine. */
export interface RowSink {
  /** Takes the rows of a batch; resolves when it can take more. Once the sink was discarded it may resolve as well: the writer refuses then. */
  write(batch: RecordBatch): Promise<void>;
  /** Called once, after the last write; resolves with the count of rows when all of them are where they belong. */
  finish(): Promise<bigint>;
  /** Called once, in the place of {@link finish}, maybe while a write runs: stops, and resolves when nothing uses the connection any more. */
  discard(reason?: unknown): Promise<void>;
}

/** What a writer needs beside its sink. */
export interface LoadWriterParts extends Origin {
  readonly signal: AbortSignal;
  /** Called once: with the count of rows, or with undefined when only a part of them may have been written. */
  readonly onEnd: (rowCount: bigint | undefined) => void;
}

/** The writer of a refresh: it takes batches until it ends, by `finish` or by being discarded. Its result is `{ rowCount }`, as text. */
export class LoadWriter implements BatchWriter {
  readonly #sink: RowSink;
  readonly #parts: LoadWriterParts;
  readonly #refuse: Refuse;
  #isEnded = false;
  #isDiscarded = false;

  constructor(sink: RowSink, parts: LoadWriterParts) {
    this.#sink = sink;
    this.#parts = parts;
    this.#refuse = createRefuse(parts);
  }

  async write(batch: RecordBatch): Promise<void> {
    this.#requireOpen();
    await this.#sink.write(batch);
    if (this.#isDiscarded) this.#requireOpen();
  }

  async finish(): Promise<Json> {
    this.#requireOpen();
    this.#isEnded = true;
    let rowCount: bigint | undefined;
    try {
      rowCount = await this.#sink.finish();
      return { rowCount: String(rowCount) };
    } finally {
      this.#parts.onEnd(rowCount);
    }
  }

  /** Stops the load, and waits until its connection is free. A no-op after `finish`. */
  async discard(reason?: unknown): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#isDiscarded = true;
    try {
      await this.#sink.discard(reason);
    } finally {
      this.#parts.onEnd(undefined);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.discard();
  }

  #requireOpen(): void {
    const { component, signal } = this.#parts;
    if (signal.aborted) throw cancelledError(component, signal);
    if (this.#isEnded) throw this.#refuse('invalid_state', 'the writer has ended', 'Open another one');
  }
}
