import { MessageChannel, type Worker } from 'node:worker_threads';
import type { HostedWriter, WriterSettings } from '../worker/writer-protocol.ts';
import { startWorker, type WorkerPeer } from './worker-peer.ts';

interface SharedThread {
  readonly worker: Worker;
  userCount: number;
}

/**
 * Threads that write to many databases, each of which has its own connection and transaction in one of them; what one database is asked
 * waits for what another one of its thread does at the moment. A thread ends with its last database.
 */
export class WriterThreads {
  readonly #maxCount: number;
  readonly #threads = new Set<SharedThread>();

  constructor(maxCount: number) {
    this.#maxCount = maxCount;
  }

  /** A writer in the thread that has the fewest. */
  open(settings: WriterSettings): WorkerPeer {
    const thread = this.#take();
    const { port1: port, port2 } = new MessageChannel();
    const hosted: HostedWriter = { port: port2, settings };
    thread.worker.postMessage(hosted, [port2]);
    let isEnded = false;
    return {
      post: (message, transfer) => port.postMessage(message, transfer),
      onMessage: (listener) => void port.on('message', listener),
      onLost: (listener) => void port.on('close', () => listener('the worker ended')),
      ref: () => port.ref(),
      unref: () => port.unref(),
      end: async () => {
        if (isEnded) return;
        isEnded = true;
        port.close();
        await this.#giveBack(thread);
      },
    };
  }

  #take(): SharedThread {
    const [first] = [...this.#threads].sort((left, right) => left.userCount - right.userCount);
    const found =
      first !== undefined && (first.userCount === 0 || this.#threads.size >= this.#maxCount) ? first : undefined;
    const thread = found ?? this.#start();
    thread.userCount += 1;
    return thread;
  }

  #start(): SharedThread {
    const thread: SharedThread = { worker: startWorker({ access: 'host' }), userCount: 0 };
    this.#threads.add(thread);
    // Its ports close with it, which tells its users; those to come get another one.
    thread.worker.on('error', () => this.#threads.delete(thread));
    thread.worker.on('exit', () => this.#threads.delete(thread));
    thread.worker.unref();
    return thread;
  }

  async #giveBack(thread: SharedThread): Promise<void> {
    thread.userCount -= 1;
    if (thread.userCount > 0) return;
    this.#threads.delete(thread);
    await thread.worker.terminate();
  }
}
