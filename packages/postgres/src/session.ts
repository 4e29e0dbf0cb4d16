import type { RecordBatch } from '@millrace/core';
import type pg from 'pg';
import { cancelStatement } from './cancel-statement.ts';
import { CopyStream } from './copy/copy-stream.ts';
import { RowReader, type RowStatement } from './wire/row-reader.ts';

/** The parts of the driver's client that its published types leave out. */
export interface DriverClient extends pg.ClientBase {
  readonly processID: number;
  readonly secretKey: number;
}

/** What a session gives back and to whom. */
export interface SessionRequest {
  readonly client: DriverClient;
  readonly host: string;
  readonly port: number;
  /** Takes the client back; `destroy` closes its connection. */
  readonly release: (fate: 'keep' | 'destroy') => void;
}

/** A connection that is checked out, for one user at a time. */
export class Session {
  readonly #request: SessionRequest;
  #isOver = false;
  #isCancelled = false;
  #loss: unknown;
  /** Rows of the last statement that the session began with. */
  begun: readonly object[] = [];
  #onLost: (() => void) | undefined;
  readonly #onError = (error: unknown): void => {
    this.#loss = error;
    this.#tellLoss();
  };

  constructor(request: SessionRequest) {
    this.#request = request;
    request.client.on('error', this.#onError);
  }

  /** Whether the connection broke while nobody waited for it, or while somebody did. */
  get isLost(): boolean {
    return this.#loss !== undefined;
  }

  /** Calls once when the connection is gone without an {@link end}: broken, or closed by {@link cancel}. */
  whenLost(listener: () => void): void {
    this.#onLost = listener;
    if (this.isLost) this.#tellLoss();
  }

  /** Whether the connection was given back or closed. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Runs work that uses the session. Where `signal` aborts meanwhile, what the connection does is stopped and the connection closed, which the work
   * sees as the loss of the connection.
   *
   * @throws the reason of a signal that has aborted before, and what the work throws.
   */
  async until<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    signal.throwIfAborted();
    const stop = (): void => void this.cancel();
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await work();
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Runs statements without values, and gives the rows of the last one. */
  async run<Row extends object>(sql: string): Promise<readonly Row[]> {
    const results: unknown = await this.#request.client.query(sql);
    const last = Array.isArray(results) ? results.at(-1) : results;
    return (last as pg.QueryResult<Row> | undefined)?.rows ?? [];
  }

  /** Runs one statement with values, and gives the count of rows that it changed. */
  async execute(sql: string, values: readonly unknown[]): Promise<number> {
    return (await this.#request.client.query(sql, [...values])).rowCount ?? 0;
  }

  /** Starts a `COPY … FROM STDIN (FORMAT binary)`; the session cannot be used otherwise until the stream has ended. */
  copyIn(sql: string): CopyStream {
    const stream = new CopyStream(sql);
    this.#request.client.query(stream);
    return stream;
  }

  /** Rows of a statement, as objects: for metadata. */
  async rows<Row extends object>(sql: string, values: readonly unknown[]): Promise<readonly Row[]> {
    return (await this.#request.client.query<Row>(sql, [...values])).rows;
  }

  /**
   * The rows of a statement as batches. Leaving the loop early stops the statement at the server and closes the connection; so does
   * `signal`. The session cannot be used while the loop runs.
   *
   * @throws the reason of `signal`, or what the server, connection or a decoder reported.
   */
  async *stream(
    statement: RowStatement,
    signal: AbortSignal,
    onBytes: (count: number) => void,
  ): AsyncGenerator<RecordBatch, void, undefined> {
    signal.throwIfAborted();
    const reader = new RowReader(statement);
    const abort = (): void => reader.fail(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    let isWhole = false;
    try {
      this.#request.client.query(reader);
      for (;;) {
        const batch = await reader.next();
        if (batch === undefined) break;
        yield batch;
      }
      isWhole = true;
    } finally {
      signal.removeEventListener('abort', abort);
      onBytes(reader.byteCount);
      if (!isWhole && !reader.isReady) await this.cancel();
    }
  }

  /** Stops whatever the connection is doing and closes it. */
  async cancel(): Promise<void> {
    if (this.#isOver) return;
    this.#isCancelled = true;
    const { host, port, client } = this.#request;
    if (this.#loss === undefined) {
      await cancelStatement({ host, port, processId: client.processID, secretKey: client.secretKey });
    }
    this.end('destroy');
    this.#tellLoss();
  }

  /** Gives the connection back. Idempotent. */
  end(fate: 'keep' | 'destroy'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { client, release } = this.#request;
    // A request to cancel that is on its way would meet the next user's statement.
    release(this.#loss === undefined && !this.#isCancelled ? fate : 'destroy');
    client.removeListener('error', this.#onError);
  }

  #tellLoss(): void {
    const listener = this.#onLost;
    this.#onLost = undefined;
    listener?.();
  }
}
