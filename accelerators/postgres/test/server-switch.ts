import { connect, createServer, type Socket } from 'node:net';

/** Stands before a server, which it can cut off: a server that is down, and up again, at one address. */
export interface ServerSwitch extends AsyncDisposable {
  readonly port: number;
  /** Resets every connection, and takes no other one. */
  down(): void;
  up(): void;
}

/** Listens on a free loopback port and passes everything on to the server's, while it is up. */
export async function openServerSwitch(target: {
  readonly host: string;
  readonly port: number;
}): Promise<ServerSwitch> {
  let isUp = true;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    if (!isUp) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(target);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: address.port,
    down() {
      isUp = false;
      cut();
    },
    up() {
      isUp = true;
    },
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
