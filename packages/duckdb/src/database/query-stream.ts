import type { DuckDBConnection } from '@duckdb/node-api';
import duckdb, { type DataChunk, type Result } from '@duckdb/node-bindings';
import { turnAgeMs } from '@millrace/arrow';
import { cancelledError, isMillraceError, MillraceError, type RecordBatch, type Schema } from '@millrace/core';
import type { BatchReader } from '../reading/batch-reader.ts';
import { drainResult } from './drain-result.ts';
import type { QueryStream, StreamOutcome } from './duckdb-database.ts';
import { interruptUntilSettled } from './interrupt.ts';

/** Rows of one chunk at most. */
const CHUNK_ROWS = 2_048;
/** Rows of a batch unless asked otherwise: 16 chunks. */
const DEFAULT_BATCH_ROWS = 16 * CHUNK_ROWS;
/** A batch ends early once a column has so many bytes of text, far below Arrow's 2 GiB. */
const MAX_BATCH_BYTES = 64 * 1024 * 1024;
/** How long chunks may be copied, beside other work of a turn of the event loop, before the next turn, in milliseconds. */
const MAX_TURN_MS = 2;
/** Each batch may be so many times the one before, so that the first rows come at once. */
const GROWTH = 4;

/** What a stream is made from. */
export interface ResultStreamRequest {
  readonly connection: DuckDBConnection;
  readonly result: Result;
  readonly reader: BatchReader;
  readonly component: string;
  readonly signal: AbortSignal | undefined;
  readonly batchRowCount: number | undefined;
  /** Finds out why the query failed; DuckDB's stream does not say. */
  readonly diagnose: () => Promise<MillraceError>;
  /** Called once, when the result is drained. */
  readonly onClose: (outcome: StreamOutcome) => void;
}

type State =
  | { readonly kind: 'open' }
  | { readonly kind: 'ended' }
  /** Closed or failed: every later `next()` rejects with the error. */
  | { readonly kind: 'broken'; readonly error: MillraceError };

/**
 * Pulls the chunks of a streaming result.
 *
 * After its last chunk a failed or interrupted result looks like a complete one: `fetch_chunk` gives an empty chunk in each case.
 * What tells them apart is the result's return type, which is `INVALID` once the result holds an error (found for errors raised
 * midway, for interrupts between fetches, and for a second statement on the connection, which a probe of the transaction does not see).
 */
export class ResultStream implements QueryStream, AsyncIterableIterator<RecordBatch, undefined, undefined> {
  readonly schema: Schema;
  readonly #component: string;
  /** Let go once the result is drained, so that whoever keeps the stream, or an error with it in its stack, keeps no memory. */
  #source: ResultStreamRequest | undefined;
  readonly #maxRowCount: number;
  #targetRowCount: number;
  #state: State = { kind: 'open' };
  /** Settles when the last `next()` asked for has; calls wait for one another. */
  #tail: Promise<unknown> = Promise.resolve();
  #fetch: Promise<DataChunk | null> | undefined;
  #diagnosis: Promise<MillraceError> | undefined;
  #isDrained = false;
  #release: Promise<void> | undefined;

  constructor(request: ResultStreamRequest) {
    this.schema = request.reader.schema;
    this.#component = request.component;
    this.#source = request;
    this.#maxRowCount = Math.max(1, request.batchRowCount ?? DEFAULT_BATCH_ROWS);
    this.#targetRowCount = Math.min(CHUNK_ROWS, this.#maxRowCount);
    if (request.signal?.aborted) {
      this.#onAbort();
    }
    request.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<RecordBatch, undefined>> {
    const turn = this.#tail.then(() => this.#pull());
    this.#tail = turn.catch(() => {});
    return turn;
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    if (this.#state.kind === 'open') {
      this.#state = { kind: 'ended' };
    }
    await this.#releaseResult();
    return { done: true, value: undefined };
  }

  async close(): Promise<void> {
    this.#break(closedError(this.#component));
    await this.#releaseResult();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #pull(): Promise<IteratorResult<RecordBatch, undefined>> {
    if (this.#state.kind !== 'open') {
      return this.#outcome();
    }
    try {
      const batch = await this.#readBatch();
      if (this.#state.kind !== 'open') {
        return this.#outcome();
      }
      if (batch !== undefined) {
        return { done: false, value: batch };
      }
      this.#state = { kind: 'ended' };
    } catch (error) {
      this.#break(isMillraceError(error) ? error : unexpectedError(this.#component, error));
    }
    await this.#releaseResult();
    return this.#outcome();
  }

  /** What a stream that gives no more batches answers, once it holds nothing. */
  async #outcome(): Promise<IteratorReturnResult<undefined>> {
    await this.#releaseResult();
    if (this.#state.kind === 'broken') {
      throw this.#state.error;
    }
    return { done: true, value: undefined };
  }

