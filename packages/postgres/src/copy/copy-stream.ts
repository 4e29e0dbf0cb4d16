import { turnAgeMs } from '@millrace/arrow';
import type { Connection, Submittable } from 'pg';
import type { ColumnWriter, RowRange } from './column-writer.ts';
import { CopyEncoder, copyTrailer } from './copy-encoder.ts';

/** The parts of the driver's connection that its published types leave out. */
interface CopyConnection extends Connection {
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/** Pieces that wait for the server before the next one is encoded. */
const MAX_WAITING = 4;
/** How long a turn of the event loop may be at work, on encoding or anything else, before more is encoded. */
const SLICE_MS = 2;

/**
 * One `COPY … FROM STDIN (FORMAT binary)`: rows are encoded from the buffers of their columns and sent while the server takes them, in buffers that
 * are used again and again. A failure of the server or the connection ends everything that waits.
 */
export class CopyStream implements Submittable {
  readonly #sql: string;
  readonly #encoder: CopyEncoder = new CopyEncoder();
  readonly #free: Buffer[] = [];
  #connection: CopyConnection | undefined;
  #failure: { readonly error: unknown } | undefined;
  /** True once the server has answered, or will not any more. */
  #isOver = false;
  #waiting = 0;
  #hasRows = false;
  #wakes: (() => void)[] = [];
  #state: 'starting' | 'copying' | 'ended' = 'starting';

  constructor(sql: string) {
    this.#sql = sql;
  }

  /** Called by the driver when the connection is free. */
  submit(connection: Connection): void {
    this.#connection = connection as CopyConnection;
    connection.query(this.#sql);
  }

  /**
   * Encodes and sends rows; resolves when they are handed over, which the server may not have taken yet.
   *
   * @throws whatever the server or the connection reported since the last call; TypeError once it was given up.
   */
  async write(writers: readonly ColumnWriter[], { start, end }: RowRange): Promise<void> {
    await this.#until(() => this.#state !== 'starting');
    for (let row = start; row < end; ) {
      await this.#until(() => this.#waiting < MAX_WAITING);
      if (turnAgeMs() >= SLICE_MS) {
        await new Promise(setImmediate);
        this.#check();
      }
      if (this.#state !== 'copying') throw new TypeError('the copy was given up');
      const { buffer, byteCount, nextRow } = this.#encoder.encode(writers, { start: row, end }, this.#free.pop());
      row = nextRow;
      this.#hasRows = true;
      this.#send(buffer, byteCount);
    }
  }

  /** Ends the rows; resolves when the server has taken all of them. @throws as {@link write}. */
  async finish(): Promise<void> {
    await this.#until(() => this.#state !== 'starting');
    if (this.#state === 'copying') {
      this.#state = 'ended';
      this.#connection!.stream.write(copyTrailer(this.#hasRows ? 'some' : 'none'));
      this.#connection!.endCopyFrom();
    }
    await this.#until(() => this.#isOver);
  }

  /** Has the server forget the rows. Resolves when the connection can be used again, if it still can. */
  async discard(): Promise<void> {
    while (this.#state === 'starting' && !this.#isOver) await this.#change();
    if (this.#state === 'copying' && !this.#isOver) {
      this.#state = 'ended';
      this.#connection!.sendCopyFail('given up by the client');
      this.#wake();
    }
    while (!this.#isOver) await this.#change();
  }

  handleCopyInResponse(): void {
    if (this.#state === 'starting') this.#state = 'copying';
    this.#wake();
  }

  handleCommandComplete(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** What the server reports, or the connection when it breaks. */
  handleError(error: Error): void {
    this.#failure ??= { error };
    this.#isOver = true;
    this.#wake();
  }

  handleReadyForQuery(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}

  #send(buffer: Buffer, byteCount: number): void {
    this.#waiting += 1;
    this.#connection!.stream.write(buffer.subarray(0, byteCount), () => {
      this.#waiting -= 1;
      if (this.#free.length < MAX_WAITING) this.#free.push(buffer);
      this.#wake();
    });
  }

  async #until(condition: () => boolean): Promise<void> {
    this.#check();
    while (!condition()) {
      await this.#change();
      this.#check();
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakes.push(resolve);
    });
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #wake(): void {
    const wakes = this.#wakes;
    this.#wakes = [];
    for (const wake of wakes) wake();
  }
}
