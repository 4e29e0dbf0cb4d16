import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../src/index.ts';

/** Opens a file with bare node-api in a worker thread, tells, and holds it until it is told to end. */
const HOLDER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { DuckDBInstance } = require(workerData.nodeApi);
  DuckDBInstance.create(workerData.path).then((instance) => {
    parentPort.postMessage('open');
    parentPort.once('message', () => { instance.closeSync(); parentPort.close(); });
  });
`;

describe.skipIf(process.platform !== 'linux')(
  'a file that another thread of this process owns (seen on Linux only)',
  () => {
    it('is refused, and free again once that thread has closed it', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'millrace-threads-'));
      const path = join(folder, 'shared.duckdb');
      const worker = new Worker(HOLDER, {
        eval: true,
        workerData: { path, nodeApi: createRequire(import.meta.url).resolve('@duckdb/node-api') },
      });
      try {
        await new Promise((resolve) => worker.once('message', resolve));
        await expect(openDatabase({ path })).rejects.toMatchObject({ code: 'conflict' });
        await using other = await openDatabase({ path: ':memory:' });
        await expect(other.attach({ path, alias: 'a' })).rejects.toMatchObject({ code: 'conflict' });
        const ended = new Promise((resolve) => worker.once('exit', resolve));
        worker.postMessage('end');
        await ended;
        const database = await openDatabase({ path });
        await database.close();
        await (await openDatabase({ path })).close();
      } finally {
        await worker.terminate();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  },
);
