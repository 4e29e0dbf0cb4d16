import { connect } from 'node:net';

/** The backend whose statement is to be stopped, as it introduced itself at login. */
export interface CancelTarget {
  readonly host: string;
  readonly port: number;
  readonly processId: number;
  readonly secretKey: number;
}

const CANCEL_REQUEST = 80_877_102;
/** The server answers a request by closing the connection; it has signalled the backend by then. */
const WAIT_MS = 500;

/**
 * Asks the server to stop what a backend is doing. Never fails: whoever cancels also closes the backend's connection, so that the request
 * can meet nobody else's statement, and the closed connection ends the statement where the request did not arrive.
 *
 * Source: https://www.postgresql.org/docs/current/protocol-flow.html, "Canceling Requests in Progress".
 */
export function cancelStatement({ host, port, processId, secretKey }: CancelTarget): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (): void => {
      socket.destroy();
      resolve();
    };
    socket.setTimeout(WAIT_MS, end);
    socket.once('error', end);
    socket.once('close', end);
    socket.once('connect', () => {
      const request = Buffer.alloc(16);
      request.writeInt32BE(16, 0);
      request.writeInt32BE(CANCEL_REQUEST, 4);
      request.writeInt32BE(processId, 8);
      request.writeInt32BE(secretKey, 12);
      socket.write(request);
    });
  });
}
