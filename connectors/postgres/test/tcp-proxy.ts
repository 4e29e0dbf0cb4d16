import { connect, createServer, type Socket } from 'node:net';

/** A proxy in front of a server that can reset its connections, or carry nothing for a while. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Resets every connection once it has carried so many bytes towards the client. */
  resetAfter(byteCount: number): void;
  /** Connections that it carries now. */
  readonly connectionCount: number;
  /** From here on it takes what comes and carries nothing, as a network does that loses everything. */
  freeze(): void;
  /** Pieces that it has taken and not carried. */
  readonly stuckCount: number;
  /** Carries what is stuck, and goes on. */
  thaw(): void;
}

/** Listens on a free loopback port and passes everything on to the server's. */
export async function openTcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  let limit = Number.POSITIVE_INFINITY;
  let isFrozen = false;
  let stuck: (() => void)[] = [];
  const pass = (carry: () => void): void => {
    if (isFrozen) stuck.push(carry);
    else carry();
  };
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
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
    let carried = 0;
    client.on('data', (chunk: Buffer) => pass(() => upstream.write(chunk)));
    upstream.on('data', (chunk: Buffer) => pass(() => carryBack(chunk)));
    const carryBack = (chunk: Buffer): void => {
      carried += chunk.length;
      if (carried > limit) {
        client.resetAndDestroy();
        upstream.destroy();
      } else if (!client.write(chunk)) {
        upstream.pause();
        client.once('drain', () => upstream.resume());
      }
    };
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return {
    port: address.port,
    resetAfter: (byteCount) => {
      limit = byteCount;
    },
    get connectionCount() {
      return sockets.size / 2;
    },
    freeze() {
      isFrozen = true;
    },
    get stuckCount() {
      return stuck.length;
    },
    thaw() {
      isFrozen = false;
      const pieces = stuck;
      stuck = [];
      for (const carry of pieces) carry();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
