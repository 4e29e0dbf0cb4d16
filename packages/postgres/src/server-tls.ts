import { connect } from 'node:net';
import type { ConnectionSettings } from './connection-settings.ts';

const SSL_REQUEST: Uint8Array = Uint8Array.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
const YES = 0x53;

/**
 * Asks the server whether it speaks TLS, on a connection of its own: the driver reports a refusal without a code, and `prefer` has to know
 * before it connects.
 *
 * @throws the socket's error, or one with the code `ETIMEDOUT`.
 */
export function serverSpeaksTls(
  { host, port, connectTimeoutMs }: ConnectionSettings,
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    const end = (settle: () => void): void => {
      socket.destroy();
      settle();
    };
    socket.setTimeout(connectTimeoutMs);
    socket.once('timeout', () => end(() => reject(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }))));
    socket.once('error', (error) => end(() => reject(error)));
    socket.once('end', () => end(() => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' }))));
    socket.once('data', (answer) => end(() => resolve(answer[0] === YES)));
    socket.once('connect', () => socket.write(SSL_REQUEST));
  });
}
