import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { OutputClosed, writeChunks } from './write-chunks.ts';

it('makes the next chunk only when the one before was taken', async () => {
  let made = 0;
  let taken = 0;
  const slow = new Writable({
    write(_chunk, _encoding, done) {
      expect(made - taken).toBeLessThanOrEqual(1);
      taken += 1;
      void sleep(1).then(() => done());
    },
  });
  async function* chunks() {
    for (; made < 20; ) {
      made += 1;
      yield 'x'.repeat(100_000);
    }
  }
  await writeChunks(slow, chunks());
  expect(taken).toBe(20);
});

it('tells a reader that went away from a failure, and releases the source', async () => {
  const failing = (code: string) => {
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })) });
    return stream.on('error', () => {});
  };
  let released = 0;
  async function* endless() {
    try {
      for (;;) yield 'x';
    } finally {
      released += 1;
    }
  }
  await expect(writeChunks(failing('EPIPE'), endless())).rejects.toBeInstanceOf(OutputClosed);
  await expect(writeChunks(failing('ENOSPC'), endless())).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(released).toBe(2);
});
