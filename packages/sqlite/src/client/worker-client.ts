import { Worker } from 'node:worker_threads';
import type { Query, SqliteValue, WorkerAnswer, WorkerRequest, WorkerSettings } from '../worker/protocol.ts';
import { SqliteFailure } from './sqlite-failure.ts';

/** How long a worker that was told to stop may take before it is ended by force. */
const STOP_GRACE_MS = 300;

interface Waiting {
  readonly resolve: (answer: WorkerAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/** One worker thread with one read-only connection. Requests are answered in order. */
export class WorkerClient {
  readonly #worker: Worker;
  readonly #stop: Int32Array = new Int32Array(new SharedArrayBuffer(4));
  readonly #waiting: Waiting[] = [];
  #lost: SqliteFailure | undefined;
  /** Device and inode of the file that the connection was opened on. */
  readonly fileIdentity: string;

  constructor(settings: Omit<WorkerSettings, 'stop'>, fileIdentity: string) {
    this.fileIdentity = fileIdentity;
    const workerData: WorkerSettings = { ...settings, stop: this.#stop };
    this.#worker = new Worker(new URL(import.meta.resolve('#sqlite-worker')), {
      workerData,
      execArgv: [],
      stderr: false,
    });
    this.#worker.on('message', (answer: WorkerAnswer) => {
      this.#waiting.shift()?.resolve(answer);
      this.#follow();
    });
    this.#worker.on('error', (error) => this.#lose(error.message));
    this.#worker.on('exit', (code) => this.#lose(`the worker ended with code ${code}`));
    this.#follow();
  }

  /** False once the thread has ended. */
  get isAlive(): boolean {
    return this.#lost === undefined;
  }

  /** @throws SqliteFailure for an answer that tells of a failure, and once the thread has ended. */
  async request(request: WorkerRequest): Promise<Exclude<WorkerAnswer, { readonly kind: 'failed' }>> {
    if (this.#lost) throw this.#lost;
    const answer = await new Promise<WorkerAnswer>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#follow();
      this.#worker.postMessage(request);
    });
    if (answer.kind === 'failed') throw new SqliteFailure(answer.failure);
    return answer;
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
    if (this.#lost) return false;
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
    this.#lose('the worker was ended');
    void this.#worker.terminate();
    return false;
  }

  /** Ends the thread, which closes its connection. Idempotent. */
  async close(): Promise<void> {
    if (await this.reset()) await this.#worker.terminate();
    this.#lose('the connector was closed');
  }

  /** An idle worker keeps no process alive. */
  #follow(): void {
    if (this.#waiting.length > 0) this.#worker.ref();
    else this.#worker.unref();
  }

  #lose(message: string): void {
    this.#lost ??= new SqliteFailure({ kind: 'lost', message });
    for (const { reject } of this.#waiting.splice(0)) reject(this.#lost);
    this.#worker.unref();
  }
}
