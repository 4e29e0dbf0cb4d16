import type { Duplex } from 'node:stream';
import { MillraceError } from '@millrace/core';
import type { Connection } from 'mysql2';
import { PacketReader } from './packet-reader.ts';
import { PIECE, RecyclingSocket } from './recycling-socket.ts';

/** Bytes that may wait to be decoded; the socket is paused above, and read on below half of it. */
const READ_AHEAD_BYTES = 1 << 19;

/**
 * The socket of an idle mysql2 connection, taken over to speak the protocol on it, and given back afterwards.
 *
 * mysql2 connects, authenticates and secures; what a scan moves bypasses it, because it makes an object of every packet. What is relied
 * on of mysql2: `connection.stream` is the socket (a TLS socket when secured), read through `data` listeners; a command that
 * starts later starts with a sequence of its own; and no packet is expected while no command runs. `borrowed-socket.test.ts` and the tests against a server fail when a later version differs.
 */
export class BorrowedSocket {
  readonly #stream: Duplex;
  readonly #lent: readonly ((chunk: Buffer) => void)[];
  readonly #reader: PacketReader;
  #wake: (() => void) | undefined;
  #failure: Error | undefined;
  #isPaused = false;
  #isReturned = false;
  #received = 0;

  constructor(connection: Connection) {
    const stream = streamOf(connection);
    this.#stream = stream;
    this.#reader = new PacketReader(stream instanceof RecyclingSocket ? (chunk) => stream.recycle(chunk) : undefined);
    this.#lent = this.#stream.listeners('data') as ((chunk: Buffer) => void)[];
    this.#stream.on('data', this.#onData);
    this.#stream.on(PIECE, this.#onData);
    for (const listener of this.#lent) this.#stream.removeListener('data', listener);
    this.#stream.on('error', this.#onError);
    this.#stream.on('close', this.#onClose);
    this.#stream.on('end', this.#onClose);
    if (this.#stream.destroyed) this.#onClose();
  }

  /** The packets that have arrived. */
  get reader(): PacketReader {
    return this.#reader;
  }

  /** Bytes received since the socket was borrowed. */
  get receivedBytes(): number {
    return this.#received;
  }

  /** Sends a command, which starts a new sequence; payloads of 16 MiB and more go in several packets. */
  send(payload: Buffer): void {
    let sequence = 0;
    for (let start = 0; start <= payload.length; start += LONGEST_PAYLOAD) {
      const part = payload.subarray(start, start + LONGEST_PAYLOAD);
      const header = Buffer.from([part.length & 0xff, (part.length >> 8) & 0xff, part.length >> 16, sequence++ & 0xff]);
      this.#stream.write(header);
      this.#stream.write(part);
    }
  }

  /** Resolves when more bytes have arrived, or at once on {@link interrupt}; rejects when the connection is lost. */
  more(): Promise<void> {
    this.#readOn();
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) reject(this.#failure);
      else
        this.#wake = () => {
          this.#wake = undefined;
          if (this.#failure === undefined) resolve();
          else reject(this.#failure);
        };
    });
  }

  /** Wakes whoever waits in {@link more}. */
  interrupt(): void {
    this.#wake?.();
  }

  /** Lets the socket read on when enough has been decoded. */
  relieve(): void {
    if (this.#isPaused && this.#reader.pendingBytes < READ_AHEAD_BYTES / 2) this.#readOn();
  }

  /** Gives the socket back. The connection may be used again when it is whole and everything that was sent to it has been read. */
  giveBack(): 'clean' | 'dirty' {
    if (!this.#isReturned) {
      this.#isReturned = true;
      for (const listener of this.#lent) this.#stream.on('data', listener);
      this.#stream.removeListener('data', this.#onData);
      this.#stream.removeListener(PIECE, this.#onData);
      this.#stream.removeListener('error', this.#onError);
      this.#stream.removeListener('close', this.#onClose);
      this.#stream.removeListener('end', this.#onClose);
      this.#readOn();
    }
    return this.#failure === undefined && this.#reader.pendingBytes === 0 ? 'clean' : 'dirty';
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#received += chunk.length;
    this.#reader.push(chunk);
    if (!this.#isPaused && this.#reader.pendingBytes >= READ_AHEAD_BYTES) {
      this.#isPaused = true;
      this.#stream.pause();
    }
    this.#wake?.();
  };

  readonly #onError = (error: Error): void => {
    this.#failure ??= error;
    this.#wake?.();
  };

  readonly #onClose = (): void => {
    this.#onError(Object.assign(new Error('the server closed the connection'), { code: 'PROTOCOL_CONNECTION_LOST' }));
  };

  #readOn(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#stream.resume();
  }
}

const LONGEST_PAYLOAD = 0xff_ff_ff;

/** @throws MillraceError `internal` when the installed mysql2 is not the one that this connector was written for. */
function streamOf(connection: Connection): Duplex {
  const { stream } = connection as unknown as { readonly stream?: Partial<Duplex> };
  if (typeof stream?.on === 'function' && typeof stream.write === 'function' && typeof stream.pause === 'function') {
    const duplex = stream as Duplex;
    if (duplex.destroyed || duplex.listenerCount('data') === 1) return duplex;
  }
  throw new MillraceError({
    code: 'internal',
    component: 'mysql wire protocol',
    connector: 'mysql',
    message: 'a connection of the installed mysql2 does not have the socket that this connector expects',
    hint: 'Install the version of mysql2 that @millrace/connector-mysql depends on',
  });
}
