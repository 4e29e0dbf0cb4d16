import type { RecordBatch } from '@millrace/core';
import type { Connection, FieldDef, Submittable } from 'pg';
import { BatchDecoder, type BatchDecoderRequest } from './batch-decoder.ts';
import { MessageReader } from './message-reader.ts';
import { PIECE } from './recycling-socket.ts';

/** A statement whose rows are read as batches. */
export interface RowStatement extends Omit<BatchDecoderRequest, 'onBatch'> {
  readonly sql: string;
  /** Values in text form, in the order of the placeholders. */
  readonly values: readonly (string | Buffer | null)[];
  readonly wireColumnCount: number;
  /** Called with the server's description of the columns before the first row; throws when they are not those planned with. */
  readonly checkColumns: (fields: readonly FieldDef[]) => void;
}

/** Batches that wait for the reader before the socket is paused. */
const MAX_WAITING = 2;
/** Longest time that one turn of the event loop spends on rows. */
const SLICE_MS = 3;
const READY_FOR_QUERY = 0x5a;

type PgListener = (chunk: Uint8Array) => void;

/**
 * One statement of the extended protocol, with bound values and every column in binary form. While it runs it reads the connection's
 * socket in the driver's place, decodes rows where they arrive, and passes all other messages on to the driver.
 *
 * The rows of a binary result have the same layout as binary COPY and cost the same (measured), and unlike COPY the statement takes
 * parameters and the server says beforehand which types the columns have.
 */
export class RowReader implements Submittable {
  readonly #statement: RowStatement;
  readonly #waiting: RecordBatch[] = [];
  readonly #decoder: BatchDecoder;
  readonly #messages: MessageReader;
  #socket: Connection['stream'] | undefined;
  #listeners: PgListener[] = [];
  #failure: { readonly error: unknown } | undefined;
  #isComplete = false;
  #isReady = false;
  #isPaused = false;
  /** True once messages cannot be read any more; the connection is then closed by the session. */
  #isBroken = false;
  #sliceStart = 0;
  #wake: (() => void) | undefined;
  /** Bytes that the server sent, rows and messages. */
  byteCount = 0;

  constructor(statement: RowStatement) {
    this.#statement = statement;
    this.#decoder = new BatchDecoder({
      ...statement,
      onBatch: (batch) => {
        this.#waiting.push(batch);
      },
    });
    this.#messages = new MessageReader({
      decoder: this.#decoder,
      wireColumnCount: statement.wireColumnCount,
      onOther: (message) => this.#passOn(message),
    });
  }

  /** True once the server has finished the statement and the connection can serve the next one. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Called by the driver when the connection is free. */
  submit(connection: Connection): void {
    const socket = connection.stream;
    this.#socket = socket;
    this.#listeners = socket.listeners('data') as PgListener[];
    for (const listener of this.#listeners) socket.removeListener('data', listener);
    socket.on('data', this.#onData);
    socket.on(PIECE, this.#onData);
    const { sql, values } = this.#statement;
    socket.cork();
    connection.parse({ name: '', text: sql, types: [] }, true);
    connection.bind({ portal: '', statement: '', values: [...values], binary: true } as never, true);
    connection.describe({ type: 'P', name: '' }, true);
    connection.execute({ portal: '', rows: '' }, true);
    connection.sync();
    process.nextTick(() => socket.uncork());
  }

  /**
   * The next batch; undefined at the end of the rows.
   *
   * @throws whatever the server, the connection or a decoder reported, once the batches before it have been taken.
   */
  async next(): Promise<RecordBatch | undefined> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error;
      const batch = this.#waiting.shift();
      if (batch !== undefined) {
        if (this.#waiting.length < MAX_WAITING) this.#resume();
        return batch;
      }
      if (this.#isComplete && this.#isReady) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#resume();
      });
    }
  }

  /** Ends the reading with an error, the first one wins; nothing more is decoded. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#waiting.length = 0;
    this.#notify();
  }

  handleRowDescription({ fields }: { readonly fields: readonly FieldDef[] }): void {
    try {
      this.#statement.checkColumns(fields);
    } catch (error) {
      this.#isBroken = true;
      this.fail(error);
    }
  }

  handleCommandComplete(): void {
    this.#decoder.flush();
    this.#isComplete = true;
  }

  handleError(error: Error): void {
    this.fail(error);
  }

  handleReadyForQuery(): void {
    this.#isReady = true;
    this.#notify();
  }

  handleDataRow(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}

  readonly #onData = (chunk: Uint8Array): void => {
    if (this.#isBroken) return;
    this.byteCount += chunk.length;
    try {
      this.#messages.push(chunk);
    } catch (error) {
      this.#isBroken = true;
      this.fail(error);
    }
    if (this.#waiting.length > 0) this.#notify();
    if (this.#isReady) return;
    if (this.#waiting.length >= MAX_WAITING) this.#pause();
    else this.#yieldTurn();
  };

  /** Leaves the event loop to others between slices: libuv would otherwise hand over everything that the socket holds in one turn. */
  #yieldTurn(): void {
    const now = performance.now();
    if (this.#sliceStart === 0) {
      this.#sliceStart = now;
      setImmediate(() => {
        this.#sliceStart = 0;
      });
    } else if (now - this.#sliceStart > SLICE_MS) {
      this.#pause();
      setImmediate(() => {
        if (this.#waiting.length < MAX_WAITING) this.#resume();
      });
    }
  }

  #passOn(message: Uint8Array): void {
    if (message[0] === READY_FOR_QUERY) this.#detach();
    // The driver may keep it beyond this call, and calls methods that only a Buffer has.
    const bytes = Buffer.from(message);
    for (const listener of this.#listeners) listener(bytes);
  }

  /** Gives the socket back to the driver. */
  #detach(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#socket = undefined;
    socket.removeListener('data', this.#onData);
    socket.removeListener(PIECE, this.#onData);
    for (const listener of this.#listeners) socket.on('data', listener);
    this.#isReady = true;
    if (this.#isPaused) socket.resume();
    this.#notify();
  }

  #pause(): void {
    if (this.#isPaused || this.#socket === undefined) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  #resume(): void {
    if (!this.#isPaused || this.#socket === undefined) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
