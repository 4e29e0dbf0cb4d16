import type { WorkerFailure } from './protocol.ts';

/** Carries a {@link WorkerFailure} up to the worker's answer. */
export class FailureError extends Error {
  readonly failure: WorkerFailure;

  constructor(failure: WorkerFailure) {
    super(failure.kind);
    this.failure = failure;
  }
}

/** What an error of better-sqlite3, of the worker or of Node.js tells. */
export function toFailure(error: unknown): WorkerFailure {
  if (error instanceof FailureError) return error.failure;
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  if (typeof code === 'string' && code.startsWith('SQLITE_')) return { kind: 'sqlite', code, message: String(message) };
  return { kind: 'lost', message: String(message ?? error) };
}
