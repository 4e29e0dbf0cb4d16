import { cancelledError } from '@millrace/core';

/** Milliseconds of work after which the event loop gets a turn. */
const TURN_MS = 2;

/** Gives the event loop a turn between steps of a long computation, and ends it when it was cancelled. */
export interface Breather {
  /** Resolves at once while the turn lasts. @throws MillraceError `cancelled` once the signal aborts. */
  breathe(): Promise<void> | undefined;
}

/** Creates the breather of one computation. */
export function createBreather(component: string, signal: AbortSignal): Breather {
  let turnStart = performance.now();
  return {
    breathe() {
      if (signal.aborted) throw cancelledError(component, signal);
      if (performance.now() - turnStart < TURN_MS) return undefined;
      return new Promise((resolve, reject) => {
        setImmediate(() => {
          turnStart = performance.now();
          if (signal.aborted) reject(cancelledError(component, signal));
          else resolve();
        });
      });
    },
  };
}
