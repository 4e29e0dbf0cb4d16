import type { Duplex } from 'node:stream';
import type { Connection } from 'mysql2';

/** Ends a connection at once: mysql2 only says goodbye, and a server in the middle of a result would not hear it. */
export function destroyConnection(connection: Connection): void {
  connection.destroy();
  (connection as unknown as { readonly stream?: Duplex }).stream?.destroy();
}
