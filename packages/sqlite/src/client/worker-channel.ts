import { type Transferable, Worker } from 'node:worker_threads';
import type { WorkerFailure, WorkerSettings } from '../worker/protocol.ts';
import type { WriterSettings } from '../worker/writer-protocol.ts';
import { SqliteFailure } from './sqlite-failure.ts';

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** Any answer: what it tells is in `kind`. */
type AnyAnswer = { readonly kind: string } | { readonly kind: 'failed'; readonly failure: WorkerFailure };

/** One worker thread whose requests are answered in order. */
export class WorkerChannel<Request, Answer extends AnyAnswer> {
  readonly #worker: Worker;
  readonly #waiting: Waiting<Answer>[] = [];
  #lost: SqliteFailure | undefined;

  constructor(workerData: WorkerSettings | WriterSettings) {
    this.#worker = new Worker(new URL(import.meta.resolve('#sqlite-worker')), {
      workerData,
      execArgv: [],
      stderr: false,
    });
    this.#worker.on('message', (answer: Answer) => {
      this.#waiting.shift()?.resolve(answer);
      this.#follow();
    });
    this.#worker.on('error', (error) => this.lose(error.message));
    this.#worker.on('exit', (code) => this.lose(`the worker ended with code ${code}`));
    this.#follow();
  }

  /** False once the thread has ended. */
  get isAlive(): boolean {
    return this.#lost === undefined;
  }

  /** @throws SqliteFailure for an answer that tells of a failure, and once the thread has ended. */
  async request(
    request: Request,
    transfer: readonly Transferable[] = [],
  ): Promise<Exclude<Answer, { readonly kind: 'failed' }>> {
    if (this.#lost) throw this.#lost;
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#follow();
      this.#worker.postMessage(request, transfer);
    });
    if ('failure' in answer) throw new SqliteFailure(answer.failure);
    return answer as Exclude<Answer, { readonly kind: 'failed' }>;
  }

  /** Ends the thread, which closes its connections. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  /** Fails what is asked, and what is going to be. */
  lose(message: string): void {
    this.#lost ??= new SqliteFailure({ kind: 'lost', message });
    for (const { reject } of this.#waiting.splice(0)) reject(this.#lost);
    this.#worker.unref();
  }

  /** An idle worker keeps no process alive. */
  #follow(): void {
    if (this.#waiting.length > 0) this.#worker.ref();
    else this.#worker.unref();
  }
}
