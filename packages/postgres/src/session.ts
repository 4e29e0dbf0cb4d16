import type { RecordBatch } from '@millrace/core';
import type pg from 'pg';
import { cancelStatement } from './cancel-statement.ts';
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
  #loss: unknown;
  readonly #onError = (error: unknown): void => {
    this.#loss = error;
  };

  constructor(request: SessionRequest) {
    this.#request = request;
    request.client.on('error', this.#onError);
  }

  /** Runs statements without values. */
  async run(sql: string): Promise<void> {
    await this.#request.client.query(sql);
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
    const { host, port, client } = this.#request;
    if (this.#loss === undefined) {
      await cancelStatement({ host, port, processId: client.processID, secretKey: client.secretKey });
    }
    this.end('destroy');
  }

  /** Gives the connection back. Idempotent. */
  end(fate: 'keep' | 'destroy'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { client, release } = this.#request;
    release(this.#loss === undefined ? fate : 'destroy');
    client.removeListener('error', this.#onError);
  }
}
