import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net';

/** Event with a buffer that has to be given back by {@link RecyclingSocket.recycle}; whoever listens receives it in place of `data`. */
export const PIECE = 'piece';

/** What one read takes at most, in bytes. */
const BUFFER_BYTES = 64 * 1024;

/** Buffers that wait to be filled; more are left to the garbage collector. */
const MAX_FREE = 16;

/**
 * A TCP socket that reads into buffers which were given back. An ordinary one leaves a buffer to the garbage collector with every read,
 * hundreds of megabytes in a large scan, and its collections hold the event loop up.
 */
export class RecyclingSocket extends Socket {
  readonly #free: ArrayBufferLike[] = [];

  constructor() {
    const reading: ConnectOpts & SocketConstructorOpts = {
      onread: {
        buffer: () => new Uint8Array(this.#free.pop() ?? new ArrayBuffer(BUFFER_BYTES)),
        callback: (byteCount, { buffer }) => this.#hand(Buffer.from(buffer, 0, byteCount)),
      },
    };
    super(reading);
  }

  /** Takes the buffer of a {@link PIECE} back; its bytes are overwritten by a later read. */
  recycle(piece: Buffer): void {
    if (this.#free.length < MAX_FREE) this.#free.push(piece.buffer);
  }

  #hand(bytes: Buffer): boolean {
    if (this.listenerCount(PIECE) > 0) {
      this.emit(PIECE, bytes);
    } else {
      this.emit('data', Buffer.from(bytes));
      this.recycle(bytes);
    }
    return true;
  }
}
