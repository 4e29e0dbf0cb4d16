import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import type { Connection } from 'mysql2';
import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { BorrowedSocket } from './borrowed-socket.ts';

const mysql2 = path.dirname(createRequire(import.meta.url).resolve('mysql2'));

function connectionWith(stream: unknown): Connection {
  return { stream } as unknown as Connection;
}

/** When this fails, read the connection of the new version against what borrowed-socket.ts relies on, and change the version here. */
test('mysql2 is the version whose socket is borrowed', () => {
  const installed = JSON.parse(readFileSync(path.join(mysql2, 'package.json'), 'utf8')) as { version: string };
  expect(manifest.dependencies.mysql2).toBe('3.24.6');
  expect(installed.version).toBe(manifest.dependencies.mysql2);
});

test('a connection of another make is refused with words', () => {
  for (const stream of [undefined, {}, new PassThrough()])
    expect(() => new BorrowedSocket(connectionWith(stream))).toThrow(
      expect.objectContaining({ code: 'internal', hint: expect.stringContaining('mysql2') }),
    );
});

test('data go to the borrower while the socket is borrowed, and back to the lender afterwards', async () => {
  const stream = new PassThrough();
  const lender: string[] = [];
  stream.on('data', (chunk: Buffer) => lender.push(chunk.toString()));
  const socket = new BorrowedSocket(connectionWith(stream));
  const arrived = socket.more();
  stream.write(Buffer.from([2, 0, 0, 1, 0x68, 0x69]));
  await arrived;
  expect(socket.reader.next()).toBe(true);
  expect(socket.reader.buffer.toString('latin1', socket.reader.start, socket.reader.end)).toBe('hi');
  expect(socket.receivedBytes).toBe(6);
  expect(socket.giveBack()).toBe('clean');
  stream.write('for mysql2');
  await new Promise(setImmediate);
  expect(lender).toEqual(['for mysql2']);
  expect(stream.listenerCount('data')).toBe(1);
});

test('reading ahead is bounded, and goes on when there is room', async () => {
  const stream = new PassThrough({ highWaterMark: 1 << 24 });
  stream.on('data', () => undefined);
  const socket = new BorrowedSocket(connectionWith(stream));
  const packet = Buffer.concat([Buffer.from([0, 0, 4, 0]), Buffer.alloc(1 << 18)]);
  for (let count = 0; count < 40; count++) stream.write(packet);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(socket.reader.pendingBytes).toBeLessThan(3 << 20);
  let read = 0;
  while (read < 40) {
    if (socket.reader.next()) read++;
    else await socket.more();
    socket.relieve();
  }
  expect(socket.reader.pendingBytes).toBe(0);
});

test('a lost connection wakes whoever waits, and makes the socket dirty', async () => {
  const stream = new PassThrough();
  stream.on('data', () => undefined);
  const socket = new BorrowedSocket(connectionWith(stream));
  const waiting = socket.more();
  stream.destroy();
  await expect(waiting).rejects.toMatchObject({ code: 'PROTOCOL_CONNECTION_LOST' });
  expect(socket.giveBack()).toBe('dirty');
});
