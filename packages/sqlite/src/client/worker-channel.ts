import type { Transferable } from 'node:worker_threads';
import type { WorkerFailure } from '../worker/protocol.ts';
import { SqliteFailure } from './sqlite-failure.ts';
import type { WorkerPeer } from './worker-peer.ts';

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** Any answer: what it tells is in `kind`. */
type AnyAnswer = { readonly kind: string } | { readonly kind: 'failed'; readonly failure: WorkerFailure };

/** What answers requests in a worker thread, in their order. */
export class WorkerChannel<Request, Answer extends AnyAnswer> {
  readonly #peer: WorkerPeer;
  readonly #waiting: Waiting<Answer>[] = [];
  #lost: SqliteFailure | undefined;

  constructor(peer: WorkerPeer) {
    this.#peer = peer;
    peer.onMessage((answer) => {
      this.#waiting.shift()?.resolve(answer as Answer);
      this.#follow();
    });
    peer.onLost((reason) => this.lose(reason));
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
      this.#peer.post(request, transfer);
    });
    if ('failure' in answer) throw new SqliteFailure(answer.failure);
    return answer as Exclude<Answer, { readonly kind: 'failed' }>;
  }

  /** Ends the thread, which closes its connections; a thread that others use as well loses this user. */
  async terminate(): Promise<void> {
    await this.#peer.end();
  }

  /** Fails what is asked, and what is going to be. */
  lose(message: string): void {
    this.#lost ??= new SqliteFailure({ kind: 'lost', message });
    for (const { reject } of this.#waiting.splice(0)) reject(this.#lost);
    this.#peer.unref();
  }

  /** An idle worker keeps no process alive. */
  #follow(): void {
    if (this.#waiting.length > 0) this.#peer.ref();
    else this.#peer.unref();
  }
}
