import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net';

/** Event with bytes that are valid during the call alone; whoever listens to it receives them in place of `data`. */
export const PIECE = 'piece';

/** What one read takes at most, in bytes. */
const BUFFER_BYTES = 128 * 1024;

/**
 * A TCP socket that reads into the same buffer again and again. An ordinary one leaves a buffer to the garbage collector with every
 * read, hundreds of megabytes in a large scan, and its collections hold the event loop up (measured: a delay of 10 to 15 ms at the
 * 99th percentile, against 3 to 6).
 */
export function createRecyclingSocket(): Socket {
  const reading: ConnectOpts & SocketConstructorOpts = {
    onread: {
      buffer: Buffer.allocUnsafeSlow(BUFFER_BYTES),
      callback(byteCount, buffer) {
        const bytes = buffer.subarray(0, byteCount);
        if (socket.listenerCount(PIECE) > 0) socket.emit(PIECE, bytes);
        else socket.emit('data', Buffer.from(bytes));
        return true;
      },
    },
  };
  const socket: Socket = new Socket(reading);
  return socket;
}
