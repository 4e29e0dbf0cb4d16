import { EventEmitter } from 'node:events';
import type { Connection } from 'pg';
import { expect, test } from 'vitest';
import { RowReader } from './row-reader.ts';

/** The socket of a connection, as far as a reader uses it. */
class FakeSocket extends EventEmitter {
  cork(): void {}
  uncork(): void {}
  pause(): void {}
  resume(): void {}
}

function connectionOn(socket: FakeSocket): Connection {
  const ignore = (): void => {};
  const connection = { stream: socket, parse: ignore, bind: ignore, describe: ignore, execute: ignore, sync: ignore };
  return connection as unknown as Connection;
}

test('the driver gets its messages as the Buffers that its parser needs, wherever they are split', () => {
  const answer = Buffer.from([0x31, 0, 0, 0, 4, 0x32, 0, 0, 0, 4, 0x5a, 0, 0, 0, 5, 0x49]);
  for (let at = 1; at < answer.length; at += 1) {
    const socket = new FakeSocket();
    const received: unknown[] = [];
    socket.on('data', (message: unknown) => received.push(message));
    const reader = new RowReader({
      sql: 'SELECT 1',
      values: [],
      schema: { fields: [] },
      decoders: [],
      wireColumnCount: 1,
      size: { rowCount: 10, byteCount: 1_000 },
      checkColumns: () => {},
    });
    reader.submit(connectionOn(socket));
    socket.emit('data', answer.subarray(0, at));
    socket.emit('data', answer.subarray(at));
    expect(received.map((message) => Buffer.isBuffer(message))).toEqual([true, true, true]);
    expect(Buffer.concat(received as Buffer[])).toEqual(answer);
  }
});
