import { type Transferable, Worker } from 'node:worker_threads';
import type { WorkerSettings } from '../worker/protocol.ts';
import type { HostSettings, WriterSettings } from '../worker/writer-protocol.ts';

/** The other end of a channel, in a worker thread of its own or in one that several share. */
export interface WorkerPeer {
  post(message: unknown, transfer: readonly Transferable[]): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Told when nothing is answered any more, perhaps more than once. */
  onLost(listener: (reason: string) => void): void;
  /** Keeps the process alive. */
  ref(): void;
  unref(): void;
  end(): Promise<void>;
}

/** Starts a worker thread. */
export function startWorker(workerData: WorkerSettings | WriterSettings | HostSettings): Worker {
  return new Worker(new URL(import.meta.resolve('#sqlite-worker')), { workerData, execArgv: [], stderr: false });
}

/** A thread with one connection. */
export function createWorkerPeer(settings: WorkerSettings | WriterSettings): WorkerPeer {
  const worker = startWorker(settings);
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    onMessage: (listener) => void worker.on('message', listener),
    onLost: (listener) => {
      worker.on('error', (error) => listener(error.message));
      worker.on('exit', (code) => listener(`the worker ended with code ${code}`));
    },
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    end: async () => void (await worker.terminate()),
  };
}
