import type { WorkerFailure } from '../worker/protocol.ts';

/** A request that a worker answered with a failure; `classify-error.ts` turns it into what users see. */
export class SqliteFailure extends Error {
  readonly failure: WorkerFailure;

  constructor(failure: WorkerFailure) {
    super('message' in failure ? failure.message : failure.kind);
    this.failure = failure;
  }
}
