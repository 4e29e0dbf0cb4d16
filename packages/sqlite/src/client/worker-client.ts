import type { Query, SqliteValue, WorkerAnswer, WorkerRequest, WorkerSettings } from '../worker/protocol.ts';
import { WorkerChannel } from './worker-channel.ts';
import { createWorkerPeer } from './worker-peer.ts';

/** How long a worker that was told to stop may take before it is ended by force. */
const STOP_GRACE_MS = 300;

/** One worker thread with one read-only connection. Requests are answered in order. */
export class WorkerClient {
  readonly #channel: WorkerChannel<WorkerRequest, WorkerAnswer>;
  readonly #stop: Int32Array = new Int32Array(new SharedArrayBuffer(4));
  /** Device and inode of the file that the connection was opened on. */
  readonly fileIdentity: string;

  constructor(settings: Pick<WorkerSettings, 'path' | 'busyTimeoutMs'>, fileIdentity: string) {
    this.fileIdentity = fileIdentity;
    this.#channel = new WorkerChannel(createWorkerPeer({ access: 'read', ...settings, stop: this.#stop }));
  }

  /** False once the thread has ended. */
  get isAlive(): boolean {
    return this.#channel.isAlive;
  }

  /** @throws SqliteFailure for an answer that tells of a failure, and once the thread has ended. */
  request(request: WorkerRequest): Promise<Exclude<WorkerAnswer, { readonly kind: 'failed' }>> {
    return this.#channel.request(request);
  }

  /** The rows of each query, all of them: for small results. */
  async rows(queries: readonly Query[]): Promise<readonly (readonly (readonly SqliteValue[])[])[]> {
    const answer = await this.request({ kind: 'rows', queries });
    return answer.kind === 'rows' ? answer.results : [];
  }

  /**
   * Makes the worker give up what it does and end its transaction. A statement that asks between rows stops at once; one that is deep in
   * SQLite (a view that sorts or groups) does not, and its thread is ended without waiting: it dies when SQLite returns.
   *
   * @returns whether the worker can be used again.
   */
  async reset(): Promise<boolean> {
    if (!this.isAlive) return false;
    Atomics.store(this.#stop, 0, 1);
    const closed = this.request({ kind: 'close' }).then(
      () => true,
      () => false,
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), STOP_GRACE_MS);
    });
    const outcome = await Promise.race([closed, late]);
    clearTimeout(timer);
    if (outcome === true) {
      Atomics.store(this.#stop, 0, 0);
      return true;
    }
    this.#channel.lose('the worker was ended');
    void this.#channel.terminate();
    return false;
  }

  /** Ends the thread, which closes its connection. Idempotent. */
  async close(): Promise<void> {
    if (await this.reset()) await this.#channel.terminate();
    this.#channel.lose('the connector was closed');
  }
}