  /** The next rows, or undefined when every row was delivered. */
  async #readBatch(): Promise<RecordBatch | undefined> {
    const source = this.#source;
    if (source === undefined) {
      return undefined;
    }
    const { reader } = source;
    while (!this.#isDrained && this.#hasRoom(reader)) {
      const chunk = await (this.#fetch ?? this.#startFetch(source));
      if (this.#state.kind !== 'open') {
        return undefined;
      }
      const rowCount = chunk === null ? 0 : duckdb.data_chunk_get_size(chunk);
      if (chunk === null || rowCount === 0) {
        this.#isDrained = true;
        await this.#checkComplete(source);
        break;
      }
      // DuckDB prepares the next chunk while this one is copied, but only where this batch needs it.
      if (reader.rowCount + rowCount < this.#targetRowCount) {
        this.#startFetch(source);
      }
      if (turnAgeMs() >= MAX_TURN_MS) {
        await new Promise(setImmediate);
        if (this.#state.kind !== 'open') {
          return undefined;
        }
      }
      reader.append(chunk);
    }
    return reader.rowCount === 0 ? undefined : this.#finishBatch(reader);
  }

  #hasRoom(reader: BatchReader): boolean {
    return reader.rowCount < this.#targetRowCount && reader.byteCount < MAX_BATCH_BYTES;
  }

  #finishBatch(reader: BatchReader): RecordBatch {
    this.#targetRowCount = Math.min(this.#targetRowCount * GROWTH, this.#maxRowCount);
    return reader.finish(this.#isDrained ? 0 : this.#targetRowCount);
  }

  /** @throws MillraceError why the rows are incomplete, if they are. */
  async #checkComplete({ result, diagnose }: ResultStreamRequest): Promise<void> {
    if (duckdb.result_return_type(result) === duckdb.ResultType.INVALID) {
      this.#diagnosis = diagnose();
      throw await this.#diagnosis;
    }
  }

  /** There is never more than one fetch of a result at a time: two would race in the engine. */
  #startFetch({ result }: ResultStreamRequest): Promise<DataChunk | null> {
    const fetch = duckdb.fetch_chunk(result);
    const done = () => {
      this.#fetch = undefined;
    };
    this.#fetch = fetch;
    fetch.then(done, done);
    return fetch;
  }

  #onAbort = (): void => {
    this.#break(cancelledError(this.#component, this.#source?.signal));
    void this.#releaseResult();
  };

  #break(error: MillraceError): void {
    if (this.#state.kind === 'open') {
      this.#state = { kind: 'broken', error };
    }
  }

  /** Stops the query if it still runs and fetches to its end: a result that is not drained leaks, and keeps its file open. */
  #releaseResult(): Promise<void> {
    this.#release ??= this.#drain();
    return this.#release;
  }

  async #drain(): Promise<void> {
    if (this.#source === undefined) {
      return;
    }
    const { connection, result, signal, onClose } = this.#source;
    const outcome = this.#isDrained && this.#diagnosis === undefined ? 'complete' : 'incomplete';
    signal?.removeEventListener('abort', this.#onAbort);
    try {
      if (this.#diagnosis !== undefined) {
        await interruptUntilSettled(connection, this.#diagnosis);
      }
      if (!this.#isDrained) {
        await drainResult(connection, result, this.#fetch);
        this.#isDrained = true;
      }
    } finally {
      this.#source = undefined;
      this.#fetch = undefined;
      onClose(outcome);
    }
  }
}

function closedError(component: string): MillraceError {
  return new MillraceError({ code: 'cancelled', component, message: 'the result was closed before its end' });
}

function unexpectedError(component: string, cause: unknown): MillraceError {
  return new MillraceError({ code: 'internal', component, message: 'reading the result failed', cause });
}
